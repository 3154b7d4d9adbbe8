"""The embedded broker: kombu's files in a folder, in a form whose worker ends promptly."""

from kombu.transport import filesystem

LISTEN_SECONDS = 0.2


class Transport(filesystem.Transport):  # type: ignore[misc]  # kombu has no types
    """Celery looks whether it shall end only between two waits for a message, which it wants to be of 2 s."""

    def drain_events(self, connection: object, timeout: float | None = None) -> None:
        super().drain_events(connection, timeout=min(timeout or LISTEN_SECONDS, LISTEN_SECONDS))
