"""The identity pool's own token in the place of logins: what a developer's backend got for a user."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from identity.core import clock
from identity.iam import revocations
from identity.identitypools import keys, providers
from identity.identitypools.errors import (
    IdentityForbidden,
    InvalidLoginToken,
    InvalidParameter,
    LoginsDontMatch,
)
from identity.identitypools.logins import checks
from identity.identitypools.models import Identity, Login

RULES = checks.Rules((keys.ISSUER,), (keys.ALGORITHM,))


def is_presented(logins: Mapping[str, str]) -> bool:
    """Whether the logins hold such a token."""
    return providers.COGNITO_IDENTITY in logins


def verify(identity: Identity, logins: Mapping[str, str], *, now: datetime) -> Mapping[str, Any]:
    """The proven claims of a token that a developer's backend was given for this identity of this pool.

    The classic flow's tokens are for STS alone: here they would pass by role mappings and by the question whether the
    user is still signed in. It stands alone: a token beside it would have to be linked, and this one says nothing of what it replaces. The
    developer's user must still be the identity's: one query. Raises InvalidParameter, InvalidLoginToken, LoginsDontMatch for
    the token of another identity or of a user that was unlinked, IdentityForbidden for one from before the identity was
    disabled or lost a login.
    """
    if len(logins) > 1:
        raise InvalidParameter("Please provide only a Cognito token, or only logins of public providers.")
    token = logins[providers.COGNITO_IDENTITY]
    if checks.read(token).get("iss") != keys.ISSUER:
        raise InvalidLoginToken("Not a Cognito token.")
    claims = checks.prove(token, RULES, keys=keys.jwk_list(), now=now)
    if claims["aud"] != identity.pool_id or "authenticated" not in claims.get("amr", ()):
        raise InvalidLoginToken(why="of another pool, or a guest's")
    # After the state come names of providers, and beside each an entry with colons, which no developer's name has.
    if identity.pool.developer_provider not in claims["amr"][1:]:
        raise InvalidLoginToken(why="not a developer's token")
    if claims["sub"] != identity.id:
        raise LoginsDontMatch
    if not _is_linked(identity, claims["amr"]):
        raise LoginsDontMatch(why="the developer's user was unlinked")
    ended = {f"{providers.COGNITO_IDENTITY}:{name}": claims[name] for name in ("aud", "sub")}
    if revocations.is_token_revoked(ended, clock.at(claims["iat"])):
        raise IdentityForbidden(identity.id, why="disabled, or a login less, since the token was made")
    return claims


def _is_linked(identity: Identity, methods: Sequence[str]) -> bool:
    """Whether the developer's user whom the token names still leads to the identity."""
    provider = identity.pool.developer_provider
    start = f"{provider}:{identity.pool_id}:"
    users = [entry.removeprefix(start) for entry in methods if entry.startswith(start)]
    known = Login.objects.filter(pool=identity.pool_id, provider=provider, user_id__in=users)
    return known.filter(identity=identity.pk).exists()
