"""A client's WebSocket: opened, let in, subscribed, told, closed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async  # type: ignore[import-untyped]
from channels.generic.websocket import AsyncWebsocketConsumer  # type: ignore[import-untyped]

from identity.core.errors import ServiceError
from identity.kit.graphql.api import Api
from identity.kit.graphql.authentication import authenticate
from identity.kit.graphql.context import Context
from identity.kit.graphql.errors import Malformed, Refused
from identity.kit.graphql.faults import fault
from identity.kit.graphql.realtime import handshake, messages, subscriptions
from identity.kit.graphql.realtime.hub import Hub
from identity.kit.graphql.realtime.subscriptions import NotStarted, Subscription
from identity.wire import content, origin

log = logging.getLogger("identity.kit")

Given = ParamSpec("Given")
Result = TypeVar("Result")

INIT_SECONDS = 15.0
LONGEST_SECONDS = 24 * 3600.0
_WAITING_MESSAGES = 256
_LONGEST_ID = 128
_UNSUPPORTED = "unknown not supported through the realtime channel"
_GOING_AWAY, _TOO_BIG, _TRY_LATER = 1001, 1009, 1013

_pause = asyncio.sleep

# Resolvers and authorizers are sync and may be slow: they have threads of their own, a few.
_threads = ThreadPoolExecutor(8, "realtime")


@dataclass(slots=True)
class Seats:
    """How many sockets of this process are open, and how many of them are not let in yet."""

    taken: int = 0
    anonymous: int = 0


def served(api: Api, path: str) -> Callable[..., Awaitable[None]]:
    """The ASGI application of one API, with its hub."""
    api.loaded()  # a schema that can't be served is found out at the start
    hub, seats = Hub(api), Seats()

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await Consumer(api, path, hub, seats)(scope, receive, send)

    return serve


class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One connection. Messages of a client are answered in their order."""

    def __init__(self, api: Api, path: str, hub: Hub, seats: Seats) -> None:
        super().__init__()
        self._api, self._path, self._hub, self._seats = api, path, hub, seats
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(_WAITING_MESSAGES)
        self._ids: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_seated = self._is_let_in = False
        self._lost = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._clear()

    async def connect(self) -> None:
        """Accept whoever speaks the protocol; who it is is asked at ``connection_init``, so that a refusal can be told."""
        limits = self._api.limits
        is_full = (
            self._seats.taken >= limits.connections or self._seats.anonymous >= limits.anonymous_connections
        )
        if is_full or handshake.PROTOCOL not in self.scope.get("subprotocols", ()):
            await self.close()
            return
        self._is_seated = True
        self._seats.taken += 1
        self._seats.anonymous += 1
        await self.accept(handshake.PROTOCOL)
        self._tasks = [asyncio.create_task(self._pump()), asyncio.create_task(self._live())]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None or len(text_data) > self._api.limits.request_bytes:
            await self.close(_TOO_BIG)
            return
        try:
            message = content.read_json(text_data.encode("utf-8", "surrogatepass"))
        except ServiceError:
            message = None
        if not isinstance(message, dict):
            await self._say(
                messages.error(None, [fault("BadRequestException", "The message is no JSON object.")])
            )
            return
        await self._answer(message)

    async def _answer(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if not self._is_let_in:
            if kind == "connection_init":
                await self._let_in()
            return
        if kind == "start":
            await self._start(message)
        elif kind == "stop":
            await self._stop(message)
        elif kind != "connection_init":
            await self._say(messages.error(None, [fault("UnsupportedOperation", _UNSUPPORTED)]))

    async def _let_in(self) -> None:
        try:
            presented = handshake.connecting(self.scope, self._path)
            await _in_thread(authenticate, self._api, presented)
        except Refused as refused:
            log.info("%s: connection refused, %s: %s", self._api.id, refused.error_type, refused.why)
            await self.send(messages.connection_error(refused))
            await self.close()
            return
        self._is_let_in = True
        self._seats.anonymous -= 1
        await self._say(messages.connection_ack())

    async def _start(self, message: dict[str, Any]) -> None:
        subscription_id = message.get("id")
        if not isinstance(subscription_id, str) or not 0 < len(subscription_id) <= _LONGEST_ID:
            await self._say(messages.error(None, [fault("BadRequestException", "A start needs an id.")]))
            return
        try:
            self._require_room(subscription_id)
            subscription = await _in_thread(self._subscription, message.get("payload"))
        except Refused as refused:
            log.info("%s: start refused, %s: %s", self._api.id, refused.error_type, refused.why)
            await self._say(messages.error(subscription_id, [fault(refused.error_type, refused.message)]))
        except NotStarted as refused:
            await self._say(messages.error(subscription_id, refused.faults))
        else:
            await self._begin(subscription_id, subscription)

    async def _begin(self, subscription_id: str, subscription: Subscription) -> None:
        """Subscribed before it is acknowledged, so that nothing is missed after; told nothing before that."""
        is_acknowledged = False

        def tell(payload: dict[str, Any]) -> None:
            if is_acknowledged:
                self._tell(messages.data(subscription_id, payload))

        self._ids.add(subscription_id)
        self._hub.add((self, subscription_id), subscription, tell)
        await self._hub.listen()
        await self._say(messages.start_ack(subscription_id))
        is_acknowledged = True

    async def _stop(self, message: dict[str, Any]) -> None:
        subscription_id = message.get("id")
        if isinstance(subscription_id, str) and subscription_id in self._ids:
            self._ids.discard(subscription_id)
            self._hub.remove((self, subscription_id))
            await self._say(messages.complete(subscription_id))

    def _require_room(self, subscription_id: str) -> None:
        if subscription_id in self._ids:
            raise NotStarted(fault("BadRequestException", "There is a subscription of this id already."))
        if len(self._ids) >= self._api.limits.subscriptions:
            raise NotStarted(fault("LimitExceededError", "Too many subscriptions on this connection."))

    def _subscription(self, payload: Any) -> Subscription:
        """Runs in a thread of its own. Raises Refused, NotStarted."""
        data = payload.get("data") if isinstance(payload, dict) else None
        if not isinstance(data, str):
            raise Malformed
        extensions = payload.get("extensions")
        authorization = extensions.get("authorization") if isinstance(extensions, dict) else None
        request = handshake.request_of(self.scope)
        presented = handshake.starting(authorization, self._path, data, origin.of(request))
        principal = authenticate(self._api, presented)
        return subscriptions.start(self._api, data, Context(self._api, principal, request))

    async def _say(self, text: str) -> None:
        await self._outgoing.put(text)

    def _tell(self, text: str) -> None:
        """Subscriptions promise at most once: a client that doesn't read is not waited for."""
        try:
            self._outgoing.put_nowait(text)
        except asyncio.QueueFull:
            self._lost += 1

    async def _pump(self) -> None:
        while True:
            await self.send(await self._outgoing.get())

    async def _live(self) -> None:
        """Nobody stays long without being let in, nobody longer than a day; in between a sign of life a minute."""
        await _pause(INIT_SECONDS)
        if not self._is_let_in:
            await self.close(_TRY_LATER)
            return
        lived = INIT_SECONDS
        while lived + messages.KEEP_ALIVE_SECONDS < LONGEST_SECONDS:
            await _pause(messages.KEEP_ALIVE_SECONDS)
            self._tell(messages.KEEP_ALIVE)
            lived += messages.KEEP_ALIVE_SECONDS
        await _pause(LONGEST_SECONDS - lived)
        await self.close(_GOING_AWAY)

    def _clear(self) -> None:
        """Once, however the connection ends."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        for subscription_id in self._ids:
            self._hub.remove((self, subscription_id))
        self._ids = set()
        if self._is_seated:
            self._is_seated = False
            self._seats.taken -= 1
            self._seats.anonymous -= not self._is_let_in
        if self._lost:
            log.warning("%s: a slow client missed %d messages", self._api.id, self._lost)
            self._lost = 0


async def _in_thread(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    run = database_sync_to_async(work, thread_sensitive=False, executor=_threads)
    result: Result = await run(*args, **kwargs)
    return result
