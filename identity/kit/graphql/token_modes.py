"""Tokens of user pools and of OpenID providers."""

import re
from datetime import timedelta
from typing import Any

from identity.core import clock
from identity.kit import issuer_keys, live, tokens
from identity.kit.graphql.errors import EXPIRED, NO_CREDENTIAL, Refused, Unavailable
from identity.kit.graphql.modes import AuthType, OpenIdConnect, UserPools
from identity.kit.graphql.principal import Principal

Claims = dict[str, Any]


def rules_of(mode: UserPools) -> tokens.Rules:
    """Whose tokens the mode takes."""
    return tokens.Rules(tuple(mode.issuers), token_use=("access", "id"), check_live=mode.check_live)


def check_user_pool(mode: UserPools, rules: tokens.Rules, token: str, source_ip: str) -> Principal:
    """Raises Refused; Unavailable where the pool's keys were never had, or it can't be asked whether the token counts."""
    try:
        claims = tokens.verify(token, rules)
    except tokens.TokenRefused as error:
        raise _refused(error) from error
    except (issuer_keys.KeysUnavailable, live.NotAnswered) as error:
        raise Unavailable from error
    client_id = claims.get("client_id") if claims["token_use"] == "access" else claims.get("aud")
    _require_client(mode.client_id_pattern, client_id)
    user = tokens.user_of(claims)
    identity = {
        "sub": user.sub,
        "issuer": claims["iss"],
        "username": user.username,
        "claims": claims,
        "sourceIp": [source_ip],
        "defaultAuthStrategy": mode.default_action,
        "groups": list(user.groups) or None,
    }
    return Principal(AuthType.USER_POOLS, identity, frozenset(user.groups))


def check_oidc(mode: OpenIdConnect, token: str) -> Principal:
    """Raises Refused; Unavailable where the provider's keys were never had."""
    try:
        claims = tokens.proven(token, mode.issuer, algorithms=mode.algorithms)
    except tokens.TokenRefused as error:
        raise _refused(error) from error
    except issuer_keys.KeysUnavailable as error:
        raise Unavailable from error
    if not isinstance(claims.get("sub"), str):
        raise Refused(NO_CREDENTIAL, why="no subject")
    _require_client(mode.client_id_pattern, *_audiences(claims))
    _require_young(claims, "iat", mode.issued_ttl_ms)
    _require_young(claims, "auth_time", mode.authenticated_ttl_ms)
    return Principal(AuthType.OIDC, {"sub": claims["sub"], "issuer": claims["iss"], "claims": claims})


def _refused(error: tokens.TokenRefused) -> Refused:
    return Refused(EXPIRED if isinstance(error, tokens.TokenExpired) else NO_CREDENTIAL, why=str(error))


def _audiences(claims: Claims) -> list[Any]:
    audience = claims.get("aud")
    return [*(audience if isinstance(audience, list) else [audience]), claims.get("azp")]


def _require_client(pattern: str, *client_ids: object) -> None:
    if pattern and not any(isinstance(each, str) and re.fullmatch(pattern, each) for each in client_ids):
        raise Refused(why="not a token of an accepted client")


def _require_young(claims: Claims, claim: str, ttl_ms: int | None) -> None:
    """A token that doesn't tell the time is too old."""
    if ttl_ms is None:
        return
    told = claims.get(claim)
    oldest = clock.epoch(clock.now() - timedelta(milliseconds=ttl_ms))
    if isinstance(told, bool) or not isinstance(told, int | float) or told < oldest:
        raise Refused(EXPIRED, why=f"too long since {claim}")
