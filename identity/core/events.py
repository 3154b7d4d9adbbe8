"""Events: what happened, one row in the transaction in which it happened, told to the outside after commit."""

import dataclasses
import json
import logging
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from django.core.serializers.json import DjangoJSONEncoder

from identity import signals
from identity.core import clock, housekeeping, limits
from identity.core.models import Event
from identity.core.prepared import PreparedInsert

log = logging.getLogger("identity.events")

KEEP = timedelta(days=90)
_BATCH = 100
_LEASE = timedelta(seconds=60)
_LEASE_KEY = "lease:events"
_EVENT = PreparedInsert(Event)


class Recordable(Protocol):
    """A frozen dataclass whose class attribute ``tag`` reads ``userpools:user:confirmed``."""

    tag: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def record(event: Recordable) -> None:
    """Write the event into the caller's transaction. Its fields become JSON; secrets have no place in it."""
    content = dataclasses.asdict(event)
    _EVENT.insert(Event(tag=event.tag, content=content, created_at=clock.now()))


def publish() -> int:
    """Hand unpublished events, in order, to the log ``identity.events`` and to ``identity.signals.event``.

    At least once: one killed between telling and marking tells a batch again. Only one process tells at a
    time, which keeps the order; the others return 0. Must not run inside a transaction.
    """
    try:
        # A lease is a limit of one within a minute; whoever dies with it in hand leaves it to time.
        limits.hit(_LEASE_KEY, limit=1, window=_LEASE)
    except limits.LimitReached:
        return 0
    try:
        return _publish_all()
    finally:
        limits.clear(_LEASE_KEY)


def _publish_all() -> int:
    total, started = 0, clock.now()
    while clock.now() - started < _LEASE / 2:
        batch = list(Event.objects.unpublished().order_by("id")[:_BATCH])
        for row in batch:
            _tell(row)
        Event.objects.filter(pk__in=[row.pk for row in batch]).update(published_at=clock.now())
        total += len(batch)
        if len(batch) < _BATCH:
            break
    return total


def _tell(row: Event) -> None:
    log.info("%s %s", row.tag, json.dumps(row.content, cls=DjangoJSONEncoder, sort_keys=True))
    answers = signals.event.send_robust(
        sender=Event, id=row.pk, tag=row.tag, content=row.content, created_at=row.created_at
    )
    for receiver, answer in answers:
        if isinstance(answer, Exception):
            log.error("%s #%s: receiver %r raised", row.tag, row.pk, receiver, exc_info=answer)


def delete_old() -> None:
    """Delete what was published and is older than ninety days."""
    housekeeping.delete_in_batches(
        Event.objects.filter(created_at__lt=clock.now() - KEEP).exclude(published_at=None)
    )
