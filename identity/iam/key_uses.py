"""Noting when an access key was last used without slowing the request that uses it.

At most once an hour, key and process a Celery message goes out; the worker writes the row. A lost
message only leaves the shown time an hour older.
"""

import threading
from datetime import datetime, timedelta

from celery import current_app

from identity.core import clock, nudging
from identity.iam import keys
from identity.iam.models import AccessKey

EVERY = timedelta(hours=1)
MOST_REMEMBERED = 10_000
_TASK = "identity.iam.note_key_use"

_lock = threading.Lock()
_handed_on: dict[str, datetime] = {}


def note(key: AccessKey, now: datetime) -> None:
    """Hand on that ``key`` is in use, if that is due. Never raises and never waits long."""
    is_recent = key.last_used_at is not None and now - key.last_used_at < EVERY
    if not is_recent and _take(key.key_id, now):
        _send(key.key_id, now)


def forget() -> None:
    """Start over, as a new process does."""
    with _lock:
        _handed_on.clear()


def _take(key_id: str, now: datetime) -> bool:
    with _lock:
        last = _handed_on.get(key_id)
        if last is not None and abs(now - last) < EVERY:
            return False
        if len(_handed_on) >= MOST_REMEMBERED:
            _handed_on.clear()
        _handed_on[key_id] = now
        return True


def _send(key_id: str, now: datetime) -> None:
    if current_app.conf.task_always_eager:  # which Celery heeds for tasks called as such only
        keys.note_use(key_id, now)
        return
    nudging.nudge(_TASK, key_id, clock.epoch(now))
