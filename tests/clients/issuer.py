"""An OpenID Connect provider of somebody else's: a real HTTP server with discovery and keys, and a signer of ID tokens."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT = "an-app-of-theirs"


@dataclass
class Issuer:
    """``keys`` are what it publishes, by key id; the last one made signs."""

    url: str
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.url.partition("://")[2]

    def roll_over(self) -> None:
        """Sign with a new key from now on; the old ones stay published."""
        self.keys[uuid.uuid4().hex] = rsa.generate_private_key(65537, 2048)

    def token(self, subject: str, **claims: Any) -> str:
        """An ID token; a claim given as None is left out."""
        kid, key = list(self.keys.items())[-1]
        now = int(time.time())
        content = {"iss": self.url, "aud": CLIENT, "sub": subject, "iat": now, "exp": now + 600, **claims}
        kept = {name: value for name, value in content.items() if value is not None}
        return jwt.encode(kept, key, "RS256", {"kid": kid})

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/keys":
            return {"keys": [self._jwk(kid) for kid in self.keys]}
        return None

    def _jwk(self, kid: str) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig", "alg": "RS256"}


@contextmanager
def running() -> Iterator[Issuer]:
    """A provider at a port of this machine."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = issuer.document(self.path)
            body = json.dumps(document).encode()
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        issuer = Issuer(f"http://localhost:{server.server_port}")
        issuer.roll_over()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield issuer
        server.shutdown()
