"""Is a worker there? Asked by the way that mail goes: outbox, broker, worker, database."""

import time
from datetime import timedelta
from typing import Any

from django.db import transaction

from identity.core import clock, outbox
from portal.demo.models import Heartbeat

KIND = "demo_heartbeat"
_NAME = "worker"
_FRESH = timedelta(seconds=60)
_PATIENCE_SECONDS = 0.6  # a nudged worker answers within 0.1 s


@outbox.handler(KIND)
def beat(content: dict[str, Any], *, key: str) -> None:
    Heartbeat.objects.update_or_create(name=_NAME, defaults={"beat_at": clock.now()})


def is_worker_up() -> bool:
    """Whether a worker answered within the last minute; asks it, and waits a moment, when none did."""
    if _has_beaten():
        return True
    ask()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _has_beaten():
            return True
        time.sleep(0.05)
    return False


def ask() -> None:
    """Put one question into the outbox; several within a minute are one."""
    minute = clock.seconds(clock.now()) // 60
    with transaction.atomic():
        outbox.put(KIND, {}, key=f"{KIND}:{minute}")


def _has_beaten() -> bool:
    return Heartbeat.objects.filter(name=_NAME, beat_at__gt=clock.now() - _FRESH).exists()
