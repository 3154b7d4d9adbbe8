"""``CHECK_LIVE`` where the user pool is in another process: the pool is asked by using the token there."""

from typing import Any

import pytest
from django.core import checks as django_checks

from identity.core import fetch, issuers
from identity.kit import checks, discovered, issuer_keys, live
from tests.kit.conftest import Get
from tests.kit.wires import Wires, wires
from tests.portal.oauth_world import World, make_world

pytestmark = pytest.mark.core_suite

__all__ = ["wires"]


@pytest.fixture
def world(cognito: Any, settings: Any) -> World:
    """A pool with a user, a domain and a client."""
    settings.ROOT_URLCONF = "tests.kit.live_urls"
    return make_world(cognito, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])


@pytest.fixture(autouse=True)
def remote(settings: Any, world: World, wires: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API knows no issuer of its own: as in a project without user pools."""
    settings.IDENTITY_KIT = {"ISSUERS": [f"http://testserver/{world.pool_id}"], "CHECK_LIVE": True}
    monkeypatch.setattr(issuers, "_sources", ())
    issuer_keys.forget()
    live.forget()
    discovered.forget()


def by_password(world: World) -> str:
    """A token with the scope ``aws.cognito.signin.user.admin``."""
    answer = world.cognito.initiate_auth(
        ClientId=world.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": "Passw0rd!"},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


@pytest.fixture(params=["by password", "openid"])
def token(request: pytest.FixtureRequest, world: World) -> str:
    return (
        by_password(world)
        if request.param == "by password"
        else str(world.tokens(scope="openid")["access_token"])
    )


def forget_answers() -> None:
    """As after the second for which an answer counts."""
    live._seen.clear()


def test_who_is_signed_in_comes_in(token: str, get: Get) -> None:
    assert get("/me", token).json()["name"] == "ana"


def test_who_was_signed_out_is_refused(world: World, token: str, get: Get) -> None:
    assert get("/me", token).status_code == 200
    world.cognito.admin_user_global_sign_out(UserPoolId=world.pool_id, Username="ana")
    assert get("/me", token).status_code == 200  # within the second
    forget_answers()

    refused = get("/me", token)

    assert refused.status_code == 401
    assert 'error_description="revoked"' in refused["WWW-Authenticate"]


def test_who_was_deleted_or_disabled_is_refused(world: World, token: str, get: Get) -> None:
    world.cognito.admin_disable_user(UserPoolId=world.pool_id, Username="ana")
    assert get("/me", token).status_code == 401
    forget_answers()
    world.cognito.admin_delete_user(UserPoolId=world.pool_id, Username="ana")
    assert get("/me", token).status_code == 401


def test_an_issuer_that_cannot_be_asked_lets_nobody_in(token: str, get: Get, wires: Wires) -> None:
    assert get("/me", token).status_code == 200
    forget_answers()
    wires.is_cut = True

    assert get("/me", token).status_code == 503


@pytest.mark.parametrize(
    ("status", "name", "answer"),
    [(500, "", 503), (429, "", 503), (400, "TooManyRequestsException:", 503), (302, "", 503), (401, "", 401)],
)
def test_only_a_refusal_is_a_refusal(
    token: str, get: Get, monkeypatch: pytest.MonkeyPatch, status: int, name: str, answer: int
) -> None:
    assert get("/me", token).status_code == 200
    forget_answers()
    says = fetch.Response(status, {"x-amzn-errortype": name}, b"{}", "")
    monkeypatch.setattr(fetch, "_request", lambda *_: says)

    assert get("/me", token).status_code == answer


def test_a_token_that_cannot_be_asked_about_does_not_count(world: World, get: Get) -> None:
    """Neither scope: neither GetUser nor userInfo would take it."""
    world.cognito.create_resource_server(
        UserPoolId=world.pool_id,
        Identifier="notes",
        Name="Notes",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read"}],
    )
    made = world.cognito.create_user_pool_client(
        UserPoolId=world.pool_id,
        ClientName="machine",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["notes/read"],
    )["UserPoolClient"]
    given = world.token(
        grant_type="client_credentials", client_id=made["ClientId"], client_secret=made["ClientSecret"]
    ).json()

    assert get("/me", given["access_token"]).status_code == 401


def test_an_id_token_cannot_be_asked_about_and_does_not_count(
    world: World, get: Get, settings: Any, wires: Wires
) -> None:
    settings.IDENTITY_KIT = {**settings.IDENTITY_KIT, "TOKEN_USE": ["id", "access"]}
    tokens = world.tokens(scope="openid")

    assert get("/me", tokens["access_token"]).status_code == 200
    assert get("/me", tokens["id_token"]).status_code == 401


def test_id_tokens_cannot_be_checked_live_elsewhere_and_that_is_said_at_start(settings: Any) -> None:
    assert checks.check_settings() == []
    settings.IDENTITY_KIT = {
        "ISSUERS": ["https://id.example.com/us-east-1_Example01"],
        "TOKEN_USE": ["id", "access"],
        "CHECK_LIVE": True,
    }

    (found,) = checks.check_settings()

    assert (found.id, found.level) == ("identity_kit.E004", django_checks.ERROR)
