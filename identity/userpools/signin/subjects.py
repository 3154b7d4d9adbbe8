"""Whom a sign-in is for, and whether they may try: look-up, lockout, status, and what a failure costs.

Where the client hides existence, somebody who isn't there goes the same way as everybody else and fails like a
wrong password: with the same lockout, the same trigger, the same work.
Source: Cognito developer guide, "Managing user existence error responses" and "Lockout behavior".
"""

from typing import NoReturn
from uuid import UUID

from identity.core import limits, sealing
from identity.userpools import accounts, aliases, passwords, triggers
from identity.userpools.errors import (
    NotAuthorized,
    PasswordResetRequired,
    UserNotConfirmed,
    UserNotFound,
)
from identity.userpools.models import User, UserPool, pool_settings
from identity.userpools.signin.attempt import Attempt, Door, Subject

Status = User.Status


def find(attempt: Attempt) -> Subject:
    """Whom the name means. Raises ``UserNotFound`` unless the client hides existence."""
    user = accounts.find(attempt.pool, attempt.name)
    if user:
        return Subject(user, user.username)
    if not pool_settings.hides_existence(attempt.client):
        raise UserNotFound
    return Subject(None, simulated_id(attempt.pool, attempt.name))


def find_by_id(attempt: Attempt, subject_id: str) -> Subject:
    """The subject of an earlier step by its stored username. Only the database knows whether it is real."""
    user = User.objects.in_pool(attempt.pool).filter(username=subject_id).first()
    if user:
        user.pool = attempt.pool
    return Subject(user, subject_id)


def is_called(attempt: Attempt, subject: Subject, name: str) -> bool:
    """Whether a name sent with an answer means this subject: the challenge's own, the one typed, or an alias."""
    comparable = aliases.comparable(attempt.pool, name)
    if comparable == aliases.comparable(attempt.pool, subject.id):
        return True
    found = accounts.find(attempt.pool, name)
    if found:
        return subject.user is not None and found.pk == subject.user.pk
    return subject.user is None and simulated_id(attempt.pool, name) == subject.id


def simulated_id(pool: UserPool, name: str) -> str:
    """What stands for the username of nobody: the name itself, as that of a user called so would.

    A stable UUID for an address that users of the pool sign in by, since none of them is called like an address.
    """
    if aliases.has_form_of_address(pool, name):
        return str(UUID(hex=seed(pool, name)[:32], version=4))
    return aliases.comparable(pool, name)


def seed(pool: UserPool, name: str) -> str:
    """64 hex digits, always the same for a pool and a name, and unknowable without the master key."""
    return sealing.fingerprint(f"userpools:nobody:{pool.pk}:{aliases.comparable(pool, name)}")


def check_entry(attempt: Attempt, subject: Subject) -> limits.Lockout:
    """Refuse who may not even try: locked out, unconfirmed, and unless existence is hidden, disabled or reset.

    Returns what the lockout saw, for ``passed``.
    """
    seen = _check_lockout(attempt, subject)
    user = subject.user
    if user is None:
        return seen
    hidden = pool_settings.hides_existence(attempt.client)
    if not user.is_enabled and not hidden:
        raise NotAuthorized("User is disabled.")
    # The pages promise strangers silence, which the API, as Cognito's, does not keep: there the password comes first.
    if user.status == Status.UNCONFIRMED and attempt.door is not Door.PAGES:
        raise UserNotConfirmed
    if user.status == Status.RESET_REQUIRED and not hidden:
        raise PasswordResetRequired
    return seen


def before_credential(attempt: Attempt, subject: Subject) -> None:
    """Run the pre authentication trigger, for nobody too. Raises the trigger's errors."""
    triggers.pre_authentication(subject.user, attempt.client, attempt.name, attempt.validation_data)


def failed(attempt: Attempt, subject: Subject, why: str) -> NoReturn:
    """Count a failure, at once and for good, and refuse."""
    limits.lockout_fail(_lockout_key(attempt, subject))
    raise NotAuthorized(why=why)


def passed(attempt: Attempt, user: User, seen: limits.Lockout) -> None:
    """The credential was right: forget failures, then refuse what only its owner may learn."""
    limits.lockout_clear(seen)
    if not user.is_enabled:
        raise NotAuthorized("User is disabled.")
    if user.status == Status.UNCONFIRMED:
        raise UserNotConfirmed
    if user.status == Status.RESET_REQUIRED:
        raise PasswordResetRequired
    if user.status == Status.FORCE_CHANGE_PASSWORD and passwords.is_expired(user):
        raise NotAuthorized("Temporary password has expired and must be reset by an administrator.")


def _check_lockout(attempt: Attempt, subject: Subject) -> limits.Lockout:
    try:
        return limits.lockout_check(_lockout_key(attempt, subject))
    except limits.LockedOut as locked:
        raise NotAuthorized("Password attempts exceeded") from locked


def _lockout_key(attempt: Attempt, subject: Subject) -> str:
    return f"userpools:sign-in:{attempt.client.pool_id}:{subject.id}"
