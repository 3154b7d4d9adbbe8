"""Checks that every token goes through, with the service's texts. Source: Cognito developer guide, "External identity
providers"; the texts as clients report them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity.core import clock, signing
from identity.identitypools.errors import InvalidLoginToken
from identity.identitypools.logins import user_ids

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a kind of provider's tokens must fulfil. ``issuers`` are the spellings of ``iss`` that count."""

    issuers: tuple[str, ...]
    algorithms: tuple[str, ...]
    leeway_seconds: int = 0


class UnknownKey(InvalidLoginToken):
    """Signed by a key that is not among the issuer's that were given."""


def read(token: str) -> Claims:
    """The claims before anything is proven. Raises InvalidLoginToken for what is no ID token at all."""
    try:
        claims = signing.unproven_claims(token)
    except signing.Malformed as error:
        raise InvalidLoginToken(why=str(error)) from error
    if not claims.get("aud"):
        raise InvalidLoginToken("Missing a required claim: aud")
    return claims


def prove(token: str, rules: Rules, *, keys: Iterable[signing.Jwk], now: datetime) -> Claims:
    """The claims of a token that one of the keys signed and that counts now.

    Raises InvalidLoginToken; for a key that isn't there its subclass UnknownKey, so that keys may be fetched anew.
    """
    try:
        claims = signing.verify(
            token,
            keys,
            algorithms=rules.algorithms,
            issuer=rules.issuers,
            leeway=rules.leeway_seconds,
        )
    except signing.TokenError as error:
        raise _refusal(token, rules, error, now) from error
    if not user_ids.is_usable(claims.get("sub")):
        raise InvalidLoginToken("Missing a required claim: sub")
    if not claims.get("aud"):
        raise InvalidLoginToken("Missing a required claim: aud")
    return claims


def _refusal(token: str, rules: Rules, error: signing.TokenError, now: datetime) -> InvalidLoginToken:
    """What the caller is told, in the service's order: form, issuer, signature, time."""
    claims = read(token)
    if claims.get("iss") not in rules.issuers:
        return InvalidLoginToken("Issuer doesn't match providerName")
    match error:
        case signing.UnknownKey():
            return UnknownKey("Couldn't verify signed token.", why=str(error))
        case signing.BadSignature():
            return InvalidLoginToken("Couldn't verify signed token.", why=str(error))
        case signing.Expired():
            return InvalidLoginToken(f"Token expired: {clock.seconds(now)} >= {int(claims['exp'])}")
    return InvalidLoginToken(why=str(error))
