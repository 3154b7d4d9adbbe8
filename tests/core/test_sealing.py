import io

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from identity.core import outbox, sealing
from identity.core.models import OutboxMessage
from tests.core.keys import KEY_A, KEY_B, KEY_C

pytestmark = pytest.mark.core_suite


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_again_in_its_place(plain, place):
    assert sealing.open(sealing.seal(plain, bound_to=place), bound_to=place) == plain


def test_text_becomes_text():
    sealed = sealing.seal_text("pä55", bound_to="x")

    assert sealed.isascii()
    assert sealing.open_text(sealed, bound_to="x") == "pä55"


def test_half_a_surrogate_pair_seals_and_has_a_fingerprint():
    assert sealing.open_text(sealing.seal_text("\ud800", bound_to="\ud800"), bound_to="\ud800") == "\ud800"
    assert sealing.fingerprint("\ud800") != sealing.fingerprint("?")


def test_a_binary_column_may_come_as_memoryview():
    assert sealing.open(memoryview(sealing.seal(b"x", bound_to="y")), bound_to="y") == b"x"


def test_the_same_plain_text_never_seals_alike():
    assert sealing.seal(b"x", bound_to="") != sealing.seal(b"x", bound_to="")


def test_a_value_moved_elsewhere_stays_shut():
    sealed = sealing.seal(b"secret", bound_to="row:1")

    with pytest.raises(sealing.SealBroken):
        sealing.open(sealed, bound_to="row:2")


def test_one_changed_bit_breaks_the_seal_wherever_it_is():
    sealed = sealing.seal(b"secret", bound_to="x")

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(sealing.SealBroken):
            sealing.open(bytes(changed), bound_to="x")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 16, b"\x01" * 33])
def test_what_was_never_sealed_is_refused(sealed):
    with pytest.raises(sealing.SealBroken):
        sealing.open(sealed, bound_to="")


@pytest.mark.parametrize("sealed", ["", "?", "äö", "AAAA"])
def test_text_that_was_never_sealed_is_refused(sealed):
    with pytest.raises(sealing.SealBroken):
        sealing.open_text(sealed, bound_to="")


def test_the_first_key_seals_and_all_open(identity):
    identity(MASTER_KEYS=(KEY_A,))
    old = sealing.seal(b"x", bound_to="p")
    identity(MASTER_KEYS=(KEY_B, KEY_A))
    new = sealing.seal(b"y", bound_to="p")

    assert sealing.open(old, bound_to="p") == b"x"
    assert (sealing.is_current(old), sealing.is_current(new)) == (False, True)
    identity(MASTER_KEYS=(KEY_B,))
    assert sealing.open(new, bound_to="p") == b"y"
    with pytest.raises(sealing.SealBroken):
        sealing.open(old, bound_to="p")


def test_a_new_key_in_front_leaves_fingerprints_as_they_are(identity):
    identity(MASTER_KEYS=(KEY_A,))
    before = sealing.fingerprint("token")
    identity(MASTER_KEYS=(KEY_B, KEY_A))

    assert sealing.fingerprint("token") == before
    assert len(before) == 64
    identity(MASTER_KEYS=(KEY_B,))
    assert sealing.fingerprint("token") != before


@pytest.mark.parametrize("keys", [(), ("x",), ("c2hvcnQ=",)])
def test_without_a_good_key_nothing_is_sealed_or_opened(identity, keys):
    identity(MASTER_KEYS=keys)

    for deed in (sealing.seal, sealing.open):
        with pytest.raises(ImproperlyConfigured, match="MASTER_KEYS"):
            deed(b"\x01" * 60, bound_to="")


class OwnProvider:
    def master_keys(self):
        return [b"k" * 32]


def test_keys_may_come_from_elsewhere(identity):
    identity(MASTER_KEYS=(), KEY_PROVIDER=f"{__name__}.OwnProvider")

    assert sealing.open(sealing.seal(b"x", bound_to=""), bound_to="") == b"x"


@pytest.mark.django_db
def test_reseal_moves_everything_to_the_first_key(identity):
    identity(MASTER_KEYS=(KEY_A,))
    outbox.put("email", {"n": 1})
    first = OutboxMessage.objects.get()
    identity(MASTER_KEYS=(KEY_B, KEY_A))
    outbox.put("email", {"n": 2})
    kept = bytes(OutboxMessage.objects.exclude(pk=first.pk).get().sealed_content)
    output = io.StringIO()

    call_command("reseal", "--dry-run", stdout=io.StringIO())
    assert not all(sealing.is_current(row.sealed_content) for row in OutboxMessage.objects.all())
    call_command("reseal", stdout=output)

    assert "identity_core.OutboxMessage.sealed_content: 1 sealed again" in output.getvalue()
    identity(MASTER_KEYS=(KEY_B,))
    for row in OutboxMessage.objects.all():
        assert b'"n"' in sealing.open(row.sealed_content, bound_to=row.sealed_for)
    assert kept in [bytes(row.sealed_content) for row in OutboxMessage.objects.all()]


@pytest.mark.django_db
def test_reseal_leaves_what_no_key_opens(identity):
    identity(MASTER_KEYS=(KEY_C,))
    outbox.put("email", {"n": 1})
    before = bytes(OutboxMessage.objects.get().sealed_content)
    identity(MASTER_KEYS=(KEY_B,))
    output = io.StringIO()

    with pytest.raises(CommandError, match="1 values open with no key"):
        call_command("reseal", stdout=output)

    assert "1 not to be opened" in output.getvalue()
    assert bytes(OutboxMessage.objects.get().sealed_content) == before


def test_a_json_column_is_sealed_again_entry_by_entry(identity):
    identity(MASTER_KEYS=(KEY_A,))
    entries = [{"id": "1", "sealed": sealing.seal_text("s", bound_to="c")}]
    row = OutboxMessage(last_error=entries)
    column = sealing.Column(OutboxMessage, "last_error", lambda _: "c", member="sealed")

    assert sealing.resealed(column, row) is None
    identity(MASTER_KEYS=(KEY_B, KEY_A))
    again = sealing.resealed(column, row)

    assert again[0]["id"] == "1"
    identity(MASTER_KEYS=(KEY_B,))
    assert sealing.open_text(again[0]["sealed"], bound_to="c") == "s"
