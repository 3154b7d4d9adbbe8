"""Whose notes a caller's are: those of one identity of the identity pool, whichever way the caller came in."""

from collections.abc import Mapping
from typing import Any

from identity.core.errors import ServiceError
from identity.identitypools import identities, pools
from identity.identitypools.logins.proof import Proof
from identity.kit.graphql import AuthType, Context, unauthorized
from portal.demo import fixed


def of(context: Context) -> str:
    """The caller's identity. Raises Unauthorized for callers who are nobody in particular.

    A token of the user pool stands for the identity that it would get as a login, made where there is none yet: notes
    made with it and with credentials are the same person's.
    """
    return find(context) or unauthorized()


def find(context: Context) -> str | None:
    """As ``of``, None for nobody in particular."""
    known = context.identity or {}
    match context.principal.auth_type:
        case AuthType.USER_POOLS:
            return _of_login(known)
        case AuthType.IAM:
            is_own = known["cognitoIdentityPoolId"] == fixed.IDENTITY_POOL
            return known["cognitoIdentityId"] if is_own else None
        case AuthType.OIDC:
            is_known = "authenticated" in known["claims"].get("amr", ())
            return known["sub"] if is_known else None
    return None


def _of_login(known: Mapping[str, Any]) -> str | None:
    proof = Proof(fixed.PROVIDER, known["sub"], amr=(), mapping_key=fixed.PROVIDER, claims=known["claims"])
    try:
        return identities.id_of_logins(pools.current(fixed.IDENTITY_POOL), [proof])
    except ServiceError:  # a disabled identity, or no identity pool any more
        return None
