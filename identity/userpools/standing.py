"""Whether a user is still as they were when they proved themselves: asked under every write that lets them in.

Between the proof and that write lie triggers and hashes, time enough for the account to be disabled, or recovered
by its owner, who means to end just this sign-in.
"""

from datetime import datetime

from identity.core.prepared import PreparedQuery
from identity.userpools.errors import NotAuthorized
from identity.userpools.models import User

_HELD = PreparedQuery(
    User,
    lambda pk: (
        User.objects.select_for_update(no_key=True)
        .only("is_enabled", "status", "password_changed_at")
        .filter(pk=pk)
    ),
    User._meta.pk,
    holds=True,
)


def require_unchanged(user: User) -> None:
    """Hold the user's row until the caller's transaction ends, and compare it with ``user`` as it was read. One query.

    Raises ``NotAuthorized`` where the user was deleted or disabled, or has another status or password by now.
    """
    # Whoever changes one of them writes this row first and ends the sign-ins afterwards: held here, either the
    # change is seen, or the sign-in is there to be ended. SQLite's transactions hold everything (IMMEDIATE).
    # Compared here and not by the statement, which is then always the same one.
    held = _HELD.first(user.pk)
    if held is None or not held[User].is_enabled or _of_proof(held[User]) != _of_proof(user):
        raise NotAuthorized(why="disabled, recovered or deleted since the credential was checked")


def hold(user: User) -> None:
    """Hold the user's row until the caller's transaction ends, before rows that belong to it: everybody in this order."""
    _HELD.rows(user.pk)


def _of_proof(user: User) -> tuple[str, datetime | None]:
    return user.status, user.password_changed_at
