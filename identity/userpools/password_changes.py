"""Changing the password of a stored user: by the user who knows it, or by an administrator.

Source: cognito/user-pools §7 and §9.
"""

from django.db import transaction

from identity.core import events as event_log
from identity.userpools import hourly, passwords, sessions, standing
from identity.userpools.errors import NotAuthorized, PasswordResetRequired
from identity.userpools.events import PasswordChanged, PasswordSet
from identity.userpools.models import User, UserSession

Status = User.Status


def by_user(session: UserSession, previous: str | None, proposed: str) -> None:
    """Change one's own password, in a session of one's own. Commits; tokens stay good.

    ``previous`` may be missing only for a user who has no password yet. Raises InvalidPassword, LimitExceeded,
    PasswordResetRequired, PasswordHistoryPolicyViolation, and NotAuthorized, also where the account was recovered,
    disabled or signed out while the hashes were made.
    """
    user = session.user
    if user.status == Status.RESET_REQUIRED:
        raise PasswordResetRequired()
    passwords.check_policy(user.pool, proposed)
    hourly.count(hourly.Action.CHANGE_PASSWORD, user)
    _check_previous(user, previous)
    passwords.check_history(user, proposed)
    prepared = passwords.prepare(user, proposed)
    with transaction.atomic():
        standing.require_unchanged(user)
        sessions.require_unrevoked(session)
        passwords.store(user, prepared)
        event_log.record(PasswordChanged(user.pool_id, str(user.sub)))


def by_administrator(user: User, password: str, *, is_permanent: bool) -> None:
    """Set a user's password. Commits.

    A permanent one confirms the user; any other must be changed at the next sign-in and expires as an
    invitation does. A user of another provider stays so. Raises InvalidParameter, InvalidPassword,
    PasswordHistoryPolicyViolation.
    """
    passwords.check_policy(user.pool, password)
    if is_permanent:
        passwords.check_history(user, password)
    prepared = passwords.prepare(user, password)
    status = Status.CONFIRMED if is_permanent else Status.FORCE_CHANGE_PASSWORD
    if user.status == Status.EXTERNAL_PROVIDER:
        status = Status.EXTERNAL_PROVIDER
    expires_at = None if is_permanent else passwords.temporary_until(user.pool)
    with transaction.atomic():
        passwords.store(user, prepared, status=status, expires_at=expires_at)
        event_log.record(PasswordSet(user.pool_id, str(user.sub), temporary=not is_permanent))


def _check_previous(user: User, previous: str | None) -> None:
    if previous is None and not user.password and user.status != Status.EXTERNAL_PROVIDER:
        return
    if previous is None or not passwords.is_right(user, previous):
        raise NotAuthorized()
