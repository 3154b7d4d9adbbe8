"""Login providers that answer as their documentation says, on a port of their own: real HTTP, nobody's real accounts."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oauthlib.oauth1 import RequestValidator, ResourceEndpoint

from identity.core import clock, signing

Answer = tuple[int, Any]
FACEBOOK_APP, AMAZON_APP = "102030405060708", "amzn1.application.188a56d827a7d6555a8b67a5d"
TWITTER_APP = "consumer-key;consumer-secret"
GOOGLE_APP, APPLE_APP = "1234-web.apps.googleusercontent.com", "example.notes.app"


class StandIn:
    """A server whose ``answer`` is given a request's path, query and headers; ``asked`` keeps the paths."""

    def __init__(self, answer: Callable[[str, dict[str, str], dict[str, str]], Answer] | None = None) -> None:
        stand_in = self
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        if answer is not None:
            self.answer = answer  # type: ignore[method-assign]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                stand_in.asked.append(parts.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                stand_in.headers.append(headers)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, content = stand_in.answer(parts.path, query, {**headers, ":path": self.path})
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        return 404, {}

    @contextmanager
    def running(self) -> Iterator["StandIn"]:
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """From now on nothing answers here."""
        self._server.shutdown()
        self._server.server_close()


class Facebook(StandIn):
    """``tokens``: access token to (app id, user id). Graph API, "Access tokens", "Handling errors"."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = {"EAAana": (FACEBOOK_APP, "1001"), "EAAother": ("999", "1001")}

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        known = self.tokens.get(query.get("access_token", ""))
        if known is None:
            return 400, {
                "error": {"message": "Malformed access token", "type": "OAuthException", "code": 190}
            }
        app_id, user_id = known
        if path.endswith("/app"):
            return 200, {
                "category": "Utilities",
                "link": "https://notes.example",
                "name": "Notes",
                "id": app_id,
            }
        return (200, {"name": "Ana", "id": user_id}) if path.endswith("/me") else (404, {})


class Amazon(StandIn):
    """Login with Amazon, "Obtain customer profile information"; ``tokens`` as Facebook's."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = {
            "Atza|ana": (AMAZON_APP, "amzn1.account.ANA"),
            "Atza|other": ("amzn1.application.other", "amzn1.account.ANA"),
        }
        self.profiles: dict[str, str] = {}

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        token = query.get("access_token", "")
        if token not in self.tokens:
            return 400, {
                "error": "invalid_token",
                "error_description": "The request has an invalid parameter",
            }
        app_id, user_id = self.tokens[token]
        if path == "/auth/o2/tokeninfo":
            return 200, {
                "iss": "https://www.amazon.com",
                "user_id": user_id,
                "aud": "amzn1.application-oa2-client.client",
                "app_id": app_id,
                "exp": 3597,
                "iat": 1,
            }
        if path == "/user/profile":
            return 200, {
                "user_id": self.profiles.get(token, user_id),
                "name": "Ana",
                "email": "ana@example.com",
            }
        return 404, {}


class _OneApp(RequestValidator):
    """One app and one user's token of it; oauthlib checks every signature as RFC 5849 §3.2 says."""

    enforce_ssl = False
    safe_characters = {*RequestValidator().safe_characters, "-"}
    client_key_length = access_token_length = timestamp_length = nonce_length = (3, 50)
    dummy_client = dummy_access_token = "none-such"

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == "consumer-key"

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return "consumer-secret"

    def validate_timestamp_and_nonce(self, *_: Any, **__: Any) -> bool:
        return True

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token == "1001-token"

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return "token-secret"

    def validate_realms(self, *_: Any, **__: Any) -> bool:
        return True


class Twitter(StandIn):
    """API 1.1, account/verify_credentials: the request is signed by the app's and the user's secrets."""

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        if path != "/1.1/account/verify_credentials.json":
            return 404, {}
        url = f"{self.url}{headers[':path']}"
        given = {"Authorization": headers.get("authorization", "")}
        is_good, _ = ResourceEndpoint(_OneApp()).validate_protected_resource_request(url, "GET", "", given)
        if not is_good:
            return 401, {"errors": [{"code": 89, "message": "Invalid or expired token."}]}
        return 200, {"id": 1001, "id_str": "1001", "name": "Ana", "screen_name": "ana"}


class Keys(StandIn):
    """Publishes keys for ID tokens: at Google's address of them, at Apple's, and by a discovery document."""

    def __init__(self, key: signing.NewKey, *, path: str = "") -> None:
        super().__init__()
        self.key = key
        self.published = [key.public_jwk]
        self.path = path
        self.is_down = False

    @property
    def issuer(self) -> str:
        return f"{self.url}{self.path}"

    @property
    def name(self) -> str:
        return f"{self.host}{self.path}"

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        if self.is_down:
            return 503, {}
        if path == f"{self.path}/.well-known/openid-configuration":
            return 200, {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        if path in ("/oauth2/v3/certs", "/auth/keys", f"{self.path}/keys"):
            return 200, {"keys": self.published}
        return 404, {}

    def token(self, *, key: signing.NewKey | None = None, **claims: Any) -> str:
        """A token signed by the key; a claim given as None is left out."""
        signer, now = key or self.key, clock.seconds(clock.now())
        content = {"sub": "ana", "iat": now, "exp": now + 3600, **claims}
        private = signing.private_key(f"stand-in:{signer.kid}", lambda: signer.private_pem)
        kept = {name: value for name, value in content.items() if value is not None}
        return signing.sign(kept, private, kid=signer.kid)
