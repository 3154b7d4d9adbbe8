"""Subscriptions over AppSync's WebSocket protocol, for a server that speaks ASGI.

``application({"/graphql": api})`` answers at ``/graphql/realtime``. Source: AppSync developer guide, "Building a real-time
WebSocket client".
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from identity.kit.graphql.api import Api

SUFFIX = "/realtime"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def application(apis: Mapping[str, Api]) -> Application:
    """An ASGI application for ``websocket`` scopes. ``apis`` has the whole path of each GraphQL endpoint, as clients
    see it; a path that is none of theirs is refused. Apps must be ready: channels and strawberry come with it."""
    from identity.kit.graphql.realtime.consumer import served

    by_path = {path + SUFFIX: served(api, path) for path, api in apis.items()}

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        found = by_path.get(scope["path"])
        if found is not None:
            await found(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    return serve
