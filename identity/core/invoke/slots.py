"""How many functions, and other calls that somebody waits for, may run at once in this process: so many of each purpose,
for one must not starve the other.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.signals import setting_changed

from identity.core.conf import settings
from identity.core.invoke.errors import InvocationFailed

_lock = threading.Lock()
_slots: dict[str, threading.BoundedSemaphore] = {}


@contextmanager
def held(purpose: str) -> Iterator[None]:
    """A slot for as long as the block takes. Raises as ``take`` does."""
    slot = take(purpose)
    try:
        yield
    finally:
        slot.release()


def take(purpose: str) -> threading.BoundedSemaphore:
    """A slot, to be released when the function has really ended. None free: fails fast, because waiting
    would let slow functions take every thread of the server. Raises ``InvocationFailed``."""
    with _lock:
        slots = _slots.setdefault(purpose, threading.BoundedSemaphore(settings().trigger_threads))
    if not slots.acquire(blocking=False):
        raise InvocationFailed("TooManyRequestsException")
    return slots


def _forget(*, setting: str, **_: object) -> None:
    if setting == "IDENTITY":
        with _lock:
            _slots.clear()


# Django announces changed settings only by this signal (see conf.py).
setting_changed.connect(_forget, dispatch_uid="identity.core.invoke")
