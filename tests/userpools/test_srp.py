"""The server's half of SRP against the worked vector, the published client and hostile values."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP

from identity.userpools import srp

POOL_NAME = "AbCdEfGhI"
USER = "34c84488-e0e1-70ae-d2ee-991ad1a898c8"
PASSWORD = "Passw0rd!"
SALT = "c0ffee" + "0" * 26
PRIVATE_A = int("11" * 32, 16)
PRIVATE_B = int("22" * 32, 16)
PROOF = srp.Proof(POOL_NAME, USER, "c2VjcmV0LWJsb2NrLWJ5dGVz", "Sun Jul 5 09:08:07 UTC 2026")


def sha(number: int) -> str:
    return hashlib.sha256(srp.pad(number)).hexdigest()


def verifier(password: str = PASSWORD, salt: str = SALT) -> bytes:
    return pow(srp.G, srp.private_exponent(salt, POOL_NAME, USER, password), srp.N).to_bytes(384, "big")


def test_constants_are_the_published_ones():
    assert srp.N.bit_length() == 3072
    assert f"{srp.K:x}" == "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"


@pytest.mark.parametrize(
    ("number", "padded"),
    [(0, "00"), (1, "01"), (0x7F, "7f"), (0x80, "0080"), (0xFF00, "00ff00"), (0x1234, "1234")],
)
def test_pad_is_the_twos_complement_form(number, padded):
    assert srp.pad(number).hex() == padded


def test_worked_vector():
    x = srp.private_exponent(SALT, POOL_NAME, USER, PASSWORD)
    public_a = pow(srp.G, PRIVATE_A, srp.N)
    server = srp.ephemeral(verifier(), PRIVATE_B)
    key = srp.session_key(verifier(), public_a, server)

    assert f"{x:x}" == "15d3e9f37eaa0114b700a02cbf515ddd1dcc55772040c65c3595d5bfb068e9af"
    assert sha(public_a) == "fb177c2f8a148859028b890ea60616525a0b01fee86908d6b72f135787965310"
    assert sha(server.public) == "28d2bfa9c4f105877423c5787375deb52c9fdf09cd7de5ed487be74c9104b74b"
    assert key.hex() == "914a438eb0ba6da5da72d0a95a3c3a39"
    assert srp.signature(key, PROOF) == "5HBlzPoJ/3g4bHWr4mrv+knTmfIH81tjAJpoCPWyJ4Q="
    assert srp.is_signed(key, PROOF, "5HBlzPoJ/3g4bHWr4mrv+knTmfIH81tjAJpoCPWyJ4Q=")


@settings(max_examples=15)
@given(password=st.text(min_size=1, max_size=40), wrong=st.booleans())
def test_the_published_client_agrees(password, wrong):
    client = AWSSRP("ana", password, "us-east-1_" + POOL_NAME, "client", client=object())
    salt, stored = srp.make(POOL_NAME, "ana", password + ("x" if wrong else ""))
    server = srp.ephemeral(stored)
    key = srp.session_key(stored, client.large_a_value, server)

    theirs = client.get_password_authentication_key("ana", password, server.public, salt)

    assert (theirs == key) is not wrong


def test_a_salt_never_begins_with_zero():
    salts = [srp.make(POOL_NAME, "ana", "x")[0] for _ in range(64)]
    assert all(len(salt) == 32 and salt[0] != "0" for salt in salts)
    assert len(set(salts)) == 64


@pytest.mark.parametrize("multiple", [0, 1, 2])
def test_a_public_value_that_fixes_the_key_is_refused(multiple):
    with pytest.raises(srp.SrpError):
        srp.parse_public(f"{multiple * srp.N:x}")
    with pytest.raises(srp.SrpError):
        srp.session_key(verifier(), multiple * srp.N, srp.ephemeral(verifier(), PRIVATE_B))


def test_u_of_zero_is_refused():
    with pytest.raises(srp.SrpError, match="u is 0"):
        srp.derive(verifier(), 5, PRIVATE_B, 0)


@pytest.mark.parametrize("text", ["", "0x11", "-1", " 11", "11\n", "g", "١", "f" * 1025])
def test_only_hex_is_a_number(text):
    with pytest.raises(srp.SrpError):
        srp.parse_number(text)


def test_a_secret_block_that_is_not_base64_is_refused():
    with pytest.raises(srp.SrpError):
        srp.signature(b"k" * 16, srp.Proof(POOL_NAME, USER, "!!", PROOF.timestamp))


def test_a_hostile_signature_is_merely_wrong():
    assert not srp.is_signed(b"k" * 16, PROOF, "ünicode")


def test_timestamp_in_english():
    assert srp.parse_timestamp("Sun Jul 5 09:08:07 UTC 2026") == datetime(2026, 7, 5, 9, 8, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun Jul 05 09:08:07 UTC 2026",  # padded day
        "Sun Jul  5 09:08:07 UTC 2026",  # doubled space
        "Mon Jul 5 09:08:07 UTC 2026",  # wrong weekday
        "So Juli 5 09:08:07 UTC 2026",  # another language
        "Sun Jul 5 9:08:07 UTC 2026",
        "Sun Jul 5 24:08:07 UTC 2026",
        "Sun Jul 5 09:08:60 UTC 2026",
        "Sun Jul 5 09:08:07 GMT 2026",
        "Sun Jul 5 09:08:07 UTC 26",
        "Sun Jul ٥ 09:08:07 UTC 2026",
        "Sun Feb 30 09:08:07 UTC 2026",
        "Sun Jul 5 09:08:07 UTC 0000",
        "Sun Jul 5 09:08:07 UTC 2026\n",
        "",
    ],
)
def test_other_timestamps_are_refused(text):
    with pytest.raises(srp.SrpError):
        srp.parse_timestamp(text)
    assert not srp.is_timely(text, datetime(2026, 7, 5, 9, 8, 7, tzinfo=UTC))


def test_a_timestamp_holds_five_minutes_each_way():
    at = datetime(2026, 7, 5, 9, 8, 7, tzinfo=UTC)
    for distance in (timedelta(minutes=5), -timedelta(minutes=5)):
        assert srp.is_timely(PROOF.timestamp, at + distance)
        assert not srp.is_timely(PROOF.timestamp, at + distance * 1.01)


def test_a_simulated_user_is_stable_and_looks_real():
    seed = hashlib.sha256(b"seed").hexdigest()
    salt, stored = srp.simulate(seed)

    assert (salt, stored) == srp.simulate(seed)
    assert srp.simulate("0" + seed[1:])[0][0] == "1"
    assert len(salt) == 32
    assert len(stored) == 384
    assert srp.ephemeral(stored).public != srp.ephemeral(stored).public


def test_no_private_number_shows_in_a_repr():
    assert "22" not in repr(srp.Ephemeral(0x22, 0x33))
