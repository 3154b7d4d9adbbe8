"""SRP-6a as Cognito deploys it: the server's half. Pure numbers and hashes; the caller keeps the state.

Group of 3072 bits (RFC 5054, appendix A), g = 2, SHA-256. Integers are hashed in the two's-complement
byte form of a positive big integer (``pad``), which is what the published clients do.
Source: RFC 5054; Cognito's published clients (amazon-cognito-identity-js, pycognito).
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import gmpy2  # type: ignore[import-untyped]

from identity.core import ids

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2
EPHEMERAL_BYTES = 32
SALT_BYTES = 16
VERIFIER_BYTES = 384
CLOCK_TOLERANCE = timedelta(minutes=5)

_INFO = b"Caldera Derived Key\x01"
_HEX = re.compile(r"[0-9a-fA-F]{1,1024}\Z", re.ASCII)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMESTAMP = re.compile(
    rf"({'|'.join(_DAYS)}) ({'|'.join(_MONTHS)}) ([1-9]|[12][0-9]|3[01])"
    r" ([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]) UTC ([0-9]{4})\Z",
    re.ASCII,
)


class SrpError(ValueError):
    """A value from the client that the protocol refuses."""


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """The server's pair of one sign-in; ``private`` must not leave sealed storage."""

    private: int
    public: int

    def __repr__(self) -> str:
        return "Ephemeral(…)"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a client signs: its key with the server over who, the secret block and when (text as sent)."""

    pool_name: str
    user_id: str
    secret_block: str
    timestamp: str


def pad(number: int) -> bytes:
    """Bytes of a non-negative number, with a zero byte before a first bit of one (zero is one byte)."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


K = _hash(pad(N), pad(G))


def _power(base: int, exponent: int) -> int:
    """``base ** exponent mod N`` without the interpreter's lock, so other threads run meanwhile."""
    with gmpy2.context(gmpy2.get_context(), allow_release_gil=True):
        return int(gmpy2.powmod(base, exponent, N))


def parse_number(text: str) -> int:
    """A number sent as hex. Raises ``SrpError`` for anything else."""
    if not _HEX.match(text):
        raise SrpError("not a hexadecimal number")
    return int(text, 16)


def parse_public(text: str) -> int:
    """The client's A. Raises ``SrpError`` where A mod N is 0, which would fix the key whatever the password."""
    number = parse_number(text)
    if number % N == 0:
        raise SrpError("A is a multiple of N")
    return number


def make(pool_name: str, username: str, password: str) -> tuple[str, bytes]:
    """Salt (32 lower-case hex digits) and verifier (384 bytes) of a password.

    The salt's first digit is never 0: some clients drop leading zeros and others don't, and then
    they would compute different keys. ``username`` is the stored one, never an alias.
    """
    salt = ids.random_bytes(SALT_BYTES).hex()
    while salt[0] == "0":
        salt = ids.random_bytes(SALT_BYTES).hex()
    exponent = private_exponent(salt, pool_name, username, password)
    return salt, _power(G, exponent).to_bytes(VERIFIER_BYTES, "big")


def private_exponent(salt: str, pool_name: str, username: str, password: str) -> int:
    """x of the formulas."""
    identity = hashlib.sha256(f"{pool_name}{username}:{password}".encode()).digest()
    return _hash(pad(int(salt, 16)), identity)


def simulate(seed: str) -> tuple[str, bytes]:
    """Salt and verifier of a user who isn't there: always the same for a seed, and costing no power.

    ``seed`` is 64 hex digits of a keyed hash of pool and name. Nobody can tell the verifier from a real
    one: it only ever shows as a summand of B, under a random power.
    """
    salt = seed[:32] if seed[0] != "0" else f"1{seed[1:32]}"
    blocks = VERIFIER_BYTES // hashlib.sha256().digest_size
    stretched = b"".join(hashlib.sha256(f"{seed}{n}".encode()).digest() for n in range(blocks))
    return salt, (int.from_bytes(stretched, "big") % N).to_bytes(VERIFIER_BYTES, "big")


def ephemeral(verifier: bytes, private: int | None = None) -> Ephemeral:
    """The server's pair: b of 256 random bits and B = k·v + g^b. ``private`` is given by test vectors only."""
    b = private or int.from_bytes(ids.random_bytes(EPHEMERAL_BYTES), "big")
    return Ephemeral(b, (K * int.from_bytes(verifier, "big") + _power(G, b)) % N)


def to_hex(number: int) -> str:
    """A number as the wire has it: lower case, no leading zeros."""
    return f"{number:x}"


def session_key(verifier: bytes, client_public: int, server: Ephemeral) -> bytes:
    """The 16 bytes that both sides share if the password is right. Raises ``SrpError`` where A or u is 0."""
    if client_public % N == 0:
        raise SrpError("A is a multiple of N")
    u = _hash(pad(client_public), pad(server.public))
    return derive(verifier, client_public, server.private, u)


def derive(verifier: bytes, client_public: int, private: int, u: int) -> bytes:
    """The key from all its numbers: S = (A·v^u)^b, then HKDF. Raises ``SrpError`` where u is 0."""
    if u == 0:
        raise SrpError("u is 0")
    base = client_public * _power(int.from_bytes(verifier, "big"), u) % N
    shared = _power(base, private)
    extracted = hmac.digest(pad(u), pad(shared), "sha256")
    return hmac.digest(extracted, _INFO, "sha256")[:16]


def signature(key: bytes, proof: Proof) -> str:
    """The signature that proves the key. Raises ``SrpError`` where the secret block isn't base64."""
    try:
        block = base64.b64decode(proof.secret_block, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise SrpError("the secret block is not base64") from broken
    message = proof.pool_name.encode() + proof.user_id.encode() + block + proof.timestamp.encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def is_signed(key: bytes, proof: Proof, given: str) -> bool:
    """Whether ``given`` is the right signature, compared in constant time."""
    return hmac.compare_digest(signature(key, proof).encode(), given.encode())


def parse_timestamp(text: str) -> datetime:
    """The moment of ``Sun Jul 5 09:08:07 UTC 2026``, as strictly as Cognito reads it. Raises ``SrpError``.

    English names, no padded day, the right weekday.
    """
    match = _TIMESTAMP.match(text)
    if not match:
        raise SrpError("the timestamp is in another form")
    day_name, month, day, hour, minute, second, year = match.groups()
    try:
        moment = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError as impossible:
        raise SrpError("there is no such date") from impossible
    if _DAYS[moment.weekday()] != day_name:
        raise SrpError("the weekday does not fit the date")
    return moment


def is_timely(text: str, now: datetime) -> bool:
    """Whether the timestamp can be read and lies within five minutes of ``now``."""
    try:
        return abs(parse_timestamp(text) - now) <= CLOCK_TOLERANCE
    except SrpError:
        return False
