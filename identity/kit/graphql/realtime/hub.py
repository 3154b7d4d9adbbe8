"""What is broadcast, handed to the subscriptions of this process. Lives on one event loop."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from identity.core import broadcast
from identity.kit.graphql import publishing
from identity.kit.graphql.api import Api
from identity.kit.graphql.realtime import subscriptions
from identity.kit.graphql.realtime.subscriptions import Subscription

log = logging.getLogger("identity.kit")

Tell = Callable[[dict[str, Any]], None]

RETRY_SECONDS = 2.0
_TURN_SECONDS = 0.01
"""How long telling goes on before others of the loop get a turn."""


class Hub:
    """Listens as long as somebody is subscribed."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._told: dict[object, tuple[Subscription, Tell]] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_listening: asyncio.Event | None = None

    async def listen(self) -> None:
        """Return when what is broadcast from now on is heard. Only after ``add``: for nobody it doesn't listen."""
        if self._task is None or self._task.done():
            self._is_listening = asyncio.Event()
            self._task = asyncio.create_task(self._run(self._is_listening))
        if self._is_listening is not None:
            await self._is_listening.wait()

    def add(self, key: object, subscription: Subscription, tell: Tell) -> None:
        self._told[key] = (subscription, tell)

    def remove(self, key: object) -> None:
        """Also of one that isn't there. Without anybody subscribed, listening ends."""
        self._told.pop(key, None)
        if not self._told and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self, is_listening: asyncio.Event) -> None:
        while True:
            try:
                async with broadcast.listen(publishing.channel(self._api)) as texts:
                    is_listening.set()
                    async for text in texts:
                        await self._deliver(text)
            except Exception:  # whatever it was, those who are subscribed must not stay deaf
                log.exception("%s: listening failed; again soon", self._api.id)
                is_listening.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def _deliver(self, text: str) -> None:
        event = json.loads(text)
        mutation, value = event["mutation"], event["value"]
        loop = asyncio.get_running_loop()
        turn_ends = loop.time() + _TURN_SECONDS
        for key, told in list(self._told.items()):
            subscription, tell = told
            if self._told.get(key) is not told:  # gone while others had their turn
                continue
            if mutation in subscription.mutations and subscriptions.matches(subscription, value):
                tell(subscriptions.payload(subscription, value))
            if loop.time() >= turn_ends:
                await asyncio.sleep(0)
                turn_ends = loop.time() + _TURN_SECONDS
