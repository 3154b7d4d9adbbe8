"""What another server said a moment ago: believed for a short time, bounded in number, dropped by age."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

V = TypeVar("V")

MOST = 1024


class Recent(Generic[V]):
    """Threads share it. Of more than ``most`` values the longest kept go first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[datetime, V]] = OrderedDict()

    def find(self, name: Hashable, now: datetime, *, younger_than: timedelta) -> V | None:
        """What was kept under the name no longer ago than that; a clock set back counts as too old."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or timedelta(0) <= now - kept[0] < younger_than:
                return kept and kept[1]
            del self._kept[name]
        return None

    def keep(self, name: Hashable, value: V, now: datetime) -> V:
        """``now`` is when it was asked for, not when the answer came: that is how old it may be."""
        with self._lock:
            self._kept[name] = (now, value)
            self._kept.move_to_end(name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
