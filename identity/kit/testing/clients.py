"""Callers of the host's API: by token and by signature."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from rest_framework.test import APIClient

from identity.kit import conf
from identity.kit.testing import in_process
from identity.kit.testing.people import AwsCredentials, PoolUser


class SignedInClient(APIClient):
    """REST framework's test client; each request carries the user's token, an ID token where only those count."""

    def __init__(self, user: PoolUser, **options: Any) -> None:
        super().__init__(**options)
        self.pool_user = user
        token = user.access_token if "access" in conf.settings().token_use else user.id_token
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")


def send_signed(
    method: str,
    path: str,
    credentials: AwsCredentials,
    *,
    data: Any = None,
    service: str = "execute-api",
    region: str = in_process.REGION,
    headers: dict[str, str] | None = None,
    http: Client | None = None,
) -> HttpResponse:
    """A signed request to the host's API, answered by Django's test client."""
    is_raw = data is None or isinstance(data, bytes)
    body = (data or b"") if is_raw else json.dumps(data).encode()
    kind = {} if is_raw else {"Content-Type": "application/json"}
    return in_process.sign_and_send(
        method,
        in_process.ENDPOINT.rstrip("/") + path,
        {**kind, **(headers or {})},
        body,
        credentials.key,
        service=service,
        region=region,
        http=http,
    )
