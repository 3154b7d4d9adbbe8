"""How many functions, and other calls that somebody waits for, may run at once in this process."""

import threading

from django.core.signals import setting_changed

from identity.core.conf import settings
from identity.core.invoke.errors import InvocationFailed

_lock = threading.Lock()
_slots: threading.BoundedSemaphore | None = None


def take() -> threading.BoundedSemaphore:
    """A slot, to be released when the function has really ended. None free: fails fast, because waiting
    would let slow functions take every thread of the server. Raises ``InvocationFailed``."""
    global _slots
    with _lock:
        slots = _slots = _slots or threading.BoundedSemaphore(settings().trigger_threads)
    if not slots.acquire(blocking=False):
        raise InvocationFailed("TooManyRequestsException")
    return slots


def _forget(*, setting: str, **_: object) -> None:
    global _slots
    if setting == "IDENTITY":
        with _lock:
            _slots = None


# Django announces changed settings only by this signal (see conf.py).
setting_changed.connect(_forget, dispatch_uid="identity.core.invoke")
