"""Who a caller is: an identity found, made, or recognised by its logins. What has to be written is in ``linking``."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q

from identity.core import clock, events
from identity.core.prepared import PreparedQuery
from identity.iam import revocations
from identity.identitypools import linking, pools, providers
from identity.identitypools.errors import GuestsNotAllowed, IdentityForbidden, IdentityNotFound, PoolNotFound
from identity.identitypools.events import IdentityCreated, IdentityDeleted, IdentityDisabled, IdentityEnabled
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import Identity, IdentityPool, Login

_COLUMNS = ("id", "pool_id", "state", "merged_into_id")
_WITH_POOL = PreparedQuery(
    Identity,
    lambda identity_id: (
        Identity.objects.filter(pk=identity_id)
        .order_by()
        .values_list(*_COLUMNS, "pool__revision", "pool__modified_at")
    ),
    Identity._meta.pk,
)


def get(identity_id: str) -> Identity:
    """With its pool, which is shared and for reading only. One short query. Raises IdentityNotFound."""
    rows = _WITH_POOL.rows(identity_id)
    if not rows:
        raise IdentityNotFound(identity_id)
    *columns, revision, modified_at = rows[0]
    identity = Identity.from_db(None, _COLUMNS, columns)
    identity.pool = pools.of_version(identity.pool_id, (revision, modified_at))
    return identity


def require_in_pool(pool: IdentityPool, identity_id: str) -> None:
    """One short query. Raises IdentityNotFound."""
    if not Identity.objects.filter(pk=identity_id, pool=pool).exists():
        raise IdentityNotFound(identity_id)


def new_guest(pool: IdentityPool) -> Identity:
    """A new identity on every call. Raises GuestsNotAllowed, PoolNotFound where the pool is deleted meanwhile."""
    if not pool.allows_guests:
        raise GuestsNotAllowed
    try:
        with transaction.atomic():
            identity = linking.create(pool, Identity.State.UNAUTHENTICATED)
            events.record(IdentityCreated(pool.id, identity.id, ()))
    except IntegrityError as error:
        raise PoolNotFound(pool.id) from error
    return identity


def id_of_logins(pool: IdentityPool, proofs: Sequence[Proof]) -> str:
    """The identity that the logins lead to, made or merged where needed. One query where all are known.

    Raises ResourceConflict where the logins can't be one person's, IdentityForbidden for a disabled identity.
    """
    known = linking.known_logins(pool, proofs)
    if not _all_lead_to_one(known, proofs):
        return linking.settle(pool, None, proofs).id
    if known[0].state == Identity.State.DISABLED:
        raise IdentityForbidden(known[0].identity_id, why="disabled")
    return known[0].identity_id


def as_guest(identity: Identity) -> Identity:
    """The identity, used without any login. Raises IdentityForbidden unless it is a guest, GuestsNotAllowed."""
    if not identity.is_guest:
        raise IdentityForbidden(identity.id)
    if not identity.pool.allows_guests:
        raise GuestsNotAllowed
    return identity


def recognise(identity: Identity, proofs: Sequence[Proof]) -> Identity:
    """The identity that a named one and valid logins together mean: itself, or the one that it is merged into.

    One query where nothing has to be linked. Raises LoginsDontMatch, ResourceConflict, IdentityForbidden.
    """
    named = successor(identity)
    known = linking.known_logins(identity.pool, proofs)
    if _all_lead_to_one(known, proofs) and known[0].identity_id == named.pk:
        return named
    return linking.settle(identity.pool, named, proofs)


def successor(identity: Identity) -> Identity:
    """The identity itself or the one that it was merged into, with its pool. Raises IdentityForbidden as ``usable`` does."""
    found = usable(identity.merged_into or identity)
    found.pool = identity.pool
    return found


def usable(identity: Identity) -> Identity:
    """The identity itself. Raises IdentityForbidden where it is disabled."""
    if identity.is_disabled:
        raise IdentityForbidden(identity.pk, why="disabled")
    return identity


def disable(identity: Identity) -> None:
    """Refuse an identity and its credentials from now on.

    Its logins stay with it, so that they can't come back as another one.
    """
    with transaction.atomic():
        changed = Identity.objects.filter(pk=identity.pk).exclude(state=Identity.State.DISABLED)
        if changed.update(state=Identity.State.DISABLED, modified_at=clock.now()):
            revocations.revoke_subject(providers.COGNITO_IDENTITY, identity.pk)
            events.record(IdentityDisabled(identity.pool_id, identity.pk))


def enable(identity: Identity) -> None:
    """Undo ``disable``. Credentials from before stay ended.

    A merged identity stays disabled, for its logins are another's now, and so does one that lost all of them: it would
    be a guest, which anybody may use who knows its id.
    """
    with transaction.atomic():
        known = Login.objects.filter(identity=identity.pk).exists()
        state = Identity.State.AUTHENTICATED if known else Identity.State.UNAUTHENTICATED
        changed = Identity.objects.filter(
            pk=identity.pk, state=Identity.State.DISABLED, merged_into=None, emptied_at=None
        )
        if changed.update(state=state, modified_at=clock.now()):
            revocations.restore_subject(providers.COGNITO_IDENTITY, identity.pk)
            events.record(IdentityEnabled(identity.pool_id, identity.pk))


def delete(identity_id: str) -> None:
    """Remove an identity and those that were merged into it; its credentials end. Raises IdentityNotFound."""
    with transaction.atomic():
        # Whoever merges or links holds these locks too, taken in the same order.
        involved = Identity.objects.filter(Q(pk=identity_id) | Q(merged_into=identity_id))
        found = {identity.pk: identity for identity in involved.select_for_update().order_by("pk")}
        identity = found.get(identity_id)
        if identity is None:
            raise IdentityNotFound(identity_id)
        revocations.revoke_subject(providers.COGNITO_IDENTITY, identity_id)
        events.record(IdentityDeleted(identity.pool_id, identity_id))
        # Those merged into it may be many: not one by one, as Django would to look for what hangs on each.
        Login.objects.filter(identity__in=involved).delete()
        involved._raw_delete(involved.db)


def _all_lead_to_one(known: Sequence[linking.KnownLogin], proofs: Sequence[Proof]) -> bool:
    return len(known) == len(proofs) and len({login.identity_id for login in known}) == 1
