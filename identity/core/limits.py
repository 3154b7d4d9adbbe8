"""Limits. Those that guard a secret are counted in the database, each count committed on its own.

The counting functions must not be called inside ``atomic()``: the refusal that follows would undo the count
and make guesses free. They raise ``RuntimeError`` there.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.db import connection

from identity.core import clock, transactions
from identity.core.models import Counter
from identity.core.prepared import PreparedQuery

FREE_FAILURES = 5
LONGEST_LOCK = timedelta(minutes=15)
IDLE = timedelta(minutes=15)

_KEY_LENGTH = 255

_COUNTED = PreparedQuery(
    Counter,
    lambda key: Counter.objects.filter(key=key).values_list("count", "ends_at"),
    Counter._meta.pk,
)


class LimitReached(Exception):
    """More than the limit within its window."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__(f"limit reached, again in {retry_after}")


class LockedOut(Exception):
    """Too many failures; locked until a moment."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"locked until {until.isoformat()}")


@dataclass(frozen=True, slots=True)
class Lockout:
    """What ``lockout_check`` saw: give it to ``lockout_clear``, which then costs nothing where nothing failed."""

    key: str
    failures: int


def hit(key: str, *, limit: int, window: timedelta) -> int:
    """Count one, at once and for good. Returns the count; raises ``LimitReached`` beyond ``limit``.

    The window begins with its first hit and is not moved by later ones.
    """
    now = clock.now()
    count, ends_at = _count(key, now=now, window=window, is_extended=False)
    if count > limit:
        raise LimitReached(ends_at - now)
    return count


def clear(key: str) -> None:
    """Forget what was counted."""
    Counter.objects.filter(key=_column_key(key)).delete()


def mark(key: str, *, lifetime: timedelta) -> None:
    """Remember that something happened, from now on for ``lifetime``, at once and for good."""
    _count(key, now=clock.now(), window=lifetime, is_extended=True)


def is_marked(key: str) -> bool:
    return _running(key, clock.now()) is not None


def lockout_check(key: str) -> Lockout:
    """Refuse while locked, by one indexed SELECT; a refused attempt counts nothing. Raises ``LockedOut``.

    Attempts that are under way together all pass before the first of them fails, so a burst gets as many
    guesses as the server has threads; each of them is counted then.
    """
    now = clock.now()
    counted = _running(key, now)
    if counted is None:
        return Lockout(key, 0)
    count, ends_at = counted
    until = ends_at - IDLE + lock_after(count)
    if now < until:
        raise LockedOut(until)
    return Lockout(key, count)


def lockout_fail(key: str) -> int:
    """Count a failed attempt, at once and for good. Returns the failures in a row."""
    count, _ = _count(key, now=clock.now(), window=IDLE, is_extended=True)
    return count


def lockout_clear(seen: Lockout) -> None:
    """Forget the failures that ``lockout_check`` saw, after a success; a query only if there were any."""
    if seen.failures:
        clear(seen.key)


def lock_after(failures: int) -> timedelta:
    """How long the n-th failure in a row locks: nothing before the fifth, then 1, 2, 4 … seconds up to 15 min.

    Source: observed behaviour of Amazon Cognito's lockout, its developer guide, "Lockout behavior".
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES, 20)), LONGEST_LOCK)


def throttle(key: str, *, limit: int, window: timedelta) -> bool:
    """Whether one more is within ``limit`` a window, counted in Django's cache; windows begin on the clock.

    For what only costs work, not for what guards a secret: without a shared cache each process counts for
    itself, and a cache that is down lets everything pass.
    """
    length = window.total_seconds()
    # The window's number is part of the name: a counter that lost its expiry in a race can then do no harm.
    number = int(clock.epoch(clock.now()) // length)
    name = f"identity:throttle:{hashlib.sha256(_column_key(key).encode()).hexdigest()}:{number}"
    if cache.add(name, 1, timeout=length):
        return limit >= 1
    try:
        return cache.incr(name) <= limit
    except ValueError:  # it expired in between, or the cache is down
        return True


def delete_old() -> None:
    """Delete counters whose window is over."""
    Counter.objects.filter(ends_at__lt=clock.now()).delete()


def _running(key: str, now: datetime) -> tuple[int, datetime] | None:
    """Count and end of a window that isn't over."""
    for count, ends_at in _COUNTED.rows(_column_key(key)):
        if _aware(ends_at) > now:
            return count, _aware(ends_at)
    return None


def _count(key: str, *, now: datetime, window: timedelta, is_extended: bool) -> tuple[int, datetime]:
    """One statement: start at 1, or add 1, or start again where the window is over."""
    transactions.require_none("counting for a limit")
    table, adapt = Counter._meta.db_table, connection.ops.adapt_datetimefield_value
    kept_end = "excluded.ends_at" if is_extended else "c.ends_at"
    statement = f"""
        INSERT INTO "{table}" AS c (key, count, ends_at) VALUES (%s, 1, %s)
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN c.ends_at <= %s THEN 1 ELSE c.count + 1 END,
            ends_at = CASE WHEN c.ends_at <= %s THEN excluded.ends_at ELSE {kept_end} END
        RETURNING count, ends_at
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [_column_key(key), adapt(now + window), adapt(now), adapt(now)])
        count, ends_at = cursor.fetchone()
    return count, _aware(ends_at)


def _aware(moment: datetime | str) -> datetime:
    """SQLite answers a raw query with text in UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _column_key(key: str) -> str:
    """Readable, so that the admin can find it; what is too long keeps its beginning and is told apart by a hash."""
    # What the client sent may be in it: PostgreSQL takes no zero character, UTF-8 no half surrogate pair.
    key = key.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    if len(key) <= _KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: _KEY_LENGTH - len(digest) - 1]}#{digest}"
