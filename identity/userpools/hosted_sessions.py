"""Browsers signed in at the hosted pages: a random cookie value, found by its hash. An hour, not extended by use."""

from datetime import datetime, timedelta

from django.db import transaction

from identity.core import clock, housekeeping, ids, sealing
from identity.userpools import standing
from identity.userpools.models import HostedSession, User, UserPool

LIFETIME = timedelta(hours=1)


def start(user: User, auth_time: datetime | None = None) -> str:
    """Remember that a browser signed in. Returns the cookie's value; ``auth_time`` None is now. Commits.

    Raises ``NotAuthorized`` where the user is no longer as they were when they signed in.
    """
    value, now = ids.token(), clock.now()
    with transaction.atomic():
        standing.require_unchanged(user)
        HostedSession.objects.create(
            token_hash=_hash(value), user=user, auth_time=auth_time or now, expires_at=now + LIFETIME
        )
    return value


def find(pool: UserPool, value: str) -> HostedSession | None:
    """The browser's session in this pool, with its user and pool joined; None once it or the user ended."""
    good = HostedSession.objects.filter(token_hash=_hash(value), expires_at__gt=clock.now())
    users = good.filter(user__pool=pool, user__is_enabled=True, user__status__in=User.MAY_SIGN_IN)
    return users.select_related("user__pool").first()


def end(value: str) -> None:
    """Sign the browser out. Unknown values are fine."""
    HostedSession.objects.filter(token_hash=_hash(value)).delete()


def end_all(user: User) -> None:
    """Sign out every browser of the user."""
    HostedSession.objects.filter(user=user).delete()


def purge() -> None:
    """Delete sessions whose time is over."""
    housekeeping.delete_in_batches(HostedSession.objects.filter(expires_at__lt=clock.now()))


def _hash(value: str) -> str:
    return sealing.fingerprint(f"hosted-session\0{value}")
