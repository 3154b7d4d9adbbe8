"""User pools, an identity pool that accepts one, a service elsewhere, and who comes: an app without keys, a superuser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from identity.identitypools.logins import known_issuers
from tests import aws
from tests.identitypools import world
from tests.identitypools.sts_server import StsServer

MakePool = Callable[..., str]


@pytest.fixture
def user_pool() -> Iterator[world.UserPool]:
    known_issuers.forget()
    made = world.UserPool()
    with world.registered(made):
        yield made


@pytest.fixture
def second() -> Iterator[world.UserPool]:
    """Another user pool."""
    made = world.UserPool("us-east-1_Example02")
    with world.registered(made):
        yield made


@pytest.fixture
def sts_there(settings: Any) -> Iterator[StsServer]:
    """A security token service elsewhere, on an address of this machine."""
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ("127.0.0.1",)}
    server = StsServer()
    yield server
    server.close()


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser's browser in the admin."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss", "boss@example.com", "x"))
    return client


@pytest.fixture
def anyone(db: None) -> Any:
    """boto3's ``cognito-identity`` client as an app has it: no keys, nothing signed."""
    return aws.client("cognito-identity")


@pytest.fixture
def make_pool(cognito_identity: Any, user_pool: world.UserPool) -> MakePool:
    """Makes an identity pool through the API and gives its id; guests allowed, the user pool's client accepted."""

    def make(**members: Any) -> str:
        given = {
            "IdentityPoolName": "notes",
            "AllowUnauthenticatedIdentities": True,
            "CognitoIdentityProviders": [user_pool.entry()],
            **members,
        }
        created = cognito_identity.create_identity_pool(**given)
        pool_id: str = created["IdentityPoolId"]
        return pool_id

    return make


@pytest.fixture
def pool_id(make_pool: MakePool) -> str:
    return make_pool()
