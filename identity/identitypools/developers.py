"""Developer-authenticated identities: a backend says who its users are, by a signed call instead of a token.

Source: Cognito developer guide, "Developer-authenticated identities".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from identity.identitypools import identities, linking, listing, logins
from identity.identitypools.errors import (
    InvalidParameter,
    ResourceConflict,
    UnsupportedDeveloperProvider,
    UserNotFound,
)
from identity.identitypools.linking import User
from identity.identitypools.logins import user_ids
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool, Login


@dataclass(frozen=True, slots=True)
class Found:
    """An identity and a page of the developer's users that lead to it."""

    identity_id: str
    user_ids: list[str]
    next_token: str | None = None


def prove(pool: IdentityPool, given: Mapping[str, str], *, now: datetime) -> list[Proof]:
    """The developer's user, whom the backend names, and what the tokens beside prove.

    Raises UnsupportedDeveloperProvider, InvalidParameter, and what ``logins.verify`` raises.
    """
    name = pool.developer_provider
    if name is None or name not in given:
        raise UnsupportedDeveloperProvider
    others = {provider: token for provider, token in given.items() if provider != name}
    return [proof(pool, given[name]), *logins.verify(pool, others, now=now)]


def proof(pool: IdentityPool, user_id: str) -> Proof:
    """What a backend's word is worth: as much as a token. Raises InvalidParameter for an id that can't be stored."""
    name = _provider_of(pool)
    if not user_ids.is_usable(user_id):
        raise InvalidParameter(
            f"A developer user identifier has at most {user_ids.LONGEST} characters, "
            f"and {user_ids.MOST_BYTES} bytes in UTF-8."
        )
    return Proof(
        provider=name,
        user_id=user_id,
        amr=(name, f"{name}:{pool.pk}:{user_id}"),
        mapping_key=name,
        claims={},
        public=False,
    )


def user(pool: IdentityPool, provider: str, user_id: str) -> User:
    """A user as ``DeveloperProviderName`` and identifier name them. Raises UserNotFound for a provider not the pool's."""
    if provider != pool.developer_provider:
        raise UserNotFound(why="not the pool's developer provider")
    return User(provider, user_id)


def by_user(pool: IdentityPool, user_id: str, *, limit: int, token: str | None) -> Found:
    """The identity of a user, with all users that lead there. Raises UserNotFound, InvalidParameter."""
    identity_id = linking.identity_id(pool, User(_provider_of(pool), user_id))
    return by_identity(pool, identity_id, limit=limit, token=token)


def by_identity(pool: IdentityPool, identity_id: str, *, limit: int, token: str | None) -> Found:
    """The users that lead to an identity of the pool, ordered, a page of them. Raises IdentityNotFound, InvalidParameter."""
    name = _provider_of(pool)
    identities.require_in_pool(pool, identity_id)
    page = listing.page(
        Login.objects.filter(identity=identity_id, provider=name, public=False),
        order=("user_id",),
        limit=limit,
        token=token,
        bound_to=f"LookupDeveloperIdentity:{identity_id}",
    )
    return Found(identity_id, [login.user_id for login in page.rows], page.next_token)


def matched(pool: IdentityPool, identity_id: str, user_id: str) -> Found:
    """The two, if they belong together. Raises IdentityNotFound, ResourceConflict."""
    identities.require_in_pool(pool, identity_id)
    known = linking.known_logins(pool, [User(_provider_of(pool), user_id)])
    if not known or known[0].identity_id != identity_id:
        raise ResourceConflict("The developer user identifier does not belong to the identity.")
    return Found(identity_id, [user_id])


def _provider_of(pool: IdentityPool) -> str:
    if pool.developer_provider is None:
        raise UnsupportedDeveloperProvider
    return pool.developer_provider
