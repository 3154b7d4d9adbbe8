"""Whom a web identity token proves: its checks in the order in which STS makes them.

Source: STS API reference, AssumeRoleWithWebIdentity; IAM user guide, "OIDC federation" and
"Passing session tags using AssumeRoleWithWebIdentity".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from identity.core import clock, issuers, signing
from identity.core.storable import is_storable
from identity.iam import oidc_keys, oidc_providers
from identity.iam.errors import ExpiredToken, IdpRejectedClaim, InvalidIdentityToken
from identity.iam.models import OidcProvider

COGNITO: Final = "cognito-identity.amazonaws.com"
COGNITO_ISSUER: Final = f"https://{COGNITO}"
OIDC_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
TAGS_CLAIM: Final = "https://aws.amazon.com/tags"
SOURCE_IDENTITY_CLAIM: Final = "https://aws.amazon.com/source_identity"
SOURCE_IDENTITY: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
REQUIRED: Final = ("iss", "aud", "sub", "exp")
SUBJECT_LENGTH: Final = 255
SKEW_SECONDS: Final = 300
"""How far in the future a token's ``iat`` or ``nbf`` may lie: providers' clocks are not ours."""

_LONG_AGO: Final = clock.at(0)

Json = Mapping[str, Any]  # Any: claims


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """A proven identity. ``provider`` names it in condition keys, ``principal`` in trust policies."""

    provider: str
    principal: str
    audience: str
    subject: str
    amr: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""
    issued_at: datetime = _LONG_AGO
    """By the token's ``iat``; a token without one is as old as can be."""

    @property
    def condition_keys(self) -> dict[str, str | Sequence[str]]:
        """What trust policies, and later the session's own policies, may ask about the identity."""
        keys: dict[str, str | Sequence[str]] = {
            f"{self.provider}:aud": self.audience,
            f"{self.provider}:sub": self.subject,
        }
        return keys | ({f"{self.provider}:amr": list(self.amr)} if self.amr else {})

    @property
    def session_keys(self) -> dict[str, str | Sequence[str]]:
        """What the session's own requests carry of them: all."""
        return self.condition_keys


def verify(token: str, now: datetime) -> WebIdentity:
    """Check a token: form, issuer, key, signature, audience, expiry, AWS claims, in that order.

    Raises ``InvalidIdentityToken``, ``IdpCommunicationError``, ``ExpiredToken``, ``IdpRejectedClaim``.
    """
    try:
        claims, kid = signing.unproven_claims(token), oidc_keys.kid_of(token)
    except signing.Malformed as error:
        raise InvalidIdentityToken from error
    _require_claims(claims)
    if claims["iss"] == COGNITO_ISSUER:
        return _of_identity_pool(token, now)
    return _of_provider(token, kid, claims["iss"], now)


def of_identity_pool(claims: Json) -> WebIdentity:
    """The identity in the proven claims of an identity pool's own token."""
    return _identity(COGNITO, COGNITO, str(claims["aud"]), claims)


def _require_claims(claims: Json) -> None:
    for name in REQUIRED:
        if claims.get(name) in (None, "", []):
            raise InvalidIdentityToken(f"Missing a required claim: {name}")
    if not isinstance(claims["iss"], str) or not isinstance(claims["sub"], str):
        raise InvalidIdentityToken
    if not is_storable(claims["sub"]):
        raise InvalidIdentityToken(why="a subject that is no text")
    if len(claims["sub"]) > SUBJECT_LENGTH:
        raise InvalidIdentityToken(f"The subject is longer than {SUBJECT_LENGTH} characters")


def _no_provider(issuer: str) -> InvalidIdentityToken:
    return InvalidIdentityToken(f"No OpenIDConnect provider found in your account for {issuer}")


def _of_identity_pool(token: str, now: datetime) -> WebIdentity:
    issuer = issuers.find(COGNITO_ISSUER)
    if issuer is None:
        raise _no_provider(COGNITO_ISSUER)
    claims = _proven(token, issuer.jwks(), ("RS512",))
    _check_expiry(claims, now)
    return of_identity_pool(claims)


def _of_provider(token: str, kid: str | None, issuer: str, now: datetime) -> WebIdentity:
    provider = oidc_providers.find(issuer)
    if provider is None:
        raise _no_provider(issuer)
    claims = _proven(token, oidc_keys.of(provider.issuers[0], kid), OIDC_ALGORITHMS)
    audience = _audience(claims, provider)
    _check_expiry(claims, now)
    return _identity(provider.name, provider.arn, audience, claims)


def _proven(token: str, keys: Sequence[Json], algorithms: Sequence[str]) -> dict[str, Any]:
    """The claims under a good signature. Expiry is left to ``_check_expiry``: it comes after the audience."""
    try:
        return signing.verify(
            token, keys, algorithms=algorithms, issuer=None, leeway=SKEW_SECONDS, required=REQUIRED
        )
    except signing.Expired:
        return signing.unproven_claims(token)  # proven: expiry is looked at after the signature
    except signing.UnknownKey as error:
        raise InvalidIdentityToken(oidc_keys.NO_KEY, why=str(error)) from error
    except signing.BadSignature as error:
        raise InvalidIdentityToken(
            "Couldn't verify signed token. Signature verification failed.", why=str(error)
        ) from error
    except signing.NotYetValid as error:
        raise InvalidIdentityToken("Token is not yet valid", why=str(error)) from error
    except signing.TokenError as error:
        raise InvalidIdentityToken(why=str(error)) from error


def _audience(claims: Json, provider: OidcProvider) -> str:
    """The authorized party where the token names one, else its audience; it must be one of the provider's clients."""
    party, given = claims.get("azp"), claims["aud"]
    candidates = [party] if party else (given if isinstance(given, list) else [given])
    known = [one for one in candidates if isinstance(one, str) and one in provider.client_ids]
    if not known:
        raise InvalidIdentityToken("Incorrect token audience")
    return known[0]


def _check_expiry(claims: Json, now: datetime) -> None:
    end, present = int(claims["exp"]), clock.seconds(now)
    if present >= end:
        raise ExpiredToken(present, end)


def _identity(provider: str, principal: str, audience: str, claims: Json) -> WebIdentity:
    tags, transitive = _tags(claims)
    return WebIdentity(
        provider=provider,
        principal=principal,
        audience=audience,
        subject=claims["sub"],
        amr=_amr(claims),
        tags=tags,
        transitive_tag_keys=transitive,
        source_identity=_source_identity(claims),
        issued_at=_issued_at(claims),
    )


def _amr(claims: Json) -> tuple[str, ...]:
    given = claims.get("amr")
    listed = given if isinstance(given, list) else [] if given is None else [given]
    if not all(isinstance(one, str | int | float) for one in listed):
        raise IdpRejectedClaim(why="malformed amr")
    return tuple(map(str, listed))


def _issued_at(claims: Json) -> datetime:
    """``signing.verify`` has seen that ``iat``, where there is one, is a number and not of the future."""
    return clock.at(max(0, int(claims.get("iat", 0))))


def _tags(claims: Json) -> tuple[dict[str, str], tuple[str, ...]]:
    """Principal tags (each with one value, alone or as a list of one) and the transitive keys."""
    given = claims.get(TAGS_CLAIM)
    if given is None:
        return {}, ()
    principal = given.get("principal_tags", {}) if isinstance(given, dict) else None
    transitive = given.get("transitive_tag_keys", []) if isinstance(given, dict) else None
    if not isinstance(principal, dict) or not isinstance(transitive, list):
        raise IdpRejectedClaim(why="malformed tags")
    tags = {
        key: value[0] if isinstance(value, list) and len(value) == 1 else value
        for key, value in principal.items()
    }
    if not all(isinstance(one, str) for one in (*tags.values(), *transitive)):
        raise IdpRejectedClaim(why="a tag needs exactly one value")
    return tags, tuple(transitive)


def _source_identity(claims: Json) -> str:
    given = claims.get(SOURCE_IDENTITY_CLAIM)
    if given is None:
        return ""
    if not isinstance(given, str) or not SOURCE_IDENTITY.fullmatch(given) or given.lower().startswith("aws:"):
        raise IdpRejectedClaim(why="malformed source identity")
    return given
