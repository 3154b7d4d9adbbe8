"""The authorization endpoint: its checks in order, the known browser, codes and implicit tokens."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.core import clock
from identity.userpools.models import AuthorizationCode, User, UserSession
from tests.portal.oauth_world import (
    CALLBACK,
    CHALLENGE,
    FORM,
    PREFIX,
    World,
    fragment_of,
    has_request_id,
    make_world,
    query_of,
)
from tests.userpools.flows import claims_of, secret_of
from tests.userpools.people import make_client, make_pool
from tests.userpools.triggers_of_tests import ARN


@pytest.fixture
def world(cognito: Any) -> World:
    return make_world(cognito)


def at(response: Any) -> str:
    """Where a redirect leads, without query and fragment."""
    assert response.status_code == 302, response.content
    return str(response["Location"]).split("?")[0].split("#")[0]


def test_an_unknown_browser_goes_to_sign_in_with_the_same_query(world):
    response = world.authorize(scope="openid email", nonce="n", login_hint="a b+c")

    assert at(response) == f"/{PREFIX}/login"
    assert query_of(response) == {
        "response_type": "code",
        "client_id": world.client_id,
        "redirect_uri": CALLBACK,
        "state": "s-1",
        "scope": "openid email",
        "nonce": "n",
        "login_hint": "a b+c",
    }
    assert has_request_id(response)
    assert response["Cache-Control"] == "no-store"


def test_a_posted_request_is_the_same(world):
    given = {"response_type": "code", "client_id": world.client_id, "redirect_uri": CALLBACK}

    response = world.http.post(f"/{PREFIX}/oauth2/authorize", given)

    assert at(response) == f"/{PREFIX}/login"
    assert query_of(response) == given


def test_a_known_browser_gets_a_code_at_once(world):
    world.know_browser()

    response = world.authorize(
        scope="openid", nonce="n", code_challenge=CHALLENGE, code_challenge_method="S256"
    )

    assert at(response) == CALLBACK
    assert list(query_of(response)) == ["code", "state"]
    assert query_of(response)["state"] == "s-1"
    code = AuthorizationCode.objects.get()
    assert code.scopes == ["openid"]
    assert (code.nonce, code.code_challenge) == ("n", CHALLENGE)
    assert query_of(response)["code"] not in str(vars(code))


def test_without_state_there_is_none_in_the_answer(world):
    world.know_browser()

    assert list(query_of(world.authorize(drop=("state",)))) == ["code"]


@pytest.mark.parametrize("state", ["a b&c=d#e", "%7B%22x%22%3A1%7D", "ünï", "a-b-C9"])
def test_state_comes_back_as_it_was(world, state):
    world.know_browser()

    assert query_of(world.authorize(state=state))["state"] == state


def test_the_query_of_a_callback_is_kept(cognito):
    callback = f"{CALLBACK}?a=1"
    world = make_world(cognito, CallbackURLs=[callback])
    world.know_browser()

    response = world.authorize(redirect_uri=callback)

    assert str(response["Location"]).startswith(f"{callback}&code=")


def test_a_phone_apps_scheme(cognito):
    world = make_world(cognito, CallbackURLs=["myapp://callback"])
    world.know_browser()

    response = world.authorize(redirect_uri="myapp://callback")

    assert str(response["Location"]).startswith("myapp://callback?code=")


# Faults that our own page shows


@pytest.mark.parametrize("client_id", ["nosuchclient", "", "a\x00b"])
def test_an_unknown_client(world, client_id):
    response = world.authorize(client_id=client_id)

    assert at(response) == f"/{PREFIX}/error"
    assert query_of(response)["error"] == "invalid_request"


def test_another_pools_client(world, cognito):
    other = make_client(
        cognito,
        make_pool(cognito),
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[CALLBACK],
    )

    assert at(world.authorize(client_id=other)) == f"/{PREFIX}/error"


@pytest.mark.parametrize(
    "redirect_uri",
    ["https://evil.example.com/", f"{CALLBACK}/", f"{CALLBACK}?x=1", CALLBACK.upper(), "javascript:alert(1)"],
)
def test_a_redirect_that_is_not_registered(world, redirect_uri):
    world.know_browser()

    response = world.authorize(redirect_uri=redirect_uri)

    assert at(response) == f"/{PREFIX}/error"
    assert query_of(response) == {"error": "redirect_mismatch", "client_id": world.client_id}


def test_a_missing_redirect(world):
    response = world.authorize(drop=("redirect_uri",))

    assert at(response) == f"/{PREFIX}/error"
    assert query_of(response)["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_redirect(world, name):
    given = {"client_id": world.client_id, "redirect_uri": CALLBACK}
    query = f"client_id={world.client_id}&redirect_uri={CALLBACK}&response_type=code&{name}={given[name]}"

    response = world.http.get(f"/{PREFIX}/oauth2/authorize?{query}")

    assert at(response) == f"/{PREFIX}/error"
    assert query_of(response)["error"] == "invalid_request"


@pytest.mark.parametrize("given", [{"identity_provider": "Google"}, {"idp_identifier": "example.com"}])
def test_a_provider_that_the_client_does_not_have(world, given):
    response = world.authorize(**given)

    assert at(response) == f"/{PREFIX}/error"
    assert query_of(response)["error"] == "invalid_request"


def test_an_unknown_domain_is_not_found(world):
    for prefix in ("other", "a%00b"):
        assert world.http.get(f"/{prefix}/oauth2/authorize").status_code == 404


# Faults that the app is told of


@pytest.mark.parametrize(
    ("drop", "given", "error"),
    [
        (("response_type",), {}, "invalid_request"),
        ((), {"response_type": "id_token"}, "unsupported_response_type"),
        ((), {"response_type": "token"}, "unauthorized_client"),
        ((), {"code_challenge": CHALLENGE}, "invalid_request"),
        ((), {"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ((), {"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ((), {"code_challenge_method": "S256"}, "invalid_request"),
        ((), {"prompt": "none login"}, "invalid_request"),
        ((), {"prompt": "other"}, "invalid_request"),
        ((), {"max_age": "-1"}, "invalid_request"),
        ((), {"max_age": "x"}, "invalid_request"),
        ((), {"nonce": "n" * 2049}, "invalid_request"),
        ((), {"nonce": "a\x00b"}, "invalid_request"),
    ],
)
def test_faults_go_back_to_the_app(world, drop, given, error):
    world.know_browser()

    response = world.authorize(drop=drop, **given)

    assert at(response) == CALLBACK
    answer = query_of(response) or fragment_of(response)
    assert answer == {"state": "s-1", "error": error}


def test_a_repeated_parameter(world):
    query = f"client_id={world.client_id}&redirect_uri={CALLBACK}&response_type=code&scope=a&scope=b&state=s"

    response = world.http.get(f"/{PREFIX}/oauth2/authorize?{query}")

    assert at(response) == CALLBACK
    assert query_of(response) == {"state": "s", "error": "invalid_request"}


def test_a_bad_scope_has_cognitos_words_and_order(world):
    response = world.authorize(scope="openid other")

    assert (
        response["Location"] == f"{CALLBACK}?error_description=invalid_scope&state=s-1&error=invalid_request"
    )


def test_a_client_without_oauth(cognito):
    world = make_world(cognito)
    cognito.update_user_pool_client(
        UserPoolId=world.pool_id, ClientId=world.client_id, CallbackURLs=[CALLBACK]
    )

    assert query_of(world.authorize()) == {"state": "s-1", "error": "unauthorized_client"}


def test_a_scope_that_was_deleted_gives_nothing(cognito):
    world = make_world(cognito)
    pool_id = world.pool_id
    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="api",
        Name="API",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "read"}],
    )
    client_id = make_client(
        cognito,
        pool_id,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "api/read"],
        CallbackURLs=[CALLBACK],
        SupportedIdentityProviders=["COGNITO"],
    )
    world.client_id = client_id
    world.know_browser()

    assert "code" in query_of(world.authorize(scope="openid api/read"))
    cognito.delete_resource_server(UserPoolId=pool_id, Identifier="api")

    assert query_of(world.authorize(scope="openid api/read"))["error"] == "invalid_request"
    AuthorizationCode.objects.all().delete()
    world.authorize()
    assert AuthorizationCode.objects.get().scopes == ["openid"]


# Prompt and age


def test_prompt_none_without_a_known_browser(world):
    assert query_of(world.authorize(prompt="none")) == {"error": "login_required", "state": "s-1"}


def test_prompt_none_with_a_known_browser(world):
    world.know_browser()

    assert "code" in query_of(world.authorize(prompt="none"))


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_prompt_login_asks_again(world, prompt):
    world.know_browser()

    assert at(world.authorize(prompt=prompt)) == f"/{PREFIX}/login"


def test_max_age(world):
    world.know_browser(clock.now() - timedelta(seconds=100))

    assert "code" in query_of(world.authorize(max_age="200"))
    assert at(world.authorize(max_age="50")) == f"/{PREFIX}/login"


def test_a_disabled_user_is_no_longer_known(world):
    world.know_browser()
    User.objects.update(is_enabled=False)

    assert at(world.authorize()) == f"/{PREFIX}/login"


def test_a_browser_is_known_to_its_own_pool_only(world, cognito):
    world.know_browser()
    other = make_pool(cognito)
    cognito.create_user_pool_domain(Domain="other", UserPoolId=other)
    client_id = make_client(
        cognito,
        other,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[CALLBACK],
        SupportedIdentityProviders=["COGNITO"],
    )
    query = f"client_id={client_id}&redirect_uri={CALLBACK}&response_type=code"

    assert at(world.http.get(f"/other/oauth2/authorize?{query}")) == "/other/login"


# Who is offered


@pytest.mark.parametrize("path", ["oauth2/authorize", "login", "signup", "forgotPassword"])
def test_a_client_that_does_not_list_cognito_signs_nobody_in(cognito, path, caplog):
    world = make_world(cognito, SupportedIdentityProviders=[])
    world.know_browser()
    caplog.set_level("INFO", "identity.oauth")
    query = f"client_id={world.client_id}&redirect_uri={CALLBACK}&response_type=code"

    response = world.http.get(f"/{PREFIX}/{path}?{query}")

    assert at(response) == f"/{PREFIX}/error"
    assert query_of(response)["error"] == "unauthorized_client"
    assert "may not sign people in here" in world.http.get(response["Location"]).content.decode()
    assert "SupportedIdentityProviders has to list COGNITO" in caplog.text


def test_what_a_request_brings_is_one_line_of_the_log(world, caplog):
    caplog.set_level("INFO", "identity.oauth")

    world.http.get(
        f"/{PREFIX}/oauth2/authorize?client_id={world.client_id}&redirect_uri={CALLBACK}&a%0Aforged=1&a%0Aforged=2"
    )
    world.token(grant_type="refresh_token", **{"a\nforged": "1"})
    world.http.post(f"/{PREFIX}/oauth2/token", "b%0Aforged=1&b%0Aforged=2", content_type=FORM)

    assert "forged" in caplog.text
    assert not [line for line in caplog.text.splitlines() if line.startswith("forged")]


# Bound to a resource


def bound_world(cognito: Any, **settings: Any) -> World:
    world = make_world(cognito, **settings)
    cognito.create_resource_server(UserPoolId=world.pool_id, Identifier="https://api", Name="API")
    world.know_browser()
    return world


def test_tokens_are_bound_to_the_resource_asked_for_also_when_refreshed(cognito):
    world = bound_world(cognito)

    issued = world.tokens(resource="https://api")
    refreshed = world.token(grant_type="refresh_token", refresh_token=issued["refresh_token"]).json()
    unbound = world.tokens()

    for each in (issued, refreshed):
        assert claims_of(each["access_token"])["aud"] == "https://api"
        assert claims_of(each["id_token"])["aud"] == world.client_id
    assert "aud" not in claims_of(unbound["access_token"])


def test_an_implicit_token_is_bound_too(cognito):
    world = bound_world(cognito, AllowedOAuthFlows=["implicit"])

    response = world.authorize(response_type="token", resource="https://api")

    assert claims_of(fragment_of(response)["access_token"])["aud"] == "https://api"


@pytest.mark.parametrize("resource", ["https://other", "a\x00b"])
def test_an_unknown_resource_is_no_target(cognito, resource):
    world = bound_world(cognito)

    assert query_of(world.authorize(resource=resource))["error"] == "invalid_target"


# Implicit


def implicit(cognito: Any, **pool: Any) -> World:
    return make_world(cognito, pool=pool, AllowedOAuthFlows=["implicit"])


def test_implicit_tokens_come_in_the_fragment(cognito):
    world = implicit(cognito)
    world.know_browser()

    response = world.authorize(response_type="token", scope="openid email", nonce="n")

    assert at(response) == CALLBACK
    answer = fragment_of(response)
    assert list(answer) == ["id_token", "access_token", "expires_in", "token_type", "state"]
    assert (answer["expires_in"], answer["token_type"], answer["state"]) == ("3600", "Bearer", "s-1")
    identity = claims_of(answer["id_token"])
    assert identity["nonce"] == "n"
    assert "name" not in identity
    assert claims_of(answer["access_token"])["scope"] == "openid email"
    assert UserSession.objects.get().refresh_token_hash is None


def test_without_openid_there_is_no_id_token(cognito):
    world = implicit(cognito)
    world.know_browser()

    answer = fragment_of(world.authorize(response_type="token", scope="email"))

    assert "id_token" not in answer
    assert answer["access_token"]


def test_implicit_faults_come_in_the_fragment(cognito):
    world = implicit(cognito)

    response = world.authorize(response_type="token", scope="other")

    assert (
        response["Location"] == f"{CALLBACK}#error_description=invalid_scope&state=s-1&error=invalid_request"
    )


def test_a_trigger_refuses_implicit_tokens(cognito, triggers):
    world = implicit(cognito, LambdaConfig={"PreTokenGeneration": ARN})
    world.know_browser()
    triggers.answers["TokenGeneration_HostedAuth"] = ValueError("not today")

    answer = fragment_of(world.authorize(response_type="token", scope="openid"))

    assert answer == {
        "error_description": "PreTokenGeneration failed with error not today.",
        "state": "s-1",
        "error": "invalid_request",
    }
    assert not UserSession.objects.exists()


def test_a_known_browser_costs_few_queries(world):
    world.know_browser()
    world.authorize()

    with CaptureQueriesContext(connection) as captured:
        world.authorize()

    statements = [
        query["sql"] for query in captured.captured_queries if not query["sql"].startswith(("SAVE", "RELE"))
    ]
    assert len(statements) <= 5, statements


def test_a_clients_secret_is_not_asked_for_here(cognito):
    world = make_world(cognito, GenerateSecret=True)
    world.know_browser()

    assert secret_of(world.client_id)
    assert "code" in query_of(world.authorize())
