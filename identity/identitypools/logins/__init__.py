"""The ``Logins`` of a call, checked: one bad entry fails the whole call."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from identity.iam import saml_identities
from identity.iam.saml import response
from identity.identitypools import providers
from identity.identitypools.errors import (
    InvalidLoginToken,
    InvalidParameter,
    ResourceConflict,
    UnsupportedProvider,
)
from identity.identitypools.logins import id_tokens, oidc, saml, user_pool
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

__all__ = ["Proof", "require_classic", "require_unspent", "spend", "verify"]


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


def require_classic(proofs: Iterable[Proof]) -> None:
    """Raises InvalidParameter for proofs that the classic flow doesn't know: SAML assertions."""
    for proof in proofs:
        if proof.once:
            raise InvalidParameter("SAML logins are only supported in the enhanced flow.")


def spend(pool: IdentityPool, proofs: Iterable[Proof], *, now: datetime) -> None:
    """Use up what counts only once in this pool, in the caller's transaction.

    Raises InvalidLoginToken for the second who brings it.
    """
    _each_once(proofs, lambda name: saml_identities.spend(name, pool.pk, now=now))


def require_unspent(pool: IdentityPool, proofs: Iterable[Proof]) -> None:
    """Raises InvalidLoginToken for what was used up in this pool: it tells who somebody is, and changes nothing."""
    _each_once(proofs, lambda name: saml_identities.require_unspent(name, pool.pk))


def _each_once(proofs: Iterable[Proof], deed: Callable[[str], None]) -> None:
    for proof in proofs:
        if proof.once:
            try:
                deed(proof.once)
            except response.Invalid as error:
                raise InvalidLoginToken(f"{error.message}.") from error


def _verify_one(pool: IdentityPool, name: str, token: str, now: datetime) -> Proof:
    if name == pool.developer_provider:
        raise InvalidParameter("Please provide a valid public provider.")
    provider = providers.canonical(name)
    if provider in pool.saml_arns:
        return saml.verify(provider, token, now)
    if provider in pool.social_apps:
        return _verify_social(pool, provider, token, now)
    if provider in map(providers.oidc_name, pool.oidc_arns):
        return oidc.verify(provider, token, now)
    if providers.is_user_pool(provider):
        return user_pool.verify(pool, provider, token, now)
    raise UnsupportedProvider(why=f"{provider} is not configured")


def _verify_social(pool: IdentityPool, provider: str, token: str, now: datetime) -> Proof:
    if provider in (providers.GOOGLE, providers.APPLE):
        return id_tokens.verify(pool, provider, token, now)
    # social-core costs a process 0.14 s and some megabytes: loaded where somebody brings such a token.
    from identity.identitypools.logins import social

    return social.verify(pool, provider, token)
