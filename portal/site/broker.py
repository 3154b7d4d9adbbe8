"""The embedded broker: kombu's files in a folder, in a form whose worker ends promptly and stumbles over no message."""

import logging
import os
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

from identity.core import clock, ids

LISTEN_SECONDS = 0.2

log = logging.getLogger("portal.broker")


class Channel(filesystem.Channel):
    """A message has its name once it is whole: kombu's own is seen by workers before anything is written to it."""

    def _put(self, queue: Any, message: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's two names differ
        content = dumps(message).encode()  # type: ignore[no-untyped-call]
        path = self._folder / f"{clock.now():%Y%m%d%H%M%S%f}_{ids.uuid()}.{queue}.msg"
        unfinished = path.with_name(f"{path.name}.new")
        try:
            unfinished.write_bytes(content)
            unfinished.rename(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise ChannelError(f"The message {path} can't be written") from error

    def _get(self, queue: Any, timeout: Any = None) -> Any:
        for path in self._paths(queue):
            taken = path.with_name(f"{path.name}.taken")
            try:
                path.rename(taken)
            except FileNotFoundError:  # another worker was faster
                continue
            try:
                message = loads(taken.read_bytes().decode())  # type: ignore[no-untyped-call]
            except ValueError:
                taken.rename(path.with_name(f"{path.name}.unreadable"))
                log.error("the message %s can't be read and is set aside", path)
                continue
            taken.unlink()
            return message
        raise Empty

    def _paths(self, queue: str) -> list[Path]:
        """Those of the queue, the oldest first. What has another ending is not listed, counted or purged."""
        names = sorted(os.listdir(self._folder))
        return [self._folder / name for name in names if name.partition(".")[2] == f"{queue}.msg"]

    @property
    def _folder(self) -> Path:
        return Path(self.data_folder_in)


class Transport(filesystem.Transport):
    """Celery looks whether it shall end only between two waits for a message, which it wants to be of 2 s."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **others: Any) -> Any:
        shorter = min(timeout or LISTEN_SECONDS, LISTEN_SECONDS)
        return super().drain_events(connection, timeout=shorter, **others)  # type: ignore[no-untyped-call]
