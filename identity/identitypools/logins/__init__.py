"""The ``Logins`` of a call, checked: one bad entry fails the whole call."""

from collections.abc import Mapping
from datetime import datetime

from identity.identitypools import providers
from identity.identitypools.errors import InvalidParameter, ResourceConflict, UnsupportedProvider
from identity.identitypools.logins import oidc, user_pool
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

__all__ = ["Proof", "verify"]


def verify(pool: IdentityPool, logins: Mapping[str, str], *, now: datetime) -> list[Proof]:
    """What the logins prove, in the order of the call. Raises the NotAuthorized errors of login tokens,
    InvalidParameter for a developer provider (whose users only a signed call may name), ResourceConflict where one
    provider is named twice for different users, ExternalService where its keys can't be had.
    """
    proofs: dict[str, Proof] = {}
    for name, token in logins.items():
        proof = _verify_one(pool, name, token, now)
        if proofs.setdefault(proof.provider, proof).user_id != proof.user_id:
            raise ResourceConflict(why="two users of one provider in a call")
    return list(proofs.values())


def _verify_one(pool: IdentityPool, name: str, token: str, now: datetime) -> Proof:
    if name == pool.developer_provider:
        raise InvalidParameter("Please provide a valid public provider.")
    provider = providers.canonical(name)
    if providers.is_user_pool(provider):
        return user_pool.verify(pool, provider, token, now)
    if provider in map(providers.oidc_name, pool.oidc_arns):
        return oidc.verify(provider, token, now)
    raise UnsupportedProvider(why=f"{provider} is not configured, or its logins are not built yet")
