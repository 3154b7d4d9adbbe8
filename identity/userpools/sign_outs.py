"""Ending every sign-in of a user: in apps, in browsers, and what is on the way to becoming one."""

from django.db import transaction

from identity.userpools import hosted_sessions, oauth_codes, sessions
from identity.userpools.models import User


def of_apps(user: User) -> None:
    """Global sign-out: every session, and each code that would become one; browsers are still known. Commits."""
    with transaction.atomic():
        sessions.revoke_all(user)
        oauth_codes.void_all(user)


def everywhere(user: User) -> None:
    """For an account that was lost, disabled or recovered. In the caller's transaction."""
    of_apps(user)
    hosted_sessions.end_all(user)
