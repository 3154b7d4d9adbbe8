"""Whether a user is still as they were when they proved themselves: asked under every write that lets them in.

Between the proof and that write lie triggers and hashes, time enough for the account to be disabled, or recovered
by its owner, who means to end just this sign-in.
"""

from identity.userpools.errors import NotAuthorized
from identity.userpools.models import User


def require_unchanged(user: User) -> None:
    """Hold the user's row until the caller's transaction ends, and compare it with ``user`` as it was read. One query.

    Raises ``NotAuthorized`` where the user was deleted or disabled, or has another status or password by now.
    """
    # Whoever changes one of them writes this row first and ends the sign-ins afterwards: held here, either the
    # change is seen, or the sign-in is there to be ended. SQLite's transactions hold everything (IMMEDIATE).
    held = User.objects.select_for_update(no_key=True).filter(
        pk=user.pk, is_enabled=True, status=user.status, password_changed_at=user.password_changed_at
    )
    if not held.values_list("pk")[:1]:
        raise NotAuthorized(why="disabled, recovered or deleted since the credential was checked")
