"""Two identities become one: the one place where that happens. What hangs on an identity is carried over here.

Called under the locks of both identities (``linking``), which guard their logins and states.
"""

from collections.abc import Sequence

from identity.core import clock, events
from identity.iam import revocations
from identity.identitypools import providers
from identity.identitypools.errors import ResourceConflict
from identity.identitypools.events import IdentityMerged
from identity.identitypools.models import Identity, Login
from identity.identitypools.models.identities import State

MOST_LOGINS = 20
"""Logins of one identity. Source: Cognito developer guide, "Quotas"."""


def merge(loser: Identity, *, into: Identity) -> None:
    """The parent takes over the loser's logins, and whoever was merged into the loser before.

    The loser is refused from now on, and with it the credentials that it was given. Raises ResourceConflict where
    both have users of one public provider, or more logins together than one may have.
    """
    moving = list(loser.logins.all())
    require_room(list(into.logins.all()), [(login.provider, login.public) for login in moving])
    now = clock.now()
    loser.logins.update(identity=into)
    loser.absorbed.update(merged_into=into)
    loser.state, loser.merged_into, loser.modified_at = State.DISABLED, into, now
    loser.save(update_fields=["state", "merged_into", "modified_at"])
    Identity.objects.filter(pk=into.pk).update(modified_at=now)
    revocations.revoke_subject(providers.COGNITO_IDENTITY, loser.pk)
    events.record(IdentityMerged(into.pool_id, loser.pk, into.pk))


def require_room(present: Sequence[Login], coming: Sequence[tuple[str, bool]]) -> None:
    """Raises ResourceConflict for a second user of a public provider and for more logins than an identity may have.

    ``coming`` are providers, and whether each is a public one.
    """
    taken = {login.provider for login in present if login.public}
    if any(public and provider in taken for provider, public in coming):
        raise ResourceConflict(why="another user of that provider is linked")
    if len(present) + len(coming) > MOST_LOGINS:
        raise ResourceConflict(f"An identity has at most {MOST_LOGINS} linked logins.")
