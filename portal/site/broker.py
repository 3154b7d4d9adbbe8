"""The embedded broker: kombu's files in a folder, in a form whose worker ends promptly."""

from typing import Any

from kombu.transport import filesystem

LISTEN_SECONDS = 0.2


class Transport(filesystem.Transport):
    """Celery looks whether it shall end only between two waits for a message, which it wants to be of 2 s."""

    def drain_events(self, connection: Any, timeout: float | None = None, **others: Any) -> Any:
        shorter = min(timeout or LISTEN_SECONDS, LISTEN_SECONDS)
        return super().drain_events(connection, timeout=shorter, **others)  # type: ignore[no-untyped-call]
