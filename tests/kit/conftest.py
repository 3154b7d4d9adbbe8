"""A user pool whose access tokens the test API accepts, and ways to call it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from identity.kit import issuer_keys
from tests import aws
from tests.identitypools import world

Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def api(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit.api"
    settings.IDENTITY_KIT = {"ISSUERS": ["us-east-1_Example01"], "CLIENT_IDS": [world.CLIENT]}
    issuer_keys.forget()


@pytest.fixture
def user_pool(db: None) -> Iterator[world.UserPool]:
    made = world.UserPool()
    with world.registered(made):
        yield made


@pytest.fixture
def access(user_pool: world.UserPool) -> Callable[..., str]:
    """Makes access tokens as the user pool does."""

    def token(sub: str = "ana", **claims: Any) -> str:
        content = {"aud": None, "token_use": "access", "client_id": world.CLIENT, "username": f"{sub}@pool"}
        return user_pool.token(sub, **{**content, "cognito:username": None, "scope": "openid", **claims})

    return token


@pytest.fixture
def get() -> Get:
    """GET with a bearer token."""

    def call(path: str, token: str | None = None, *, scheme: str = "Bearer") -> Any:
        headers = {"Authorization": f"{scheme} {token}"} if token is not None else {}
        return Client().get(path, headers=headers)

    return call


def signed(
    path: str,
    access_key: str,
    secret: str,
    token: str | None = None,
    *,
    service: str = "execute-api",
    region: str = "us-east-1",
    method: str = "GET",
) -> Any:
    """A request signed as the SDKs sign."""
    key = (access_key, secret, token) if token else (access_key, secret)
    return aws.sign_and_send(method, f"http://testserver{path}", {}, b"", key, service=service, region=region)
