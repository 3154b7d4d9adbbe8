"""What an operator has on the other side: a mail server, and a web server for SMS and triggers."""

import base64
import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as Python's client asks for. Says nothing at all while ``is_talking`` is not set."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.is_talking = threading.Event()
        self.is_talking.set()
        self.was_called = threading.Event()
        self.logins: list[str] = []
        self.mails: list[EmailMessage] = []
        super().__init__(("127.0.0.1", 0), _Smtp)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def mails_to(self, recipient: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == recipient]


class _Smtp(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.server.was_called.set()
        if not self.server.is_talking.wait(timeout=30):
            return
        try:
            self.converse()
        except (BrokenPipeError, ConnectionResetError):  # a killed worker's
            return

    def converse(self) -> None:
        self.say("220 mail.example.com")
        for raw in self.rfile:
            verb, _, rest = raw.decode().strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    self.say("250-mail.example.com")
                    self.say("250 AUTH PLAIN")
                case "AUTH":
                    self.server.logins.append(base64.b64decode(rest.split()[1]).decode())
                    self.say("235 welcome")
                case "DATA":
                    self.say("354 go on")
                    self.server.mails.append(self.read_mail())
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def read_mail(self) -> EmailMessage:
        lines = iter(self.rfile.readline, b".\r\n")
        return email.message_from_bytes(b"".join(lines), policy=email.policy.default)


class WebServer(ThreadingHTTPServer):
    """``/sms`` keeps what is posted; ``/function`` answers a trigger's event, or fails for users named ``refused…``."""

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Web)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Web(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/sms":
            self.server.texts.append({**body, "key": self.headers["Idempotency-Key"]})
            self.answer({})
            return
        self.server.events.append(body)
        if body["userName"].startswith("refused"):
            self.answer({"errorMessage": "not you"}, **{"X-Amz-Function-Error": "Unhandled"})
        else:
            self.answer(body)

    def answer(self, body: dict[str, Any], **headers: str) -> None:
        text = json.dumps(body).encode()
        self.send_response(200)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        return


def custom_message(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """A trigger by its dotted path: writes the mail."""
    event["response"]["emailSubject"] = "Hello from a function"
    event["response"]["emailMessage"] = "Your number: {####}"
    return event


@contextmanager
def serving(*servers: socketserver.BaseServer) -> Iterator[None]:
    for server in servers:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
