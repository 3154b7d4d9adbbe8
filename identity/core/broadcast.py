"""Telling all processes of the site something, at most once and soon: by Redis where there is one, else by rows.

Nothing is kept for who isn't listening, and nothing may depend on it: a process that is busy or a Redis that is away
hears nothing of it. What must arrive goes by the outbox.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from identity.core import clock, housekeeping
from identity.core.breaker import Breaker
from identity.core.conf import settings
from identity.core.models import Broadcast

log = logging.getLogger("identity.broadcast")

TIMEOUT_SECONDS = 0.3
POLL_SECONDS = 0.1
KEPT_FOR = timedelta(minutes=1)
RETRY_SECONDS = 2.0

_OVERLAP = 200
"""Rows that a poll looks at again: their ids are given before they are committed, so a lower one may come later."""

_rest = Breaker(rest_seconds=2)


def send(channel: str, text: str) -> None:
    """Tell whoever listens on the channel, after the commit where a transaction is open.

    Never raises, and takes 0.3 s at the most while Redis is silent, once every two seconds.
    """
    tell = _publish if settings().redis_url else _insert
    transaction.on_commit(lambda: tell(channel, text), robust=True)


@contextlib.asynccontextmanager
async def listen(channel: str) -> AsyncIterator[AsyncIterator[str]]:
    """What is sent on the channel from now on. Entered only when it is really listening; runs on while Redis or the
    database is away, without what was sent meanwhile."""
    listener = _RedisListener(channel) if settings().redis_url else _RowListener(channel)
    await listener.begin()
    try:
        yield listener.texts()
    finally:
        await listener.end()


def delete_old() -> int:
    """Delete what is older than anybody looks for."""
    return housekeeping.delete_in_batches(Broadcast.objects.filter(created_at__lt=clock.now() - KEPT_FOR))


def _insert(channel: str, text: str) -> None:
    try:
        Broadcast.objects.create(channel=channel, text=text, created_at=clock.now())
    except DatabaseError as error:
        log.warning("Not told on %s: %s", channel, type(error).__name__)


def _publish(channel: str, text: str) -> None:
    from redis import exceptions

    if _rest.is_open:
        return
    try:
        _redis(settings().redis_url).publish(_redis_name(channel), text)
    except exceptions.RedisError as error:
        if _rest.trip():
            log.warning("Not told on %s: Redis does not answer (%s)", channel, type(error).__name__)


def _redis_name(channel: str) -> str:
    """Channels are shared by all databases of a Redis, so they carry the database and the site."""
    from redis.connection import parse_url

    given = settings()
    database = parse_url(given.redis_url).get("db", 0)  # type: ignore[no-untyped-call]
    return f"identity:{database}:{given.base_url}:{channel}"


@cache
def _redis(url: str) -> Any:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


class _RedisListener:
    def __init__(self, channel: str) -> None:
        self._name = _redis_name(channel)
        self._subscription: Any = None
        self._client: Any = None

    async def begin(self) -> None:
        """Raises nothing: where Redis is away, it is tried again while listening."""
        from redis import exceptions

        try:
            await self._subscribe()
        except exceptions.RedisError as error:
            log.warning("Not listening yet: Redis does not answer (%s)", type(error).__name__)
            await self.end()

    async def texts(self) -> AsyncIterator[str]:
        from redis import exceptions

        while True:
            try:
                if self._subscription is None:
                    await self._subscribe()
                message = await self._subscription.get_message(ignore_subscribe_messages=True, timeout=30)
            except exceptions.RedisError as error:
                log.warning("Redis went away (%s); listening again soon", type(error).__name__)
                await self.end()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if message is not None:
                yield message["data"].decode()

    async def end(self) -> None:
        from redis import exceptions

        with contextlib.suppress(exceptions.RedisError, OSError):
            if self._subscription is not None:
                await self._subscription.aclose()
            if self._client is not None:
                await self._client.aclose()
        self._subscription = self._client = None

    async def _subscribe(self) -> None:
        import redis.asyncio
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        self._client = redis.asyncio.Redis.from_url(
            settings().redis_url,
            socket_connect_timeout=TIMEOUT_SECONDS,
            health_check_interval=15,
            retry=Retry(NoBackoff(), 0),
        )
        subscription = self._client.pubsub()
        await subscription.subscribe(self._name)
        # The confirmation: what is sent from here on is heard.
        await subscription.get_message(timeout=TIMEOUT_SECONDS)
        self._subscription = subscription


class _RowListener:
    """Polls by one short query, in a thread and by a connection of its own, which is kept."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._last: int | None = None  # until it is known what was there before
        self._seen: set[int] = set()
        self._thread = ThreadPoolExecutor(1, "broadcast")

    async def begin(self) -> None:
        """Raises nothing: where the database is away, it is tried again while listening."""
        with contextlib.suppress(DatabaseError):
            await self._in_thread(self._skip)

    async def texts(self) -> AsyncIterator[str]:
        while True:
            try:
                texts = await self._in_thread(self._next)
            except DatabaseError as error:
                log.warning("Listening again soon: %s", type(error).__name__)
                await self._in_thread(_close)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for text in texts:
                yield text
            await asyncio.sleep(POLL_SECONDS)

    async def end(self) -> None:
        """Without waiting, for the task that listens may be cancelled by now."""
        self._thread.submit(_close)
        self._thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _skip(self) -> None:
        newest = self._recent().order_by("-id").values_list("id", flat=True)[:_OVERLAP]
        self._note(newest)

    def _next(self) -> list[str]:
        if self._last is None:
            self._skip()
            return []
        found = list(self._unheard(self._last).order_by("id").values_list("id", "text"))
        self._note(number for number, _ in found)
        return [text for _, text in found]

    def _recent(self) -> QuerySet[Broadcast]:
        return Broadcast.objects.filter(channel=self._channel, created_at__gt=clock.now() - KEPT_FOR)

    def _unheard(self, last: int) -> QuerySet[Broadcast]:
        return self._recent().filter(id__gt=last - _OVERLAP).exclude(id__in=self._seen)

    def _note(self, numbers: Iterable[int]) -> None:
        """Of what was heard, only what a poll would look at again is remembered."""
        seen = self._seen.union(numbers)
        last = self._last = max(seen, default=0)
        self._seen = {number for number in seen if number > last - _OVERLAP}


def _close() -> None:
    """Of the thread that runs it: the bound method would be that of the thread that hands it over."""
    connection.close()
