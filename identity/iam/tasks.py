"""Celery tasks, one line each."""

from celery import shared_task

from identity.core import clock
from identity.iam import keys


@shared_task(name="identity.iam.note_key_use", ignore_result=True)  # type: ignore[untyped-decorator]
def note_key_use(key_id: str, epoch_seconds: float) -> None:
    """Write when an access key was last used."""
    keys.note_use(key_id, clock.at(epoch_seconds))
