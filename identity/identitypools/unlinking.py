"""Logins leave an identity, and what it was given until then ends. Who lost the last one is nobody's and opens nothing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from identity.core import clock, events
from identity.iam import revocations
from identity.identitypools import identities, logins, providers
from identity.identitypools.errors import (
    IdentityForbidden,
    IdentityNotFound,
    InvalidParameter,
    LoginsDontMatch,
    UserNotFound,
)
from identity.identitypools.events import IdentityDisabled, LoginsUnlinked
from identity.identitypools.linking import User
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import Identity, IdentityPool, Login
from identity.identitypools.models.identities import State


def unlink(identity: Identity, proofs: Sequence[Proof], names: Sequence[str], *, now: datetime) -> None:
    """Take the logins of the named providers away. Each must be proven, and be the identity's.

    Proofs that count once are used up by it, and only by it. Raises InvalidParameter for none and for a developer
    provider, LoginsDontMatch, IdentityForbidden, IdentityNotFound, InvalidLoginToken for a proof that was used up.
    """
    if not names:
        raise InvalidParameter("Please provide at least one login to remove.")
    if identity.pool.developer_provider in names:
        raise InvalidParameter("Please provide a valid public provider.")
    removed = {providers.canonical(name) for name in names}
    proven = [proof for proof in proofs if proof.provider in removed]
    if len(proven) < len(removed):
        raise LoginsDontMatch(why="a login to remove is not proven")
    with transaction.atomic():
        _take_away(identity.pk, [User(proof.provider, proof.user_id) for proof in proven])
        logins.spend(identity.pool, proven, now=now)


def unlink_developer_user(pool: IdentityPool, identity_id: str, user: User) -> None:
    """Take a developer's user away, on the developer's word. Raises UserNotFound, IdentityNotFound, IdentityForbidden."""
    identities.require_in_pool(pool, identity_id)
    try:
        _take_away(identity_id, [user])
    except LoginsDontMatch:
        raise UserNotFound from None


def _take_away(identity_id: str, users: Sequence[User]) -> None:
    with transaction.atomic():
        # The lock keeps the logins where they are: no merge and no link comes between the look and the deed.
        identity = Identity.objects.select_for_update().filter(pk=identity_id).first()
        if identity is None:
            raise IdentityNotFound(identity_id)
        if identity.is_disabled:
            raise IdentityForbidden(identity_id, why="disabled")
        wanted = Q()
        for user in users:
            wanted |= Q(provider=user.provider, user_id=user.user_id)
        taken, _ = Login.objects.filter(wanted, identity=identity).delete()
        if taken < len(users):
            raise LoginsDontMatch(why="a login to remove is not linked")
        events.record(LoginsUnlinked(identity.pool_id, identity.pk, tuple(user.provider for user in users)))
        _end_what_it_was_given(identity)
        identity.save(update_fields=["state", "emptied_at", "modified_at"])


def _end_what_it_was_given(identity: Identity) -> None:
    """Credentials and tokens don't tell by which login they came: who has another one renews theirs.

    Without a login it is disabled for good: as a guest it would be anybody's who knows its id.
    """
    now = identity.modified_at = clock.now()
    if identity.logins.exists():
        revocations.revoke_claim(f"{providers.COGNITO_IDENTITY}:sub", identity.pk, before=now)
        return
    identity.state, identity.emptied_at = State.DISABLED, now
    revocations.revoke_subject(providers.COGNITO_IDENTITY, identity.pk)
    events.record(IdentityDisabled(identity.pool_id, identity.pk))
