"""A user pool, an identity pool that accepts it, and a client without keys."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from identity.identitypools.logins import known_issuers
from tests import aws
from tests.identitypools import world

MakePool = Callable[..., str]


@pytest.fixture
def user_pool() -> Iterator[world.UserPool]:
    known_issuers.forget()
    made = world.UserPool()
    with world.registered(made):
        yield made


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
