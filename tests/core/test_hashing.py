import multiprocessing
import threading

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from identity.core import hashing
from tests.races import PATIENCE

pytestmark = pytest.mark.core_suite


def test_a_password_verifies_and_another_does_not():
    encoded = hashing.hash_password("correct horse")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashing.verify_password("correct horse", encoded)
    assert not hashing.verify_password("wrong horse", encoded)
    assert not hashing.needs_upgrade(encoded)


def test_any_text_is_a_password():
    for text in ("", "pä55wörd 🗝", "half a pair \ud800", "zero\0"):
        assert hashing.verify_password(text, hashing.hash_password(text))


def test_two_hashes_of_one_password_differ():
    assert hashing.hash_password("x") != hashing.hash_password("x")


def test_hashes_of_other_costs_or_algorithms_are_due_for_upgrade(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    cheap = hashing.Argon2Hasher()
    cheap.memory_cost = 1024
    foreign = PBKDF2PasswordHasher().encode("pw", "salt", iterations=10)

    assert hashing.needs_upgrade(cheap.encode("pw", "saltsaltsalt"))
    assert hashing.needs_upgrade(foreign)
    assert hashing.verify_password("pw", foreign)
    assert not hashing.verify_password("px", foreign)


@pytest.mark.parametrize("encoded", ["", "!", "md4$x", "argon2$argon2id$broken"])
def test_a_damaged_hash_fits_no_password(encoded):
    assert not hashing.verify_password("", encoded)


def test_many_threads_hash_in_one(monkeypatch):
    names = set()
    encode = hashing._hasher.encode
    monkeypatch.setattr(
        hashing._hasher, "encode", lambda *a: names.add(threading.current_thread().name) or encode(*a)
    )
    threads = [threading.Thread(target=hashing.burn, args=("x",)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names == {"password-hashing_0"}


def _hash_in_child(answers):
    answers.put(hashing.verify_password("x", hashing.hash_password("x")))


def test_a_forked_child_hashes_too():
    hashing.burn("start the parent's thread first")
    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    child = context.Process(target=_hash_in_child, args=(answers,))
    child.start()
    child.join(20)

    assert child.exitcode == 0
    assert answers.get(timeout=PATIENCE) is True
