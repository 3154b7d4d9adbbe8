"""WebSocket clients in process: what channels' own communicator does, which wants daphne installed, and Amplify's."""

import base64
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import unquote

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.db import connection

from tests.kit.graphql import world
from tests.races import PATIENCE

KEYED = {"host": "testserver", "x-api-key": world.KEY}
SUBSCRIBE = "subscription { onCreateNote { id title } }"


class WebsocketCommunicator(ApplicationCommunicator):
    def __init__(
        self,
        app: Any,
        path: str,
        *,
        headers: Iterable[tuple[bytes, bytes]] = (),
        subprotocols: Iterable[str] = (),
    ) -> None:
        path, _, query = path.partition("?")
        scope = {
            "type": "websocket",
            "path": unquote(path),
            "root_path": "",
            "query_string": query.encode(),
            "headers": list(headers) or [(b"host", b"testserver")],
            "subprotocols": list(subprotocols),
            "client": ("127.0.0.1", 5000),
            "scheme": "ws",
        }
        super().__init__(app, scope)

    async def connect(self, timeout: float = PATIENCE) -> tuple[bool, str | None]:
        """Whether the connection was accepted, and by which subprotocol."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout)
        return answer["type"] == "websocket.accept", answer.get("subprotocol")

    async def send_to(self, *, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send_input({"type": "websocket.receive", "text": text_data, "bytes": bytes_data})

    async def send_json_to(self, message: Any) -> None:
        await self.send_to(text_data=json.dumps(message))

    async def receive_json_from(self, timeout: float = PATIENCE) -> Any:
        answer = await self.receive_output(timeout)
        assert answer["type"] == "websocket.send", answer
        return json.loads(answer["text"])

    async def disconnect(self) -> None:
        """Leave, and wait until the server has noticed."""
        if not self.future.done():
            await self.send_input({"type": "websocket.disconnect", "code": 1000})
            await self.wait(PATIENCE)


class Socket(WebsocketCommunicator):
    """A client. Each answer is JSON; ``header`` rides in the subprotocol as Amplify 6 has it."""

    def __init__(
        self, app: Any, header: Any = KEYED, *, query: str = "", headers: Any = (), path: str = "/graphql"
    ) -> None:
        protocols = ["graphql-ws"]
        if header is not None:
            text = header if isinstance(header, str) else json.dumps(header)
            protocols.append("header-" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))
        super().__init__(app, f"{path}/realtime{query}", headers=list(headers), subprotocols=protocols)

    async def say(self, kind: str, **members: Any) -> None:
        await self.send_json_to({"type": kind, **members})

    async def hear(self) -> Any:
        return await self.receive_json_from(5)

    async def begin(self) -> "Socket":
        assert await self.connect(5) == (True, "graphql-ws")
        await self.say("connection_init")
        assert await self.hear() == {"type": "connection_ack", "payload": {"connectionTimeoutMs": 300_000}}
        return self

    async def start(
        self, query: str = SUBSCRIBE, header: Any = KEYED, *, name: str = "1", **members: Any
    ) -> Any:
        data = json.dumps({"query": query, "variables": {}, **members})
        payload = {"data": data, "extensions": {"authorization": header}}
        await self.say("start", id=name, payload=payload)
        return await self.hear()

    async def started(
        self, query: str = SUBSCRIBE, header: Any = KEYED, *, name: str = "1", **members: Any
    ) -> None:
        assert await self.start(query, header, name=name, **members) == {"id": name, "type": "start_ack"}


def in_thread(deed: Callable[..., Any], *args: Any, **members: Any) -> Awaitable[Any]:
    """As another process does it: with a connection of its own."""

    def run() -> Any:
        try:
            return deed(*args, **members)
        finally:
            connection.close()

    return sync_to_async(run, thread_sensitive=False)()


def signed_header(key: Any, path: str, body: str, *, host: str = "testserver") -> dict[str, str]:
    """As Amplify signs for its subscriptions."""
    headers = {
        "accept": "application/json, text/javascript",
        "content-encoding": "amz-1.0",
        "content-type": "application/json; charset=UTF-8",
    }
    request = AWSRequest("POST", f"http://{host}{path}", headers, body)
    SigV4Auth(Credentials(*world.key_of(key)), "appsync", "us-east-1").add_auth(request)
    return {**dict(request.headers.items()), "host": host}
