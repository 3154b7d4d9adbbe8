"""Somebody else's OpenID Connect provider: a real HTTP server with a discovery document, keys, and users."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from identity.core import clock, signing


class Provider:
    """Signs ID tokens for the audience ``app``."""

    def __init__(self) -> None:
        self.keys = [signing.generate()]
        self.issuer = ""

    def documents(self) -> dict[str, Any]:
        discovery = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        return {
            "/.well-known/openid-configuration": discovery,
            "/keys": {"keys": [key.public_jwk for key in self.keys]},
        }

    def token(self, sub: str, *, key: signing.NewKey | None = None, **claims: Any) -> str:
        now = clock.seconds(clock.now())
        content = {"iss": self.issuer, "sub": sub, "aud": "app", "iat": now, "exp": now + 600, **claims}
        used = key or self.keys[-1]
        private = signing.private_key(f"foreign:{used.kid}", lambda: used.private_pem)
        return signing.sign(content, private, kid=used.kid)


@contextmanager
def provider() -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = made.documents().get(self.path)
            body = json.dumps(document).encode()
            self.send_response(404 if document is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The tests read no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
