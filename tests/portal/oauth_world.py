"""A pool with a domain and an app client, and what an OAuth client does with them."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from identity.core import clock
from identity.userpools import hosted_sessions
from identity.userpools.models import User
from tests.userpools.people import make_client, make_pool, settled

PREFIX = "acme"
CALLBACK = "https://app.example.com/back"
LOGOUT = "https://app.example.com/bye"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = "application/x-www-form-urlencoded"


@dataclass
class World:
    """``http`` is the browser, without following redirects."""

    cognito: Any
    pool_id: str
    client_id: str
    http: Client = field(default_factory=Client)

    def user(self) -> User:
        return User.objects.get(pool_id=self.pool_id)

    def know_browser(self, auth_time: datetime | None = None) -> str:
        """Sign the browser in as the pool's user."""
        value = hosted_sessions.start(self.user(), auth_time or clock.now())
        self.http.cookies["cognito"] = value
        return value

    def authorize(self, *, drop: tuple[str, ...] = (), **changes: str) -> HttpResponse:
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "state": "s-1",
            **changes,
        }
        kept = {name: value for name, value in query.items() if name not in drop}
        return self.http.get(f"/{PREFIX}/oauth2/authorize?{urlencode(kept)}")

    def code(self, **changes: str) -> str:
        """A code for the browser's user."""
        if "cognito" not in self.http.cookies:
            self.know_browser()
        return query_of(self.authorize(**changes))["code"]

    def token(
        self, *, http: Client | None = None, headers: dict[str, str] | None = None, **given: str
    ) -> HttpResponse:
        body = urlencode({"client_id": self.client_id, **given})
        return (http or self.http).post(f"/{PREFIX}/oauth2/token", body, content_type=FORM, headers=headers)

    def exchange(self, code: str, **more: str) -> HttpResponse:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)

    def tokens(self, **changes: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.exchange(self.code(**changes)).json()
        return answer


def make_world(cognito: Any, *, pool: dict[str, Any] | None = None, **settings: Any) -> World:
    """A pool ``acme`` with the user ``ana`` and a public client of the code flow, unless told otherwise."""
    pool_id = make_pool(cognito, **(pool or {}))
    cognito.create_user_pool_domain(Domain=PREFIX, UserPoolId=pool_id)
    settings = {
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"],
        "CallbackURLs": [CALLBACK],
        "LogoutURLs": [LOGOUT],
        "SupportedIdentityProviders": ["COGNITO"],
        **settings,
    }
    client_id = make_client(cognito, pool_id, **settings)
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true", name="Ana")
    return World(cognito, pool_id, client_id)


def query_of(response: HttpResponse) -> dict[str, str]:
    """The query of a redirect."""
    return dict(parse_qsl(urlsplit(response["Location"]).query))


def fragment_of(response: HttpResponse) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(response["Location"]).fragment))


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def has_request_id(response: HttpResponse) -> bool:
    return bool(re.fullmatch(r"[0-9a-f-]{36}", response.headers.get("x-amz-cognito-request-id", "")))
