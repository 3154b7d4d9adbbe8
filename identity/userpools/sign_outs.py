"""Ending every sign-in of a user: in apps, in browsers, and what is on the way to becoming one."""

from identity.userpools import hosted_sessions, oauth_codes, sessions
from identity.userpools.models import User


def everywhere(user: User) -> None:
    """For an account that was lost, disabled or recovered. In the caller's transaction."""
    sessions.revoke_all(user)
    hosted_sessions.end_all(user)
    oauth_codes.void_all(user)
