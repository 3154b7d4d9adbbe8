"""A WebSocket client in process: what channels' own communicator does, which wants daphne installed."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from asgiref.testing import ApplicationCommunicator


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

    async def connect(self, timeout: float = 5) -> tuple[bool, str | None]:
        """Whether the connection was accepted, and by which subprotocol."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout)
        return answer["type"] == "websocket.accept", answer.get("subprotocol")

    async def send_to(self, *, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send_input({"type": "websocket.receive", "text": text_data, "bytes": bytes_data})

    async def send_json_to(self, message: Any) -> None:
        await self.send_to(text_data=json.dumps(message))

    async def receive_json_from(self, timeout: float = 5) -> Any:
        answer = await self.receive_output(timeout)
        assert answer["type"] == "websocket.send", answer
        return json.loads(answer["text"])

    async def disconnect(self) -> None:
        """Leave, and wait until the server has noticed."""
        if not self.future.done():
            await self.send_input({"type": "websocket.disconnect", "code": 1000})
            await self.wait(5)
