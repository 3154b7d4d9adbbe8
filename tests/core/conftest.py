"""What the tests of the tools need: a real HTTP server, and settings that change for one test."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings as django_settings

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A server on 127.0.0.1. ``answers`` maps a path to what writes the answer; ``seen`` keeps what came."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(
        self, path: str, body: Any, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[path] = lambda request: write(request, raw, status=status, headers=headers or {})


def write(
    request: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> None:
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


class QuietServer(ThreadingHTTPServer):
    """Without the traceback that the library prints when a client hangs up, as these tests' clients do."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.seen.append(
                {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
            )
            answer = server.answers.get(self.path.partition("?")[0])
            if answer is None:
                write(self, b"{}", status=404)
                return
            answer(self)

        do_GET = do_POST = _serve

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def http_server() -> Iterator[Server]:
    server = Server()
    listening = QuietServer(("127.0.0.1", 0), handler_of(server))
    server.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def identity(settings: Any) -> Callable[..., None]:
    """Change some of ``IDENTITY`` for one test: ``identity(REGION="eu-west-1")``."""

    def change(**values: Any) -> None:
        settings.IDENTITY = {**django_settings.IDENTITY, **values}

    return change
