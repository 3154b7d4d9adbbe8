"""Tokens of user pools, checked by a host's rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from django.core.exceptions import ImproperlyConfigured

from identity.core import conf as core_conf
from identity.core import issuers, signing
from identity.kit import conf, issuer_keys, live
from identity.kit.people import TokenUser

Claims = dict[str, Any]


class TokenRefused(Exception):
    """The token doesn't count here. Its text may be shown to the caller: it says which check failed and no more."""


class TokenExpired(TokenRefused):
    """Good in everything but its time."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose tokens count. ``issuers`` are pool ids of this installation or issuer addresses; none means none.

    ``client_ids`` empty leaves all clients of these issuers.
    """

    issuers: tuple[str, ...]
    client_ids: tuple[str, ...] = ()
    token_use: tuple[str, ...] = ("access",)
    check_live: bool = False

    def __post_init__(self) -> None:
        if not self.issuers:
            raise ImproperlyConfigured(
                "Name the user pools whose tokens are accepted: IDENTITY_KIT['ISSUERS']."
            )
        if not self.token_use or not set(self.token_use) <= conf.TOKEN_USES:
            raise ImproperlyConfigured("IDENTITY_KIT['TOKEN_USE'] is 'access', 'id' or both.")


def verify(token: str, rules: Rules) -> Claims:
    """The claims of a token by the rules: RS256 signature of the issuer's key, ``iss``, ``exp``, ``token_use``, client.

    Raises TokenRefused; KeysUnavailable where the issuer's keys were never had; live.NotAnswered where the issuer
    doesn't say whether the user is still signed in.
    """
    address = _unproven(token).get("iss")
    if not is_trusted(address, rules):
        raise TokenRefused("not a token of an accepted issuer")
    claims = proven(token, address)
    if claims.get("token_use") not in rules.token_use:
        raise TokenRefused("not a token of an accepted use")
    client_id = claims.get("client_id" if _is_access(claims) else "aud")
    if rules.client_ids and client_id not in rules.client_ids:
        raise TokenRefused("not a token of an accepted client")
    if not isinstance(claims.get("sub"), str):
        raise TokenRefused("no subject")
    if rules.check_live:
        _require_live(token, address, claims)
    return claims


def user_of(claims: Claims) -> TokenUser:
    """The user that proven claims speak of. A machine's token (client credentials) has its client as the user."""
    sub: str = claims["sub"]
    name = claims.get("username") or claims.get("cognito:username") or sub
    scopes = str(claims.get("scope", "")).split() if _is_access(claims) else []
    groups = claims.get("cognito:groups", [])
    return TokenUser(sub, str(name), _names(groups), tuple(scopes), claims)


def is_trusted(issuer: object, rules: Rules) -> TypeGuard[str]:
    """Whether the rules name what a token claims as its issuer, in whichever of the issuer's spellings."""
    if not isinstance(issuer, str) or not issuer:
        return False
    trusted = {_address(name) for name in rules.issuers}
    if issuer in trusted:
        return True
    here = issuers.find(issuer)
    return here is not None and not trusted.isdisjoint({here.url, *here.aliases})


def _is_access(claims: Mapping[str, Any]) -> bool:
    return bool(claims["token_use"] == "access")  # a claim, no password


def _names(groups: object) -> tuple[str, ...]:
    return tuple(str(group) for group in groups) if isinstance(groups, list) else ()


def _unproven(token: str) -> Mapping[str, Any]:
    try:
        return signing.unproven_claims(token)
    except signing.Malformed as error:
        raise TokenRefused("not a token") from error


def _address(name: str) -> str:
    return name if "://" in name else f"{core_conf.settings().base_url}/{name}"


def proven(token: str, issuer_url: str, *, algorithms: Sequence[str] = ("RS256",)) -> Claims:
    """The claims of a token that a *trusted* issuer signed and whose time is not over; nothing else of it is checked.

    Raises TokenRefused, KeysUnavailable.
    """
    ring = issuer_keys.ring_of(issuer_url)
    keys = ring.current()
    try:
        return _verify(token, keys, issuer_url, algorithms)
    except signing.UnknownKey as error:
        if not ring.refresh(keys):
            raise TokenRefused("signed by an unknown key") from error
    try:
        return _verify(token, ring.current(), issuer_url, algorithms)
    except signing.UnknownKey as error:
        raise TokenRefused("signed by an unknown key") from error


def _verify(token: str, keys: Any, issuer_url: str, algorithms: Sequence[str]) -> Claims:
    try:
        return signing.verify(token, keys, algorithms=algorithms, issuer=issuer_url)
    except signing.UnknownKey:
        raise
    except signing.Expired as error:
        raise TokenExpired("expired") from error
    except signing.TokenError as error:
        raise TokenRefused("not valid") from error


def _require_live(token: str, issuer_url: str, claims: Claims) -> None:
    here = issuers.find(issuer_url)
    is_live = here.is_live(claims) if here else live.is_live_elsewhere(token, issuer_url, claims)
    if not is_live:
        raise TokenRefused("revoked")
