"""Password hashes: Argon2id, in one dedicated thread a process.

One thread, because eight hashing at once take 19 MiB each and every core from the threads that answer quick
requests; in a row each hash is even faster. Argon2 itself runs without the interpreter's lock.
"""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2.low_level import ARGON2_VERSION
from django.contrib.auth.hashers import Argon2PasswordHasher, BasePasswordHasher, identify_hasher

from identity.core import ids

log = logging.getLogger("identity.hashing")

Answer = TypeVar("Answer")


class Argon2Hasher(Argon2PasswordHasher):
    """Django's hasher at OWASP's first choice: 19 MiB, two passes, one lane."""

    memory_cost = 19456
    time_cost = 2
    parallelism = 1


_hasher = Argon2Hasher()
_CURRENT = f"argon2$argon2id$v={ARGON2_VERSION}$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}$"
_thread: ThreadPoolExecutor | None = None


def hash_password(text: str) -> str:
    """A new salted hash in Django's form, ``argon2$argon2id$…``."""
    return _in_thread(lambda: _hasher.encode(_encodable(text), ids.letters(22, ids.ALNUM)))


def verify_password(text: str, encoded: str) -> bool:
    """Whether ``text`` is the password. Also knows the other hashers of ``PASSWORD_HASHERS`` (imported users)."""
    hasher = _find_hasher(encoded)
    return hasher is not None and _in_thread(lambda: bool(hasher.verify(_encodable(text), encoded)))


def needs_upgrade(encoded: str) -> bool:
    """Whether a hash is of another algorithm or other costs than new ones: hash again on sign-in."""
    return not encoded.startswith(_CURRENT)


def burn(text: str) -> None:
    """Take the time of a verification, for a user who isn't there: the answer's time must not tell."""
    hash_password(text)


def _encodable(text: str) -> str:
    """JSON can carry half a surrogate pair, UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode()


def _is_ours(encoded: str) -> bool:
    return encoded.startswith(f"{_hasher.algorithm}$")


def _find_hasher(encoded: str) -> BasePasswordHasher | None:
    if _is_ours(encoded):
        return _hasher
    try:
        return identify_hasher(encoded)
    except ValueError:
        log.warning("a stored password hash is of no known algorithm")
        return None


def _in_thread(work: Callable[[], Answer]) -> Answer:
    global _thread
    if _thread is None:
        # Two first callers may both make one; the loser's thread ends unused. Not worth a lock on every hash.
        _thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password-hashing")
    return _thread.submit(work).result()


def _forget_thread() -> None:
    global _thread
    _thread = None


# Threads do not survive a fork: a child starts its own.
os.register_at_fork(after_in_child=_forget_thread)
