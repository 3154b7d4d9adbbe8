"""Tokens of a sign-in: rows to claims, the trigger that may change them, and the signed JWTs.

``prepare`` does all that can fail or take long, outside any transaction; ``sign`` only signs.
Source: Cognito developer guide, "Understanding user pool JSON web tokens"; OpenID Connect Core §3.1.3.6.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from identity.core import clock, ids, signing
from identity.core.prepared import PreparedQuery
from identity.userpools import claims, keys, triggers
from identity.userpools.claims import ADMIN_SCOPE, OPENID, Claims
from identity.userpools.errors import NotAuthorized
from identity.userpools.models import (
    Membership,
    SigningKey,
    User,
    UserPool,
    UserPoolClient,
    UserSession,
    pool_settings,
)
from identity.userpools.triggers import GroupConfiguration, TokenOverrides

INVALID_ACCESS_TOKEN = "Invalid Access Token"
BAD_SIGNATURE = "Could not verify signature for Access Token"
EXPIRED_ACCESS_TOKEN = "Access Token has expired"


class Source(StrEnum):
    """Why tokens are made: the ``triggerSource`` of the pre token generation trigger without its prefix."""

    HOSTED = "HostedAuth"
    SIGN_IN = "Authentication"
    NEW_PASSWORD = "NewPasswordChallenge"
    CLIENT_CREDENTIALS = "ClientCredentials"
    REFRESH = "RefreshTokens"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signed tokens. ``id_token`` is None where a hosted grant lacks ``openid``; ``expires_in`` is in seconds."""

    access_token: str = field(repr=False)
    id_token: str | None = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Claims that only wait for their signature."""

    pool: UserPool
    access: Claims = field(repr=False)
    id: Claims | None = field(repr=False)
    is_hosted: bool

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(self.access.get("scope", "").split())


def issue(session: UserSession, *, source: Source, metadata: Mapping[str, str]) -> Tokens:
    """The tokens of a session: ``prepare`` and ``sign`` in one."""
    return sign(prepare(session, source=source, metadata=metadata))


def prepare(session: UserSession, *, source: Source, metadata: Mapping[str, str]) -> Prepared:
    """Build the claims and let the pool's trigger change them.

    The session needs no row yet. Reads the user's groups. Raises the trigger's errors.
    """
    told = groups_of(session)
    overrides = triggers.pre_token_generation(
        session.user, session.client, source, told, tuple(session.scopes), metadata
    )
    return _prepared(session, told, overrides or claims.NOTHING)


def sign(prepared: Prepared) -> Tokens:
    """Sign both tokens, each with its own key of the pool."""
    access_token = keys.signer(prepared.pool, SigningKey.Use.ACCESS).sign(prepared.access)
    id_token = None
    if prepared.id is not None:
        content = {"at_hash": at_hash(access_token), **prepared.id} if prepared.is_hosted else prepared.id
        id_token = keys.signer(prepared.pool, SigningKey.Use.ID).sign(content)
    return Tokens(access_token, id_token, prepared.access["exp"] - prepared.access["iat"])


def for_machine(
    client: UserPoolClient,
    scopes: tuple[str, ...],
    *,
    metadata: Mapping[str, str],
    audience: str | None = None,
) -> Tokens:
    """An access token of the client itself (client credentials). Only version 3 triggers see it.

    ``audience`` is the resource server that the token is bound to (RFC 8707).
    """
    overrides = triggers.pre_token_generation(None, client, Source.CLIENT_CREDENTIALS, None, scopes, metadata)
    overrides = overrides or claims.NOTHING
    granted = claims.overridden_scopes(scopes, overrides, is_hosted=True)
    content = claims.change_access(_machine_claims(client, granted, audience), overrides.access_token)
    return sign(Prepared(client.pool, content, None, is_hosted=True))


def read_access(text: str) -> Claims:
    """The claims of an access token of any of our pools, its signature and end checked.

    Raises ``NotAuthorized`` with Cognito's text for each fault. Whether its sign-in still holds is not
    asked here.
    """
    try:
        kid = signing.header(text).get("kid")
    except signing.TokenError as broken:
        raise NotAuthorized(INVALID_ACCESS_TOKEN, why="not a JWT") from broken
    key = keys.find_public(kid) if isinstance(kid, str) else None
    if key is None or key.use != SigningKey.Use.ACCESS:
        raise NotAuthorized(INVALID_ACCESS_TOKEN, why="not signed by an access token key of ours")
    content = _verified(text, key)
    if content.get("token_use") != "access":
        raise NotAuthorized(INVALID_ACCESS_TOKEN, why="not an access token")
    return content


def _verified(text: str, key: keys.PublicKey) -> Claims:
    try:
        # The key is the pool's own, so it says more of the issuer than the claim does.
        return signing.verify(text, [key.jwk], algorithms=[keys.ALGORITHM], issuer=None)
    except signing.Expired as expired:
        raise NotAuthorized(EXPIRED_ACCESS_TOKEN) from expired
    except signing.BadSignature as forged:
        raise NotAuthorized(BAD_SIGNATURE) from forged
    except signing.TokenError as broken:
        raise NotAuthorized(INVALID_ACCESS_TOKEN, why="claims are broken") from broken


def at_hash(access_token: str) -> str:
    """Left half of the token's SHA-256, base64url without padding. Source: OpenID Connect Core §3.1.3.6."""
    return signing.base64url(hashlib.sha256(access_token.encode()).digest()[:16])


def groups_of(session: UserSession) -> GroupConfiguration:
    """The user's groups as tokens and the trigger tell them. One query."""
    return claims.groups_of(claims.GroupRow(*row) for row in _GROUPS.rows(session.user_id))


_GROUPS = PreparedQuery(
    Membership,
    lambda user: Membership.objects.filter(user=user).values_list(
        "group__name", "group__precedence", "group__role_arn"
    ),
    User._meta.pk,
)


# Claims, in the order that Cognito has them


def _prepared(session: UserSession, told: GroupConfiguration, overrides: TokenOverrides) -> Prepared:
    hosted = session.is_hosted
    event_id, now = ids.uuid(), clock.now()
    if overrides.groups is not None:
        told = overrides.groups
    access = _access_claims(session, told, event_id, now)
    access["scope"] = " ".join(claims.overridden_scopes(session.scopes, overrides, is_hosted=hosted))
    id_claims = None
    if not hosted or OPENID in session.scopes:
        id_claims = claims.change_id(_id_claims(session, told, event_id, now), overrides.id_token)
    access = claims.change_access(access, overrides.access_token)
    return Prepared(session.user.pool, access, id_claims, is_hosted=hosted)


def _access_claims(session: UserSession, told: GroupConfiguration, event_id: str, now: datetime) -> Claims:
    user, client = session.user, session.client
    content: dict[str, Any] = {
        "sub": str(user.sub),
        "aud": session.resource or None,
        "cognito:groups": list(told.groups) or None,
        "iss": keys.issuer_of(user.pool),
        "version": 2 if session.is_hosted else None,
        "client_id": client.pk,
        "origin_jti": _origin(session),
        "event_id": event_id,
        "token_use": "access",
        "scope": "",
        "auth_time": clock.seconds(session.auth_time),
        **_times(now, pool_settings.access_token_validity(client)),
        "jti": _jti(client),
        "username": user.username,
    }
    return _without_none(content)


def _id_claims(session: UserSession, told: GroupConfiguration, event_id: str, now: datetime) -> Claims:
    user, client = session.user, session.client
    attributes = claims.visible(
        user.attributes,
        pool_settings.readable_attributes(client),
        session.scopes if session.is_hosted else (ADMIN_SCOPE,),
    )
    group_claims = claims.group_claims(told)
    content: dict[str, Any] = {
        "sub": str(user.sub),
        "cognito:groups": group_claims.get("cognito:groups"),
        "email_verified": attributes.pop("email_verified", None),
        "cognito:preferred_role": group_claims.get("cognito:preferred_role"),
        "iss": keys.issuer_of(user.pool),
        "phone_number_verified": attributes.pop("phone_number_verified", None),
        "cognito:username": user.username,
        "nonce": session.nonce or None,
        "origin_jti": _origin(session),
        "cognito:roles": group_claims.get("cognito:roles"),
        "aud": client.pk,
        "event_id": event_id,
        "token_use": "id",
        "auth_time": clock.seconds(session.auth_time),
        **_times(now, pool_settings.id_token_validity(client)),
        "jti": _jti(client),
        **attributes,
    }
    return _without_none(content)


def _machine_claims(client: UserPoolClient, scopes: tuple[str, ...], audience: str | None) -> Claims:
    now = clock.now()
    content: dict[str, Any] = {
        "sub": client.pk,
        "aud": audience,
        "token_use": "access",
        "scope": " ".join(scopes),
        "auth_time": clock.seconds(now),
        "iss": keys.issuer_of(client.pool),
        **_times(now, pool_settings.access_token_validity(client)),
        "version": 2,
        "jti": _jti(client),
        "client_id": client.pk,
    }
    return _without_none(content)


def _times(now: datetime, validity: timedelta) -> Claims:
    issued = clock.seconds(now)
    return {"exp": issued + int(validity.total_seconds()), "iat": issued}


def _origin(session: UserSession) -> str | None:
    return str(session.origin_jti) if pool_settings.is_revocation_enabled(session.client) else None


def _jti(client: UserPoolClient) -> str | None:
    return ids.uuid() if pool_settings.is_revocation_enabled(client) else None


def _without_none(content: Mapping[str, Any]) -> Claims:
    return {name: value for name, value in content.items() if value is not None}
