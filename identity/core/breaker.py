"""A breaker: after a fault, what failed is left alone for a while, so that it slows nobody."""

import threading
import time


class Breaker:
    """Open for ``rest_seconds`` after ``trip``. One instance guards one outside service of one process."""

    def __init__(self, rest_seconds: float) -> None:
        self.rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._until

    def trip(self) -> bool:
        """Open it. True for the one of many racing callers that opened it: that one writes the log line."""
        with self._lock:
            first = not self.is_open
            self._until = time.monotonic() + self.rest_seconds
            return first

    def reset(self) -> None:
        with self._lock:
            self._until = 0.0
