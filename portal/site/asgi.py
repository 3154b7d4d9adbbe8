"""The second process: GraphQL subscriptions, and their API's HTTP endpoint beside them, so that one address has both.

Nothing else of the site is served here; the web server does that, for less.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.site.settings")

from django.core.asgi import get_asgi_application
from django.db import connections

# Before anything that has models.
django_application = get_asgi_application()

from identity.kit.graphql import realtime  # noqa: E402
from portal.demo.graphql import places  # noqa: E402
from portal.demo.graphql.api import notes_api  # noqa: E402
from portal.site import health  # noqa: E402

# Threads come and go here: a connection that outlives its request would outlive its thread.
connections["default"].settings_dict["CONN_MAX_AGE"] = 0

_APIS = {places.path(): notes_api}
_HTTP_PATHS = frozenset({*_APIS, health.PATH})
_subscriptions = realtime.application(_APIS)

Send = Callable[[Any], Awaitable[None]]


async def application(scope: dict[str, Any], receive: Callable[..., Any], send: Send) -> None:
    if scope["type"] == "websocket":
        await _subscriptions(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] in _HTTP_PATHS:
        await django_application(scope, receive, send)
    elif scope["type"] == "http":
        await _not_found(send)


async def _not_found(send: Send) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
