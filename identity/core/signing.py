"""RSA keys and JWTs: made, signed, verified. Parsed keys stay in the process; parsing costs 100 signatures."""

import base64
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.types import Options

from identity.core import ids

KEY_BITS = 2048
KEPT_KEYS = 512
_KEPT_HEADER = 1024
"""Characters."""

# Public-key algorithms only: with HS256 allowed, a public key would do as the secret.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
_SIGNERS = {
    "RS256": RSAAlgorithm(RSAAlgorithm.SHA256),
    "RS384": RSAAlgorithm(RSAAlgorithm.SHA384),
    "RS512": RSAAlgorithm(RSAAlgorithm.SHA512),
}

Jwk = Mapping[str, Any]  # Any: JWK members are strings, lists and numbers
Kept = TypeVar("Kept")


class TokenError(Exception):
    """A token that does not count."""


class Malformed(TokenError):
    """Not a JWT, or one with a header or claim of the wrong shape."""


class BadSignature(TokenError):
    """Not signed by a key that it names, or by an algorithm that is not allowed."""


class UnknownKey(BadSignature):
    """Names a key that is not in the set. An issuer may have rotated: fetch its keys anew."""


class Expired(TokenError):
    pass


class NotYetValid(TokenError):
    pass


class WrongIssuer(TokenError):
    pass


class WrongAudience(TokenError):
    pass


class MissingClaim(TokenError):
    pass


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key pair; the private half is for sealing, not for printing."""

    kid: str
    private_pem: str = field(repr=False)
    public_jwk: dict[str, str]


class _Recent(Generic[Kept]):
    """The last used few hundred of something costly to make, for all threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, Kept] = OrderedDict()

    def get(self, name: object, make: Callable[[], Kept]) -> Kept:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = make()
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_private_keys: _Recent[rsa.RSAPrivateKey] = _Recent(KEPT_KEYS)
_public_keys: _Recent[jwt.PyJWK] = _Recent(KEPT_KEYS)


def generate() -> NewKey:
    """A new RSA-2048 key for RS256. Takes some 100 ms of CPU."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    numbers = private.public_key().public_numbers()
    kid = _kid()
    jwk = {
        "alg": "RS256",
        "e": _number(numbers.e),
        "kid": kid,
        "kty": "RSA",
        "n": _number(numbers.n),
        "use": "sig",
    }
    return NewKey(kid=kid, private_pem=pem.decode(), public_jwk=jwk)


def with_new_kid(key: NewKey) -> NewKey:
    """The same key material under a new id (tests, which need many keys and no security)."""
    kid = _kid()
    return replace(key, kid=kid, public_jwk={**key.public_jwk, "kid": kid})


def _kid() -> str:
    return base64.b64encode(ids.random_bytes(32)).decode()


def private_key(kid: str, load: Callable[[], str | bytes]) -> rsa.RSAPrivateKey:
    """The parsed key ``kid``; ``load`` gives its PEM and is called only when the process has not parsed it yet."""
    return _private_keys.get(kid, lambda: _parse(load()))


def forget_keys() -> None:
    """Drop every parsed key of this process."""
    _private_keys.clear()
    _public_keys.clear()


def _parse(pem: str | bytes) -> rsa.RSAPrivateKey:
    # Our own keys come out of a seal that proves them whole: checking the primes again costs 50 ms.
    raw = pem.encode() if isinstance(pem, str) else pem
    key = serialization.load_pem_private_key(raw, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


def sign(
    claims: Mapping[str, Any], key: rsa.RSAPrivateKey, *, kid: str, alg: str = "RS256", typ: str | None = None
) -> str:
    """A compact JWS of ``claims`` in their order; the header is ``{"kid","alg"}``, as Cognito writes it."""
    header = {"kid": kid, "alg": alg} | ({"typ": typ} if typ else {})
    signed = f"{_part(header)}.{_part(claims)}"
    # PyJWT's own encode() fixes another order of the header; its algorithm does the signing.
    return f"{signed}.{base64url(_SIGNERS[alg].sign(signed.encode(), key))}"


def verify(
    token: str,
    jwks: Iterable[Jwk],
    *,
    algorithms: Iterable[str] = ("RS256",),
    issuer: str | Sequence[str] | None,
    audience: str | Sequence[str] | None = None,
    leeway: float = 0,
    required: Iterable[str] = ("exp", "iat"),
) -> dict[str, Any]:
    """The claims of a token that one of ``jwks`` signed; times are checked with ``leeway`` seconds.

    ``issuer`` None or ``audience`` None leaves that claim unchecked: its caller checks it. Raises
    ``Malformed``, ``BadSignature`` (``UnknownKey``), ``Expired``, ``NotYetValid``, ``WrongIssuer``,
    ``WrongAudience``, ``MissingClaim``, all ``TokenError``.
    """
    if not token.isascii():  # PyJWT lets the encoding error of half a surrogate pair through
        raise Malformed("not a JWT")
    key = _key_for(_header(token), jwks, ALGORITHMS.intersection(algorithms))
    options: Options = {"require": list(required), "verify_aud": audience is not None}
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=issuer,
            audience=audience,
            leeway=leeway,
            options=options,
        )
    except jwt.InvalidTokenError as error:
        raise _translated(error) from error


def header(token: str) -> dict[str, Any]:
    """The unproven header of a token. Raises ``Malformed``."""
    return _header(token)


def unproven_claims(token: str) -> dict[str, Any]:
    """The claims *before* anything is proven: only to find out whose keys to ask for. Raises ``Malformed``."""
    parts = token.split(".")
    if len(parts) != 3:
        raise Malformed("not a JWT")
    return _object(parts[1])


def _header(token: str) -> dict[str, Any]:
    head, _, rest = token.partition(".")
    if rest.count(".") != 1:
        raise Malformed("not a JWT")
    # What is kept is small: strangers send headers, too.
    return dict(_known_header(head) if len(head) <= _KEPT_HEADER else _read_header(head))


@lru_cache(maxsize=1024)
def _known_header(segment: str) -> dict[str, Any]:
    """All tokens of one key begin with the same header, so it is read once."""
    return _read_header(segment)


def _read_header(segment: str) -> dict[str, Any]:
    header = _object(segment)
    if not isinstance(header.get("alg"), str) or not isinstance(header.get("kid", ""), str):
        raise Malformed("not a JWT")
    return header


def _object(segment: str) -> dict[str, Any]:
    """A part of a JWS that must be a JSON object. PyJWT reads the whole token anew, strictly, when it proves it."""
    try:
        content = json.loads(base64.b64decode(f"{segment}{'=' * (-len(segment) % 4)}", b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise Malformed("not a JWT") from error
    if not isinstance(content, dict):
        raise Malformed("not a JWT")
    return content


def _key_for(header: Jwk, jwks: Iterable[Jwk], algorithms: frozenset[str]) -> jwt.PyJWK:
    alg, kid = header.get("alg"), header.get("kid")
    if alg not in algorithms:
        raise BadSignature("algorithm not allowed")
    usable = [jwk for jwk in jwks if jwk.get("use", "sig") == "sig" and jwk.get("alg", alg) == alg]
    found = [jwk for jwk in usable if jwk.get("kid") == kid] if kid is not None else usable
    if len(found) != 1:
        raise UnknownKey("signed by a key that is not in the set")
    name = (alg, repr(found[0]))
    try:
        return _public_keys.get(name, lambda: _usable_key(found[0], alg))
    except jwt.PyJWTError as error:
        raise UnknownKey("the named key is unusable for this algorithm") from error


def _usable_key(jwk: Jwk, alg: str) -> jwt.PyJWK:
    """Raises ``UnknownKey`` for RSA keys shorter than the standard demands. Source: RFC 7518 §3.3, §3.5."""
    key = jwt.PyJWK(dict(jwk), algorithm=alg)
    if isinstance(key.key, rsa.RSAPublicKey | rsa.RSAPrivateKey) and key.key.key_size < KEY_BITS:
        raise UnknownKey(f"the named key has fewer than {KEY_BITS} bits")
    return key


def _translated(error: jwt.InvalidTokenError) -> TokenError:
    table: tuple[tuple[type[Exception], type[TokenError], str], ...] = (
        (jwt.ExpiredSignatureError, Expired, "expired"),
        (jwt.ImmatureSignatureError, NotYetValid, "not yet valid"),
        (jwt.MissingRequiredClaimError, MissingClaim, "a claim is missing"),
        (jwt.InvalidIssuerError, WrongIssuer, "another issuer"),
        (jwt.InvalidAudienceError, WrongAudience, "another audience"),
        (jwt.InvalidSignatureError, BadSignature, "bad signature"),
        (jwt.InvalidAlgorithmError, BadSignature, "algorithm not allowed"),
        (jwt.InvalidKeyError, BadSignature, "unusable key"),
    )
    for theirs, ours, text in table:
        if isinstance(error, theirs):
            return ours(text)
    return Malformed("not a JWT of the right shape")


def _part(content: Mapping[str, Any]) -> str:
    return base64url(json.dumps(content, separators=(",", ":")).encode())


def base64url(raw: bytes) -> str:
    """Without padding. Source: RFC 7515 §2."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))
