"""What stands in a token: claims from rows, and what a pre token generation trigger may change of them. Pure.

Source: Cognito developer guide, "Understanding the access/ID token" and "Pre token generation Lambda trigger".
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from identity.userpools.triggers import ClaimChanges, GroupConfiguration, TokenOverrides

ADMIN_SCOPE = "aws.cognito.signin.user.admin"
OPENID = "openid"

Claims = dict[str, Any]

_NAMES = ("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username")
_PERSON = (
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "address",
)
PROFILE_ATTRIBUTES = frozenset(_NAMES + _PERSON)
SCOPE_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
    "profile": PROFILE_ATTRIBUTES,
}
VERIFIED_FLAGS: Mapping[str, str] = {
    "email": "email_verified",
    "phone_number": "phone_number_verified",
}

# No trigger adds, changes or removes these, nor any ``cognito:`` claim but the groups.
_WHO = ("username", "sub", "identities", "client_id", "device_key", "aud", "azp", "iss")
_WHEN = ("auth_time", "exp", "iat", "nbf", "event_id", "jti", "origin_jti", "nonce", "at_hash")
PROTECTED = frozenset((*_WHO, *_WHEN, "version", "acr", "amr", "token_use", "scope"))
GROUP_CLAIMS = ("cognito:groups", "cognito:roles", "cognito:preferred_role")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One membership: ``precedence`` 0 is best, None is worst; ``role`` is "" where the group has none."""

    name: str
    precedence: int | None
    role: str


NOTHING = TokenOverrides()


# Groups


def groups_of(rows: Iterable[GroupRow]) -> GroupConfiguration:
    """Order by precedence, then name. Of roles with the best precedence that differ, none is preferred."""
    ordered = sorted(rows, key=lambda row: (row.precedence is None, row.precedence or 0, row.name))
    with_role = [row for row in ordered if row.role]
    roles = tuple(dict.fromkeys(row.role for row in with_role))
    best = {row.role for row in with_role if row.precedence == with_role[0].precedence}
    preferred = best.pop() if len(best) == 1 else None
    return GroupConfiguration(tuple(row.name for row in ordered), roles, preferred)


# Attributes


def visible(
    attributes: Mapping[str, str], readable: Collection[str] | None, scopes: Collection[str]
) -> Claims:
    """Attributes as an ID token shows them: ``in_scope``, with flags and numbers as such."""
    return {name: token_value(name, value) for name, value in in_scope(attributes, readable, scopes).items()}


def in_scope(
    attributes: Mapping[str, str], readable: Collection[str] | None, scopes: Collection[str]
) -> dict[str, str]:
    """The attributes that the client may read (None: all), cut by scopes, by name, custom ones last.

    ``openid`` alone shows all that is readable; ``email``, ``phone`` and ``profile`` beside it show just their
    groups, custom attributes going with the profile. An API sign-in has no such scopes and shows all.
    """
    shown = {
        name: value
        for name, value in with_flags(attributes).items()
        if (readable is None or name in readable)
        and not name.startswith("dev:")
        and is_in_scope(name, scopes)
    }
    return dict(sorted(shown.items(), key=lambda item: (item[0].startswith("custom:"), item[0])))


def with_flags(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes with ``*_verified`` said for each address that is there."""
    missing = {flag: "false" for name, flag in VERIFIED_FLAGS.items() if name in attributes}
    return {**missing, **attributes}


def is_in_scope(name: str, scopes: Collection[str]) -> bool:
    narrowing = [scope for scope in SCOPE_ATTRIBUTES if scope in scopes]
    if not narrowing:
        return True
    if name.startswith("custom:"):
        return "profile" in narrowing
    return any(name in SCOPE_ATTRIBUTES[scope] for scope in narrowing)


def token_value(name: str, value: str) -> Any:
    """Flags are booleans, ``updated_at`` a number, ``address`` an object; everything else stays text."""
    if name in VERIFIED_FLAGS.values():
        return value == "true"
    if name == "updated_at" and value.isdecimal():
        return int(value)
    if name == "address":
        return {"formatted": value}
    return value


# What a trigger changes


def group_claims(groups: GroupConfiguration) -> Claims:
    """The three claims of an ID token, each only where there is something to say."""
    values = (list(groups.groups), list(groups.roles), groups.preferred_role)
    return {name: value for name, value in zip(GROUP_CLAIMS, values, strict=True) if value}


def overridden_scopes(
    scopes: Iterable[str], overrides: TokenOverrides, *, is_hosted: bool
) -> tuple[str, ...]:
    """Scopes after the trigger. A hosted grant can't be given the self-service scope this way."""
    changes = overrides.access_token
    addable = [each for each in changes.scopes_add if not (is_hosted and each == ADMIN_SCOPE)]
    wanted = dict.fromkeys((*scopes, *addable))
    return tuple(each for each in wanted if each not in changes.scopes_suppress)


def change_id(claims: Claims, changes: ClaimChanges) -> Claims:
    """The ID token's claims after the trigger; what it may not touch stays, without an error."""
    return _changed(claims, {name: value for name, value in changes.add.items() if may_set(name)}, changes)


def change_access(claims: Claims, changes: ClaimChanges) -> Claims:
    """The access token's. An ``aud`` may be added there, but only the client itself."""
    allowed = {name: value for name, value in changes.add.items() if may_set(name)}
    if changes.add.get("aud") == claims.get("client_id"):
        allowed["aud"] = claims["client_id"]
    return _changed(claims, allowed, changes)


def _changed(claims: Claims, added: Mapping[str, Any], changes: ClaimChanges) -> Claims:
    gone = {name for name in changes.suppress if may_suppress(name)}
    if "cognito:groups" in gone:
        gone.update(GROUP_CLAIMS)
    return {name: value for name, value in {**claims, **added}.items() if name not in gone}


def may_set(name: str) -> bool:
    return name not in PROTECTED and not name.startswith(("cognito:", "dev:"))


def may_suppress(name: str) -> bool:
    return name == "cognito:groups" or (name not in PROTECTED and not name.startswith("cognito:"))
