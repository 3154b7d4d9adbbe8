"""Celery tasks, one line each: a message is only a nudge, the rows are the truth."""

from celery import shared_task

from identity.core import housekeeping, outbox


@shared_task(name="identity.core.drain_outbox", ignore_result=True)  # type: ignore[untyped-decorator]
def drain_outbox() -> None:
    """Send what is due."""
    outbox.drain()


@shared_task(name="identity.core.sweep", ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Every few seconds: send what no nudge announced, tell the events, tidy up."""
    housekeeping.run()
