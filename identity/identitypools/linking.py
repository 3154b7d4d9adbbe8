"""Logins become an identity's, identities become one. Everything here that reads before it writes does so under lock."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError
from django.db.models import Q

from identity.core import clock, events, transactions
from identity.core.prepared import PreparedQuery
from identity.identitypools import logins, merging, pools
from identity.identitypools.errors import (
    DeveloperUserAlreadyRegistered,
    IdentityForbidden,
    IdentityNotFound,
    LoginsDontMatch,
    ResourceConflict,
    UserNotFound,
)
from identity.identitypools.events import IdentityCreated, LoginsLinked
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import Identity, IdentityPool, Login
from identity.identitypools.models.identities import State

_TRIES = 5


class KnownLogin(NamedTuple):
    """A login as it was found, with the state of the identity that it leads to."""

    provider: str
    user_id: str
    identity_id: str
    state: str


class User(NamedTuple):
    """A user of a provider, as a login names them."""

    provider: str
    user_id: str


class _Raced(Exception):
    """Another transaction moved a login between our look and our lock."""


def create(pool: IdentityPool, state: State) -> Identity:
    """A new identity without logins."""
    now = clock.now()
    return Identity.objects.create(
        id=pools.new_id(pool.region), pool=pool, state=state, created_at=now, modified_at=now
    )


_LOGIN = PreparedQuery(
    Login,
    lambda pool_id, provider, user_id: (
        Login.objects.filter(pool=pool_id, provider=provider, user_id=user_id)
        .order_by()
        .values_list("provider", "user_id", "identity_id", "identity__state")
    ),
    IdentityPool._meta.pk,
    Login._meta.get_field("provider"),
    Login._meta.get_field("user_id"),
)


def known_logins(pool: IdentityPool, proofs: Iterable[Proof | User]) -> list[KnownLogin]:
    """The logins that this pool has seen, and where they lead. A short query each, in nearly all calls one."""
    rows = [row for proof in proofs for row in _LOGIN.rows(pool.pk, proof.provider, proof.user_id)]
    return [KnownLogin(*row) for row in rows]


def identity_id(pool: IdentityPool, user: User) -> str:
    """The identity that a user leads to. Raises UserNotFound."""
    known = known_logins(pool, [user])
    if not known:
        raise UserNotFound
    return known[0].identity_id


def settle(pool: IdentityPool, named: Identity | None, proofs: Sequence[Proof]) -> Identity:
    """Make the logins and the named identity, if any, one identity and return it. Commits.

    Two calls with the same new login race for its unique row; who loses looks again and finds it. Raises
    LoginsDontMatch where none of the logins is the named identity's and it is no guest, DeveloperUserAlreadyRegistered
    for a developer's user of another identity than the named one, ResourceConflict where they can't be one or the race
    doesn't end, IdentityForbidden for a disabled identity, PoolNotFound where the pool was deleted meanwhile,
    InvalidLoginToken where something would change by a proof that was used up.
    """
    # Rows are made in one order, whatever the call's was: two calls with the same new logins must not wait for each other.
    ordered = sorted(proofs, key=lambda proof: (proof.provider, proof.user_id))
    return _repeated(pool, lambda: _settle(pool, _present(named) if named else None, ordered))


def merge_users(pool: IdentityPool, source: User, *, into: User) -> Identity:
    """Make two users' identities one, which is the second's, and return it. Commits.

    Raises UserNotFound, ResourceConflict, IdentityForbidden.
    """
    return _repeated(pool, lambda: _merge_users(pool, source, into))


def _repeated(pool: IdentityPool, deed: Callable[[], Identity]) -> Identity:
    """Do it in a transaction, anew for as long as others were faster, within reason."""
    for _ in range(_TRIES):
        try:
            return transactions.outlast_deadlocks(deed)
        except (IntegrityError, _Raced):
            pools.current(pool.pk)
    raise ResourceConflict(why="the logins kept changing")


def _settle(pool: IdentityPool, named: Identity | None, proofs: Sequence[Proof]) -> Identity:
    known = known_logins(pool, proofs)
    leads_to = _identity_ids(known)
    involved = _lock(pool, leads_to | ({named.pk} if named else set()))
    if _identity_ids(known_logins(pool, proofs)) != leads_to:
        raise _Raced
    if named:
        _require_match(involved[named.pk], known, proofs)
    known_users = {(login.provider, login.user_id) for login in known}
    unknown = [proof for proof in proofs if (proof.provider, proof.user_id) not in known_users]
    if unknown or len(involved) > 1:
        # What got its credentials proves nothing new: whoever reads it later would link their own login to its owner's.
        logins.require_unspent(pool, proofs)
    if not involved:
        return _create_with(pool, unknown)
    parent, *losers = sorted(involved.values(), key=_seniority)
    for loser in losers:
        merging.merge(loser, into=parent)
    _link(parent, unknown)
    return parent


def _require_match(named: Identity, known: Sequence[KnownLogin], proofs: Sequence[Proof]) -> None:
    """May the named identity be meant by who has these logins?"""
    developers = {proof.provider for proof in proofs if not proof.public}
    if any(login.provider in developers and login.identity_id != named.pk for login in known):
        raise DeveloperUserAlreadyRegistered
    if not named.is_guest and named.pk not in _identity_ids(known):
        raise LoginsDontMatch


def _merge_users(pool: IdentityPool, source: User, into: User) -> Identity:
    leads_to = [identity_id(pool, user) for user in (source, into)]
    involved = _lock(pool, set(leads_to))
    if [identity_id(pool, user) for user in (source, into)] != leads_to:
        raise _Raced
    loser, parent = (involved[each] for each in leads_to)
    if loser is not parent:
        merging.merge(loser, into=parent)
    return parent


def _lock(pool: IdentityPool, wanted: set[str]) -> dict[str, Identity]:
    """The identities concerned, locked in the order of their ids so that no two calls wait for one another.

    The lock guards their logins and states: whoever moves a login holds the lock of the identity that it leaves. Where
    they may be merged, those that were merged into them are locked too: they move along, and who deletes locks them.
    """
    concerned = Q(pk__in=wanted) | Q(merged_into__in=wanted) if len(wanted) > 1 else Q(pk__in=wanted)
    rows = Identity.objects.select_for_update().filter(concerned).order_by("pk")
    involved = {identity.pk: identity for identity in rows if identity.pk in wanted}
    if len(involved) != len(wanted) or any(identity.merged_into_id for identity in involved.values()):
        raise _Raced
    for identity in involved.values():
        if identity.is_disabled:
            raise IdentityForbidden(identity.pk, why="disabled")
        identity.pool = pool
    return involved


def _present(identity: Identity) -> Identity:
    """The identity as it is now, or the one that it was merged into meanwhile."""
    fresh = Identity.objects.select_related("merged_into").filter(pk=identity.pk).first()
    if fresh is None:
        raise IdentityNotFound(identity.pk)
    return fresh.merged_into or fresh


def _identity_ids(logins: Iterable[KnownLogin]) -> set[str]:
    return {login.identity_id for login in logins}


def _seniority(identity: Identity) -> tuple[bool, datetime, str]:
    """Who becomes the parent: never a guest where somebody is known, else the older one."""
    return identity.is_guest, identity.created_at, identity.pk


def _create_with(pool: IdentityPool, proofs: Sequence[Proof]) -> Identity:
    identity = create(pool, State.AUTHENTICATED)
    _insert(identity, proofs)
    events.record(IdentityCreated(pool.id, identity.id, _names(proofs)))
    return identity


def _link(identity: Identity, proofs: Sequence[Proof]) -> None:
    if not proofs:
        return
    merging.require_room(list(identity.logins.all()), [(proof.provider, proof.public) for proof in proofs])
    _insert(identity, proofs)
    identity.state, identity.modified_at = State.AUTHENTICATED, clock.now()
    identity.save(update_fields=["state", "modified_at"])
    events.record(LoginsLinked(identity.pool_id, identity.id, _names(proofs)))


def _insert(identity: Identity, proofs: Sequence[Proof]) -> None:
    now = clock.now()
    Login.objects.bulk_create(
        Login(
            pool_id=identity.pool_id,
            identity=identity,
            provider=proof.provider,
            user_id=proof.user_id,
            public=proof.public,
            created_at=now,
        )
        for proof in proofs
    )


def _names(proofs: Sequence[Proof]) -> tuple[str, ...]:
    return tuple(proof.provider for proof in proofs)
