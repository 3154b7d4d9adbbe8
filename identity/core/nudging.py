"""Telling a Celery worker that something waits, such that no broker, dead or silent, can slow the caller.

The options are set here and not left to the Celery app's own settings: with kombu's defaults a refused Redis
holds a publisher for six seconds.
"""

import logging
import time

from celery import current_app
from kombu.pools import producers

from identity.core.breaker import Breaker

log = logging.getLogger("identity.outbox")

TIMEOUT_SECONDS = 1
_OPTIONS = {
    "max_retries": 0,
    "socket_timeout": TIMEOUT_SECONDS,
    "socket_connect_timeout": TIMEOUT_SECONDS,
}
_breaker = Breaker(rest_seconds=30)


def nudge(task: str, *arguments: str | float) -> bool:
    """Send ``task``. Returns whether it was sent; never raises, waits a second at most.

    After a fault nothing is sent for 30 s: the work must be found by a sweep as well, or be one that may be lost.
    """
    if _breaker.is_open:
        return False
    started = time.monotonic()
    try:
        _publish(task, arguments)
    except Exception as error:  # each broker transport raises types of its own
        if _breaker.trip():
            log.warning("no worker was told of %s: %s", task, type(error).__qualname__)
        return False
    if time.monotonic() - started > TIMEOUT_SECONDS and _breaker.trip():
        log.warning("the message broker is slow; workers are not told for %.0f s", _breaker.rest_seconds)
    return True


def _publish(task: str, arguments: tuple[str | float, ...]) -> None:
    options = {**_OPTIONS, **current_app.conf.broker_transport_options}
    connection = current_app.connection_for_write(connect_timeout=TIMEOUT_SECONDS, transport_options=options)
    with producers[connection].acquire(block=True, timeout=TIMEOUT_SECONDS) as producer:
        current_app.send_task(task, arguments, producer=producer, retry=False, ignore_result=True)
