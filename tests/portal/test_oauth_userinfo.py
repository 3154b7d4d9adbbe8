"""The userInfo endpoint."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.portal.oauth_world import PREFIX, World, bearer, has_request_id, make_world
from tests.userpools.flows import claims_of
from tests.userpools.people import make_pool, sign_in

JSON = "application/json;charset=UTF-8"
BAD_REQUEST = 'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'
BAD_TOKEN = (
    'error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has'
    ' globally signed out."'
)


@pytest.fixture
def world(cognito: Any) -> World:
    return make_world(cognito)


def ask(world: World, token: str, prefix: str = PREFIX) -> Any:
    return world.http.get(f"/{prefix}/oauth2/userInfo", headers=bearer(token))


def refused(response: Any, status: int, header: str) -> None:
    assert response.status_code == status
    assert response["WWW-Authenticate"] == header
    assert response["Content-Type"] == JSON
    assert response.json()["error"] in header
    assert response["Access-Control-Allow-Origin"] == "*"


def test_attributes_by_scope_all_as_text(world):
    tokens = world.tokens(scope="openid email")

    response = ask(world, tokens["access_token"])

    assert response.status_code == 200
    assert response["Content-Type"] == JSON
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"
    assert has_request_id(response)
    assert response.json() == {
        "sub": claims_of(tokens["id_token"])["sub"],
        "email": "ana@example.com",
        "email_verified": "true",
        "username": "ana",
    }


def test_a_post_is_the_same(world):
    token = world.tokens(scope="openid")["access_token"]

    response = world.http.post(f"/{PREFIX}/oauth2/userInfo", headers=bearer(token))

    assert response.json()["name"] == "Ana"


def test_without_a_token_or_openid(world):
    refused(world.http.get(f"/{PREFIX}/oauth2/userInfo"), 400, BAD_REQUEST)
    refused(
        world.http.get(f"/{PREFIX}/oauth2/userInfo", headers={"Authorization": "Basic x"}), 400, BAD_REQUEST
    )
    refused(ask(world, world.tokens(scope="email")["access_token"]), 400, BAD_REQUEST)
    api = sign_in(world.cognito, world.client_id, "ana")["AuthenticationResult"]["AccessToken"]
    refused(ask(world, api), 400, BAD_REQUEST)


def test_a_token_that_no_longer_counts(world):
    tokens = world.tokens(scope="openid")

    refused(ask(world, "garbage"), 401, BAD_TOKEN)
    refused(ask(world, tokens["id_token"]), 401, BAD_TOKEN)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2), tick=False):
        refused(ask(world, tokens["access_token"]), 401, BAD_TOKEN)
    world.cognito.admin_user_global_sign_out(UserPoolId=world.pool_id, Username="ana")
    refused(ask(world, tokens["access_token"]), 401, BAD_TOKEN)
    world.cognito.admin_delete_user(UserPoolId=world.pool_id, Username="ana")
    refused(ask(world, tokens["access_token"]), 401, BAD_TOKEN)


def test_another_pools_token(world, cognito):
    token = world.tokens(scope="openid")["access_token"]
    cognito.create_user_pool_domain(Domain="other", UserPoolId=make_pool(cognito))

    refused(ask(world, token, "other"), 401, BAD_TOKEN)
