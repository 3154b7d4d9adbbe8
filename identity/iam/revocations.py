"""Ending temporary credentials early: a list of revocations, kept in the process and looked at anew every second.

The whole list is read once a minute; in between only what was written lately, so that an identity pool whose guests
sign in all day long (each a merge, each a revocation) costs no more than a quiet one.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from identity.core import clock, events, housekeeping
from identity.iam.events import (
    RoleSessionsRevoked,
    TemporaryKeyRevoked,
    WebIdentityRestored,
    WebIdentityRevoked,
)
from identity.iam.models import RevokedCredentials, Role

REFRESH_EVERY = timedelta(seconds=1)
READ_WHOLE_EVERY = timedelta(minutes=1)
LATELY = timedelta(minutes=2)
"""How far back the short reading looks: further than transactions last and hosts' clocks differ."""

RELEVANT_FOR = timedelta(hours=36)
"""After this long what a revocation speaks of has expired by itself: no session lives longer, and STS takes no token that
a revocation ended (identity pools' own live a day at most). Source: STS API reference, GetSessionToken.

Not so what other providers' users hold: how long their tokens live, and who signs in there anew, is not ours to say.
"""

_FOREIGN = ~Q(claim="") & ~Q(claim__startswith="cognito-identity.amazonaws.com:")
_ALWAYS = datetime.max.replace(tzinfo=UTC)

Claims = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The list as it was read, after these of this process's own changes: ``addition`` and ``deletion``."""

    taken_at: datetime
    whole_at: datetime
    addition: object
    deletion: object
    keys: frozenset[str] = frozenset()
    roles: dict[str, datetime] = field(default_factory=dict)
    claims: dict[tuple[str, str], datetime] = field(default_factory=dict)


_lock = threading.Lock()
_snapshot: _Snapshot | None = None
_addition = _deletion = object()
"""Stand for the latest changes of this process: each is another object, so that a list read before it is told."""


def revoke_sessions(role: Role, *, before: datetime | None = None) -> RevokedCredentials:
    """End all sessions of a role that were issued before a moment (by default now).

    Takes part in the caller's transaction.
    """
    before = before or clock.now()
    with transaction.atomic():
        row = RevokedCredentials.objects.create(role=role, revoked_before=before)
        events.record(RoleSessionsRevoked(role.name, before.isoformat()))
    _read_on_now_and_later()
    return row


def revoke_key(access_key_id: str) -> RevokedCredentials:
    """End the temporary credentials with this key id. Takes part in the caller's transaction."""
    with transaction.atomic():
        row = RevokedCredentials.objects.create(access_key_id=access_key_id)
        events.record(TemporaryKeyRevoked(access_key_id))
    _read_on_now_and_later()
    return row


def revoke_subject(provider: str, subject: str) -> RevokedCredentials:
    """End the sessions and the tokens of a provider's user, also those that are being issued at this moment.

    ``provider`` is its name in condition keys, ``cognito-identity.amazonaws.com`` for identity pools. Takes part in the
    caller's transaction.
    """
    return revoke_claim(f"{provider}:sub", subject)


def revoke_audience(provider: str, audience: str) -> RevokedCredentials:
    """As ``revoke_subject`` for all users of one audience: of an identity pool, where it is the pool's id."""
    return revoke_claim(f"{provider}:aud", audience)


def revoke_claim(claim: str, value: str, *, before: datetime | None = None) -> RevokedCredentials:
    """End the sessions and tokens that were issued with this condition key before a moment, by default all of them.

    A moment lets nobody in whom an earlier revocation locked out. Takes part in the caller's transaction.
    """
    with transaction.atomic():
        row = RevokedCredentials.objects.create(claim=claim, claim_value=value, revoked_before=before)
        events.record(WebIdentityRevoked(claim, value))
    _read_on_now_and_later()
    return row


def restore_subject(provider: str, subject: str) -> RevokedCredentials:
    """Let a user in again whom ``revoke_subject`` locked out; what was issued until now stays ended."""
    claim = f"{provider}:sub"
    with transaction.atomic():
        row = RevokedCredentials.objects.create(
            claim=claim, claim_value=subject, revoked_before=clock.now(), lets_in=True
        )
        events.record(WebIdentityRestored(claim, subject))
    forget_now_and_later()
    return row


def is_revoked(access_key_id: str, role_id: str, issued_at: datetime, claims: Claims | None = None) -> bool:
    """Were these temporary credentials ended? Other processes' revocations are seen within a second.

    ``claims`` are the condition keys that the session's identity brought.
    """
    current = _current(clock.now())
    if access_key_id in current.keys:
        return True
    before = current.roles.get(role_id)
    return (before is not None and issued_at < before) or _is_ended(current, claims or {}, issued_at)


def is_token_revoked(claims: Claims, issued_at: datetime) -> bool:
    """Was the identity ended that a token with these condition keys is of?

    ``issued_at`` has whole seconds: a token of the very second of the moment counts as one from before it.
    """
    return _is_ended(_current(clock.now()), claims, issued_at)


def purge() -> int:
    """Delete what was written about identity pools and speaks of nothing that still lives. Gives how many rows.

    Those of roles and keys are few, made by hand, and stay as a record; those of other providers' users go on to count.
    """
    ours = RevokedCredentials.objects.exclude(claim="").exclude(_FOREIGN)
    old = ours.filter(created_at__lt=clock.now() - RELEVANT_FOR)
    return housekeeping.delete_in_batches(old.filter(_is_past()))


def _is_past() -> Q:
    """A moment given by hand may lie in the future: such a row is kept until it is past, too."""
    return Q(revoked_before=None) | Q(revoked_before__lt=clock.now() - RELEVANT_FOR)


def forget() -> None:
    """Read the whole list anew at the next question: a short reading wouldn't notice what was deleted."""
    global _deletion
    _deletion = object()


def forget_now_and_later() -> None:
    """Now for the rest of the transaction, and when it is committed, for others may have read meanwhile."""
    forget()
    transaction.on_commit(forget)


def _read_on_now_and_later() -> None:
    """As ``forget_now_and_later`` where rows were only added: this process sees its own revocations at once."""
    began = clock.now()

    def committed() -> None:
        # Asked up to a minute from now, the short reading must still reach back to the row.
        if clock.now() - began < LATELY - READ_WHOLE_EVERY:
            _look_for_additions()
        else:
            forget()

    _look_for_additions()
    transaction.on_commit(committed)


def _look_for_additions() -> None:
    global _addition
    _addition = object()


def _is_ended(current: _Snapshot, claims: Claims, issued_at: datetime) -> bool:
    if not current.claims:
        return False
    for name, value in claims.items():
        before = current.claims.get((name, value)) if isinstance(value, str) else None
        if before is not None and issued_at < before:
            return True
    return False


def _current(now: datetime) -> _Snapshot:
    global _snapshot
    known = _snapshot
    if known is not None and _knows_own_changes(known):
        # Whoever finds the lock taken goes on with the list of a second ago rather than wait.
        if abs(now - known.taken_at) < REFRESH_EVERY or not _lock.acquire(blocking=False):
            return known
    else:
        _lock.acquire()
    try:
        fresh = _read(now) if _snapshot is None else _read_on(_snapshot, now)
        _snapshot = fresh
        return fresh
    finally:
        _lock.release()


def _knows_own_changes(known: _Snapshot) -> bool:
    return known.addition is _addition and known.deletion is _deletion


def _read(now: datetime) -> _Snapshot:
    """The whole list, as far as it still matters."""
    since = now - RELEVANT_FOR
    relevant = Q(revoked_before__gt=since) | Q(revoked_before=None, created_at__gt=since)
    return _added(_Snapshot(now, now, _addition, _deletion), relevant | _FOREIGN, now)


def _read_on(known: _Snapshot, now: datetime) -> _Snapshot:
    """An earlier list with what was written since."""
    if abs(now - known.whole_at) >= READ_WHOLE_EVERY or known.deletion is not _deletion:
        return _read(now)
    return _added(replace(known, addition=_addition), Q(created_at__gt=now - LATELY), now)


def _added(known: _Snapshot, wanted: Q, now: datetime) -> _Snapshot:
    rows: Iterable[Any] = (
        RevokedCredentials.objects.filter(wanted)
        .order_by("pk")
        .values_list("access_key_id", "role__role_id", "claim", "claim_value", "revoked_before", "lets_in")
    )
    keys, roles, claims = set(known.keys), dict(known.roles), dict(known.claims)
    for key_id, role_id, claim, value, before, lets_in in rows:
        if claim:
            until = before or _ALWAYS
            claims[claim, value] = until if lets_in else max(until, claims.get((claim, value), until))
        elif role_id is None:
            keys.add(key_id)
        else:
            roles[role_id] = max(before, roles.get(role_id, before))
    return replace(known, taken_at=now, keys=frozenset(keys), roles=roles, claims=claims)
