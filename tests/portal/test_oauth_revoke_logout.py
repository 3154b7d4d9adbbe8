"""The revocation and the logout endpoint."""

from typing import Any
from urllib.parse import urlencode

import pytest

from identity.userpools.models import HostedSession, UserSession
from tests.portal.oauth_world import (
    CALLBACK,
    FORM,
    LOGOUT,
    PREFIX,
    World,
    has_request_id,
    make_world,
    query_of,
)
from tests.userpools.flows import secret_of
from tests.userpools.people import make_client


@pytest.fixture
def world(cognito: Any) -> World:
    return make_world(cognito)


def revoke(world: World, **given: str) -> Any:
    body = urlencode({"client_id": world.client_id, **given})
    return world.http.post(f"/{PREFIX}/oauth2/revoke", body, content_type=FORM)


def refused(response: Any, status: int, error: str) -> None:
    assert (response.status_code, response.json()) == (status, {"error": error})
    assert has_request_id(response)


def test_revoking_ends_the_sign_in(world):
    tokens = world.tokens(scope="openid aws.cognito.signin.user.admin")

    for _ in range(2):
        response = revoke(world, token=tokens["refresh_token"])
        assert (response.status_code, response.content) == (200, b"")
        assert response["Access-Control-Allow-Origin"] == "*"

    with pytest.raises(world.cognito.exceptions.NotAuthorizedException, match="has been revoked"):
        world.cognito.get_user(AccessToken=tokens["access_token"])


def test_revoking_an_unknown_token_is_fine(world):
    assert revoke(world, token="unknown").status_code == 200


def test_revoking_what_is_no_refresh_token(world):
    tokens = world.tokens(scope="openid")

    refused(revoke(world, token=tokens["access_token"]), 400, "unsupported_token_type")
    refused(revoke(world, token=tokens["id_token"]), 400, "unsupported_token_type")
    refused(revoke(world), 400, "invalid_request")


def test_revoking_needs_the_setting(cognito):
    world = make_world(cognito, EnableTokenRevocation=False)

    refused(revoke(world, token="x"), 400, "invalid_request")


def test_revoking_needs_the_right_client(world, cognito):
    token = world.tokens()["refresh_token"]
    confidential = make_client(cognito, world.pool_id, GenerateSecret=True)

    refused(revoke(world, token=token, client_id="nosuchclient"), 401, "invalid_client")
    refused(revoke(world, token=token, client_id=confidential), 401, "invalid_client")
    secret = secret_of(confidential)
    refused(
        revoke(world, token=token, client_id=confidential, client_secret=secret), 400, "unauthorized_client"
    )
    assert UserSession.objects.get().revoked_at is None


# Logout


def logout(world: World, **given: str) -> Any:
    return world.http.get(f"/{PREFIX}/logout?{urlencode(given)}")


def test_logout_ends_the_browsers_session_and_leads_back(world):
    value = world.know_browser()

    response = logout(world, client_id=world.client_id, logout_uri=LOGOUT)

    assert (response.status_code, response["Location"]) == (302, LOGOUT)
    assert has_request_id(response)
    assert response.cookies["cognito"]["max-age"] == 0
    assert response.cookies["cognito"]["path"] == f"/{PREFIX}"
    assert not HostedSession.objects.exists()
    world.http.cookies["cognito"] = value
    assert str(world.authorize()["Location"]).startswith(f"/{PREFIX}/login")


def test_logout_leaves_tokens_alone(world):
    tokens = world.tokens(scope="openid aws.cognito.signin.user.admin")

    logout(world, client_id=world.client_id, logout_uri=LOGOUT)

    assert world.cognito.get_user(AccessToken=tokens["access_token"])


def test_logout_to_sign_in_again(world):
    world.know_browser()
    given = {"client_id": world.client_id, "redirect_uri": CALLBACK, "response_type": "code", "state": "s"}

    response = logout(world, **given)

    assert str(response["Location"]).startswith(f"/{PREFIX}/login?")
    assert query_of(response) == given
    assert not HostedSession.objects.exists()


def test_logout_in_oidcs_words(world):
    id_token = world.tokens(scope="openid")["id_token"]

    response = logout(world, id_token_hint=id_token, post_logout_redirect_uri=LOGOUT, state="s")

    assert response["Location"] == f"{LOGOUT}?state=s"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"logout_uri": "https://evil.example.com"}, "redirect_mismatch"),
        ({"logout_uri": CALLBACK}, "redirect_mismatch"),
        ({"post_logout_redirect_uri": f"{LOGOUT}/"}, "redirect_mismatch"),
        ({"redirect_uri": LOGOUT, "response_type": "code"}, "redirect_mismatch"),
        ({"redirect_uri": CALLBACK}, "invalid_request"),
        ({}, "invalid_request"),
        ({"client_id": "nosuchclient", "logout_uri": LOGOUT}, "invalid_request"),
        ({"client_id": "", "logout_uri": LOGOUT}, "invalid_request"),
        ({"client_id": "", "id_token_hint": "a.b.c", "logout_uri": LOGOUT}, "invalid_request"),
    ],
)
def test_logouts_that_lead_nowhere(world, given, error):
    world.know_browser()

    response = logout(world, **{"client_id": world.client_id, **given})

    assert str(response["Location"]).startswith(f"/{PREFIX}/error?")
    assert query_of(response)["error"] == error
    assert HostedSession.objects.exists()
