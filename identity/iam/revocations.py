"""Ending temporary credentials early: a short list of revocations, kept in the process and read anew every second."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from identity.core import clock, events
from identity.iam.events import RoleSessionsRevoked, TemporaryKeyRevoked
from identity.iam.models import RevokedCredentials, Role
from identity.iam.models.roles import LONGEST_SESSION

REFRESH_EVERY = timedelta(seconds=1)
RELEVANT_FOR = timedelta(seconds=LONGEST_SESSION)
"""After this long everything that a revocation speaks of has expired by itself."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    taken_at: datetime
    keys: frozenset[str] = frozenset()
    roles: dict[str, datetime] = field(default_factory=dict)


_lock = threading.Lock()
_snapshot: _Snapshot | None = None


def revoke_sessions(role: Role, *, before: datetime | None = None) -> RevokedCredentials:
    """End all sessions of a role that were issued before a moment (by default now)."""
    before = before or clock.now()
    with transaction.atomic():
        row = RevokedCredentials.objects.create(role=role, revoked_before=before)
        events.record(RoleSessionsRevoked(role.name, before.isoformat()))
    forget()
    return row


def revoke_key(access_key_id: str) -> RevokedCredentials:
    """End the temporary credentials with this key id."""
    with transaction.atomic():
        row = RevokedCredentials.objects.create(access_key_id=access_key_id)
        events.record(TemporaryKeyRevoked(access_key_id))
    forget()
    return row


def is_revoked(access_key_id: str, role_id: str, issued_at: datetime) -> bool:
    """Were these temporary credentials ended? Other processes' revocations are seen within a second."""
    current = _current(clock.now())
    if access_key_id in current.keys:
        return True
    before = current.roles.get(role_id)
    return before is not None and issued_at < before


def forget() -> None:
    """Read the list anew at the next question: this process sees its own revocations at once."""
    global _snapshot
    _snapshot = None


def _current(now: datetime) -> _Snapshot:
    global _snapshot
    known = _snapshot
    if known is not None and abs(now - known.taken_at) < REFRESH_EVERY:
        return known
    # Whoever finds the lock taken goes on with the list of a second ago rather than wait.
    if not _lock.acquire(blocking=known is None):
        return known or _read(now)
    try:
        fresh = _read(now)
        _snapshot = fresh
        return fresh
    finally:
        _lock.release()


def _read(now: datetime) -> _Snapshot:
    since = now - RELEVANT_FOR
    relevant = Q(revoked_before__gt=since) | Q(revoked_before=None, created_at__gt=since)
    rows = RevokedCredentials.objects.filter(relevant).values_list(
        "access_key_id", "role__role_id", "revoked_before"
    )
    keys: set[str] = set()
    roles: dict[str, datetime] = {}
    for key_id, role_id, before in rows:
        if before is None:
            keys.add(key_id)
        else:
            roles[role_id] = max(before, roles.get(role_id, before))
    return _Snapshot(now, frozenset(keys), roles)
