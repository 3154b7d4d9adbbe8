"""Messages that follow from a change: put in the change's transaction, sent after it, at least once.

A Celery message is only a nudge; what counts is the row, which every sweep finds again. A worker claims a row
by one conditional UPDATE with a lease: a killed worker's rows come back when the lease is over.
"""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import F, QuerySet

from identity.core import clock, housekeeping, ids, nudging, sealing
from identity.core.models import OutboxMessage

log = logging.getLogger("identity.outbox")

MAX_ATTEMPTS = 12
LEASE = timedelta(seconds=60)  # longer than any handler may take, its own time-outs included
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
KEEP_SENT = timedelta(days=7)  # a key given twice within it is still known

_DRAIN_TASK = "identity.core.drain_outbox"


class Handler(Protocol):
    def __call__(self, content: dict[str, Any], *, key: str) -> None:
        """Send. ``key`` is the same at every try of one message, for the far side to know it by."""


class DeliveryFailed(Exception):
    """Could not send now. Its text is kept and shown: nothing of the content may be in it."""


class Undeliverable(DeliveryFailed):
    """Will never be sendable: no further try. Its text is kept and shown."""


_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the sender of a kind of message."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def put(kind: str, content: dict[str, Any], *, key: str | None = None) -> None:
    """Put a message into the caller's transaction; it goes out when that commits, or never.

    ``content`` is JSON and sealed at rest. A ``key`` that was put before makes this call do nothing.
    """
    now = clock.now()
    row = OutboxMessage(id=UUID(ids.uuid()), kind=kind, key=key, created_at=now, due_at=now)
    row.sealed_content = sealing.seal(json.dumps(content).encode(), bound_to=row.sealed_for)
    # ignore_conflicts: a second put of one key is no fault and must not break the caller's transaction.
    OutboxMessage.objects.bulk_create([row], ignore_conflicts=key is not None)
    transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Tell a worker that something waits. Never raises and never waits long: the sweep finds the row anyway."""
    if current_app.conf.task_always_eager:
        drain()
    else:
        nudging.nudge(_DRAIN_TASK)


def drain(limit: int = 100) -> int:
    """Send what is due, at most ``limit`` messages, each in its own claim. Returns how many were tried."""
    # Fresh ones first: those that failed before may each wait for a time-out again.
    due = OutboxMessage.objects.due(clock.now()).order_by("attempts", "due_at").values_list("pk", flat=True)
    return sum(_claim_and_send(pk) for pk in list(due[:limit]))


def revive(messages: QuerySet[OutboxMessage]) -> int:
    """Try dead messages again from the start. Returns how many there were."""
    now = clock.now()
    count = messages.filter(sent_at=None).exclude(dead_at=None).update(dead_at=None, due_at=now, attempts=0)
    transaction.on_commit(nudge, robust=True)
    return count


def delete_old() -> None:
    """Delete what was sent a while ago. The dead are kept until somebody looks at them."""
    housekeeping.delete_in_batches(OutboxMessage.objects.filter(sent_at__lt=clock.now() - KEEP_SENT))


def _claim_and_send(pk: UUID) -> bool:
    now = clock.now()
    # The attempt counts with the claim: a message that kills its worker also ends among the dead.
    mine = OutboxMessage.objects.due(now).filter(pk=pk)
    if not mine.update(claimed_until=now + LEASE, attempts=F("attempts") + 1):
        return False
    message = OutboxMessage.objects.get(pk=pk)
    try:
        _send(message)
    except Exception as error:  # handlers are other people's code; the row must learn of any fault
        _failed(message, error)
    else:
        _sent(message)
    return True


def _send(message: OutboxMessage) -> None:
    if message.attempts > MAX_ATTEMPTS:
        raise Undeliverable("every worker that tried it ended before it was sent")
    send = _handlers.get(message.kind)
    if send is None:
        raise DeliveryFailed("no handler for this kind of message")
    content = json.loads(sealing.open(message.sealed_content, bound_to=message.sealed_for))
    send(content, key=str(message.pk))


def _sent(message: OutboxMessage) -> None:
    row = OutboxMessage.objects.filter(pk=message.pk)
    row.update(sent_at=clock.now(), claimed_until=None, sealed_content=b"", last_error="")


def _failed(message: OutboxMessage, error: Exception) -> None:
    now, reason = clock.now(), reason_of(error)
    is_dead = isinstance(error, Undeliverable) or message.attempts >= MAX_ATTEMPTS
    # Unsent only: another worker may have sent it after this one's lease.
    OutboxMessage.objects.filter(pk=message.pk, sent_at=None).update(
        claimed_until=None,
        due_at=now + wait_after(message.attempts),
        dead_at=now if is_dead else None,
        last_error=reason[:200],
    )
    level = logging.ERROR if is_dead else logging.WARNING
    fate = "given up" if is_dead else "will be tried again"
    log.log(level, "%s message %s not sent (%s), %s", message.kind, message.pk, reason, fate)


def wait_after(attempts: int) -> timedelta:
    """The pause before the next try: doubling from 5 s up to an hour."""
    doublings: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


def reason_of(error: Exception) -> str:
    """A fault's name without anything of the message: foreign texts often quote the address or the body."""
    if isinstance(error, DeliveryFailed):
        return str(error)
    number = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return type(error).__qualname__ + (f" {number}" if number else "")
