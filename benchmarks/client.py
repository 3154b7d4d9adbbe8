"""A small, fast client of the wire: keep-alive connections in threads, so that the server is what is measured."""

import http.client
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TARGETS = {"idp": "AWSCognitoIdentityProviderService", "identity": "AWSCognitoIdentityService"}


class Failed(Exception):
    """An answer other than 200, with its body."""


@dataclass
class Wire:
    port: int
    key_id: str = ""
    secret: str = ""

    def __post_init__(self) -> None:
        self.local = threading.local()

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection: http.client.HTTPConnection = self.local.connection
        return connection

    def send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> bytes:
        connection = self._connection()
        connection.request(method, path, body, {"Host": f"localhost:{self.port}", **headers})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise Failed(f"{method} {path} {answer.status} {content[:300]!r}")
        return content

    def call(
        self, service: str, operation: str, members: dict[str, Any], *, signed: bool = False
    ) -> dict[str, Any]:
        body = json.dumps(members)
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{TARGETS[service]}.{operation}",
        }
        if signed:
            request = AWSRequest("POST", f"http://localhost:{self.port}/", data=body, headers=headers)
            SigV4Auth(Credentials(self.key_id, self.secret), f"cognito-{service}", "us-east-1").add_auth(
                request
            )
            headers = dict(request.headers.items())
        content = self.send("POST", "/", body, headers)
        answer: dict[str, Any] = json.loads(content) if content else {}
        return answer

    def idp(self, operation: str, **members: Any) -> dict[str, Any]:
        return self.call("idp", operation, members)

    def idp_signed(self, operation: str, **members: Any) -> dict[str, Any]:
        return self.call("idp", operation, members, signed=True)

    def identity(self, operation: str, **members: Any) -> dict[str, Any]:
        return self.call("identity", operation, members)


def in_threads(work: Callable[[Any], None], items: Iterable[Any], *, threads: int = 4) -> None:
    """Run ``work`` over the items from several threads; the first failure is raised."""
    pending, failures, lock = iter(items), [], threading.Lock()

    def loop() -> None:
        while not failures:
            with lock:
                item = next(pending, StopIteration)
            if item is StopIteration:
                return
            try:
                work(item)
            except Exception as failure:
                failures.append(failure)

    pool = [threading.Thread(target=loop) for _ in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    if failures:
        raise failures[0]
