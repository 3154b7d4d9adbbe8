"""The token endpoint: three grants, client authentication, PKCE, and every refusal's exact form."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from identity.core.models import Event
from identity.userpools.models import User, UserPool, UserSession
from tests.portal.oauth_world import (
    CALLBACK,
    CHALLENGE,
    FORM,
    PREFIX,
    VERIFIER,
    World,
    basic,
    has_request_id,
    make_world,
)
from tests.races import at_once
from tests.userpools.flows import claims_of, secret_of
from tests.userpools.people import make_client, sign_in
from tests.userpools.triggers_of_tests import ARN

JSON = "application/json;charset=UTF-8"


@pytest.fixture
def world(cognito: Any) -> World:
    return make_world(cognito)


def refused(response: Any, error: str, status: int = 400) -> None:
    """Exactly the error, in exactly the form."""
    assert (response.status_code, response.json()) == (status, {"error": error})
    assert response["Content-Type"] == JSON
    assert response["Cache-Control"] == "no-store"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert has_request_id(response)


# Codes


def test_a_code_becomes_tokens(world):
    answer = world.exchange(world.code(scope="openid email", nonce="n"))

    assert answer.status_code == 200
    assert answer["Content-Type"] == JSON
    assert answer["Cache-Control"] == "no-store"
    assert answer["Pragma"] == "no-cache"
    assert has_request_id(answer)
    body = answer.json()
    assert list(body) == ["id_token", "access_token", "refresh_token", "expires_in", "token_type"]
    assert (body["expires_in"], body["token_type"]) == (3600, "Bearer")


def test_claims_of_a_code_grant(world):
    auth_time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    User.objects.update(password_changed_at=auth_time)
    with time_machine.travel(auth_time, tick=False):
        world.know_browser()
    with time_machine.travel(auth_time + timedelta(minutes=10), tick=False):
        body = world.tokens(scope="openid email", nonce="n")

    access, identity = claims_of(body["access_token"]), claims_of(body["id_token"])
    assert list(access) == [
        *("sub", "iss", "version", "client_id", "origin_jti", "event_id", "token_use", "scope"),
        *("auth_time", "exp", "iat", "jti", "username"),
    ]
    assert next(iter(identity)) == "at_hash"
    assert access["version"] == 2
    assert access["scope"] == "openid email"
    assert access["auth_time"] == identity["auth_time"] == int(auth_time.timestamp())
    assert identity["nonce"] == "n"
    assert identity["email"] == "ana@example.com"
    assert "name" not in identity
    assert Event.objects.get(tag="userpools:session:started").content["flow"] == "HOSTED"


def test_openid_alone_shows_all_that_is_readable(world):
    identity = claims_of(world.tokens(scope="openid")["id_token"])

    assert (identity["name"], identity["email"]) == ("Ana", "ana@example.com")


def test_without_openid_there_is_no_id_token(world):
    assert "id_token" not in world.tokens(scope="email")


def test_a_self_service_scope_opens_the_api(world):
    both = world.tokens(scope="openid aws.cognito.signin.user.admin")["access_token"]
    only = world.tokens(scope="openid")["access_token"]

    assert world.cognito.get_user(AccessToken=both)["Username"] == "ana"
    with pytest.raises(world.cognito.exceptions.NotAuthorizedException, match="required scopes"):
        world.cognito.get_user(AccessToken=only)


def test_a_code_used_twice_ends_what_came_of_it(world):
    code = world.code(scope="openid aws.cognito.signin.user.admin")
    first, other = world.exchange(code).json(), world.tokens(scope="openid aws.cognito.signin.user.admin")
    assert world.cognito.get_user(AccessToken=first["access_token"])

    refused(world.exchange(code), "invalid_grant")

    with pytest.raises(world.cognito.exceptions.NotAuthorizedException, match="revoked"):
        world.cognito.get_user(AccessToken=first["access_token"])
    refused(world.token(grant_type="refresh_token", refresh_token=first["refresh_token"]), "invalid_grant")
    assert world.cognito.get_user(AccessToken=other["access_token"])
    refused(world.exchange(code), "invalid_grant")


def test_who_cannot_prove_the_code_theirs_ends_nothing(world):
    code = world.code(code_challenge=CHALLENGE, code_challenge_method="S256", scope="openid")
    world.exchange(code, code_verifier=VERIFIER)

    refused(world.exchange(code, code_verifier="w" * 43), "invalid_grant")

    assert UserSession.objects.get().revoked_at is None


def test_a_code_expires(world):
    code = world.code()

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5, seconds=1), tick=False):
        refused(world.exchange(code), "invalid_grant")


def test_a_code_is_its_clients_and_its_redirects(world, cognito):
    code, first = world.code(), world.client_id
    answer = world.token(grant_type="authorization_code", code=code, redirect_uri=f"{CALLBACK}/")
    refused(answer, "invalid_grant")
    world.client_id = make_client(
        cognito,
        world.pool_id,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[CALLBACK],
    )
    refused(world.exchange(code), "invalid_grant")
    world.client_id = first

    assert world.exchange(code).status_code == 200


def test_a_disabled_user_gets_no_tokens(world):
    code = world.code()
    User.objects.update(is_enabled=False)

    refused(world.exchange(code), "invalid_grant")


def test_pkce(world):
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = world.code(**pkce)

    refused(world.exchange(code), "invalid_grant")
    for verifier in ("w" * 43, "v" * 42, "v" * 129, "ü" * 43, CHALLENGE):
        refused(world.exchange(code, code_verifier=verifier), "invalid_grant")
    assert world.exchange(code, code_verifier=VERIFIER).status_code == 200


def test_a_verifier_without_a_challenge_is_refused(world):
    refused(world.exchange(world.code(), code_verifier=VERIFIER), "invalid_grant")


@pytest.mark.parametrize("name", ["code", "redirect_uri", "grant_type"])
def test_missing_parameters(world, name):
    given = {"grant_type": "authorization_code", "code": world.code(), "redirect_uri": CALLBACK}

    refused(world.token(**{**given, name: ""}), "invalid_request")


def test_the_trigger_may_refuse(cognito, triggers):
    world = make_world(cognito, pool={"LambdaConfig": {"PreTokenGeneration": ARN}})
    triggers.answers["TokenGeneration_HostedAuth"] = ValueError("not today")

    answer = world.exchange(world.code())

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "invalid_request", "error_description": "PreTokenGeneration failed with error not today."},
    )
    assert not UserSession.objects.exists()


# Refresh


def test_a_refresh(world):
    first = world.tokens(scope="openid email")

    answer = world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])

    body = answer.json()
    assert list(body) == ["id_token", "access_token", "expires_in", "token_type"]
    old, new = claims_of(first["access_token"]), claims_of(body["access_token"])
    assert list(old) == list(new)
    assert {name: old[name] for name in ("scope", "origin_jti", "auth_time", "version")} == {
        name: new[name] for name in ("scope", "origin_jti", "auth_time", "version")
    }
    assert old["jti"] != new["jti"]
    assert claims_of(body["id_token"])["at_hash"] != claims_of(first["id_token"])["at_hash"]


def test_a_refresh_token_of_the_api_works_here_too(world):
    token = sign_in(world.cognito, world.client_id, "ana")["AuthenticationResult"]["RefreshToken"]

    body = world.token(grant_type="refresh_token", refresh_token=token).json()

    assert claims_of(body["access_token"])["scope"] == "aws.cognito.signin.user.admin"


def test_rotation_gives_a_new_refresh_token(cognito):
    world = make_world(
        cognito,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )
    first = world.tokens()["refresh_token"]

    second = world.token(grant_type="refresh_token", refresh_token=first).json()["refresh_token"]

    assert second != first
    refused(world.token(grant_type="refresh_token", refresh_token=first), "invalid_grant")
    refused(world.token(grant_type="refresh_token", refresh_token=second), "invalid_grant")


def test_bad_refresh_tokens(world):
    token = world.tokens()["refresh_token"]
    UserSession.objects.update(revoked_at=datetime.now(UTC))

    for each in ("garbage", token):
        refused(world.token(grant_type="refresh_token", refresh_token=each), "invalid_grant")
    refused(world.token(grant_type="refresh_token"), "invalid_request")


# Client credentials


@pytest.fixture
def machine(cognito: Any) -> World:
    return make_machine(cognito)


def make_machine(cognito: Any, **pool: Any) -> World:
    """A world whose client is a machine with two scopes."""
    world = make_world(cognito, pool=pool)
    cognito.create_resource_server(
        UserPoolId=world.pool_id,
        Identifier="https://api",
        Name="API",
        Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")],
    )
    world.client_id = make_client(
        cognito,
        world.pool_id,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["https://api/read", "https://api/write"],
    )
    return world


def ask(machine: World, **given: str) -> Any:
    secret = secret_of(machine.client_id)
    return machine.token(grant_type="client_credentials", client_secret=secret, **given)


def test_a_machine_gets_a_token_of_its_own(machine):
    answer = ask(machine).json()

    assert list(answer) == ["access_token", "expires_in", "token_type"]
    content = claims_of(answer["access_token"])
    assert content["sub"] == content["client_id"] == machine.client_id
    assert content["scope"] == "https://api/read https://api/write"
    assert (content["token_use"], content["version"]) == ("access", 2)
    assert not {"username", "origin_jti", "event_id", "aud"} & set(content)
    assert not UserSession.objects.exists()


def test_a_machine_asks_for_less(machine):
    content = claims_of(ask(machine, scope="https://api/read").json()["access_token"])

    assert content["scope"] == "https://api/read"
    for scope in ("openid", "https://api/other", "https://api/read openid"):
        refused(ask(machine, scope=scope), "invalid_scope")


def test_a_machine_binds_its_token_to_a_resource(machine):
    content = claims_of(ask(machine, resource="https://api").json()["access_token"])

    assert content["aud"] == "https://api"
    refused(ask(machine, resource="https://other"), "invalid_target")


def test_a_machine_without_living_scopes_gets_nothing(machine, cognito):
    cognito.delete_resource_server(UserPoolId=machine.pool_id, Identifier="https://api")

    refused(ask(machine), "invalid_scope")


def test_only_version_3_triggers_see_machines(cognito, triggers):
    config = {"PreTokenGenerationConfig": {"LambdaVersion": "V3_0", "LambdaArn": ARN}}
    machine = make_machine(cognito, LambdaConfig=config)
    triggers.answers["TokenGeneration_ClientCredentials"] = {
        "claimsAndScopeOverrideDetails": {
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"tier": 1},
                "scopesToSuppress": ["https://api/write"],
            }
        }
    }

    content = claims_of(ask(machine, aws_client_metadata='{"k":"v"}').json()["access_token"])

    (event,) = triggers.events
    assert event["userName"] == "ClientCredentials"
    assert event["request"]["clientMetadata"] == {"k": "v"}
    assert (content["tier"], content["scope"]) == (1, "https://api/read")
    for text in ("x", "[]", '{"k":1}', '"s"', "[" * 50_000):
        refused(ask(machine, aws_client_metadata=text), "invalid_request")


def test_a_machine_exchanges_no_codes(machine):
    answer = machine.exchange("x", client_secret=secret_of(machine.client_id))

    refused(answer, "unauthorized_client")


def test_a_person_client_is_no_machine(world):
    refused(world.token(grant_type="client_credentials"), "unauthorized_client")


# Clients


def test_a_secret_in_header_or_body(machine):
    secret = secret_of(machine.client_id)
    grant = {"grant_type": "client_credentials"}

    for given, headers in (
        ({"client_secret": secret}, None),
        ({}, basic(machine.client_id, secret)),
    ):
        assert machine.token(headers=headers, **grant, **given).status_code == 200
    body = machine.http.post(
        f"/{PREFIX}/oauth2/token",
        "grant_type=client_credentials",
        content_type=FORM,
        headers=basic(machine.client_id, secret),
    )
    assert body.status_code == 200


def test_wrong_secrets(machine):
    grant = {"grant_type": "client_credentials"}

    refused(machine.token(**grant), "invalid_client")
    refused(machine.token(client_secret="x" * 52, **grant), "invalid_client")
    refused(machine.token(headers=basic(machine.client_id, "x"), **grant), "invalid_client")
    refused(machine.token(headers={"Authorization": "Basic !"}, **grant), "invalid_client")
    no_colon = base64.b64encode(b"x").decode()
    refused(machine.token(headers={"Authorization": f"Basic {no_colon}"}, **grant), "invalid_client")


def test_unknown_and_contradicting_clients(machine):
    secret = secret_of(machine.client_id)
    grant = {"grant_type": "client_credentials"}

    refused(machine.token(headers=basic("other", secret), **grant), "invalid_request")
    both = machine.token(headers=basic(machine.client_id, secret), client_secret=secret, **grant)
    refused(both, "invalid_request")
    for client_id in ("nosuchclient", "a\x00b"):
        machine.client_id = client_id
        refused(machine.token(client_secret=secret, **grant), "invalid_client")
    machine.client_id = ""
    refused(machine.token(**grant), "invalid_request")


def test_a_secret_for_a_client_without_one(world):
    refused(world.exchange("x", client_secret="y"), "invalid_client")


# Form


def test_other_grants(world):
    refused(world.token(grant_type="password"), "unsupported_grant_type")


def test_a_repeated_parameter(world):
    body = f"grant_type=refresh_token&client_id={world.client_id}&refresh_token=a&refresh_token=b"

    refused(world.http.post(f"/{PREFIX}/oauth2/token", body, content_type=FORM), "invalid_request")


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"]
)
def test_a_body_that_is_no_form(world, content_type):
    response = world.http.post(f"/{PREFIX}/oauth2/token", "{}", content_type=content_type)

    refused(response, "invalid_request", status=415)


def test_other_methods(world):
    refused(world.http.get(f"/{PREFIX}/oauth2/token"), "invalid_request", status=405)
    refused(world.http.put(f"/{PREFIX}/oauth2/token"), "invalid_request", status=405)


def test_a_preflight(world):
    response = world.http.options(
        f"/{PREFIX}/oauth2/token",
        headers={
            "Origin": "https://app.example.com",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,x-amz-user-agent",
        },
    )

    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response["Access-Control-Allow-Methods"]
    for name in ("authorization", "content-type", "x-amz-user-agent"):
        assert name in response["Access-Control-Allow-Headers"]


def test_csrf_checks_do_not_stand_in_the_way(world):
    strict = Client(enforce_csrf_checks=True)

    refused(world.token(http=strict, grant_type="password"), "unsupported_grant_type")


def test_another_pools_client_is_unknown(world, cognito):
    other = UserPool.objects.get(pk=cognito.create_user_pool(PoolName="other")["UserPool"]["Id"])
    cognito.create_user_pool_domain(Domain="other", UserPoolId=other.pk)
    body = f"grant_type=refresh_token&client_id={world.client_id}&refresh_token=a"

    refused(world.http.post("/other/oauth2/token", body, content_type=FORM), "invalid_client")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_racing_exchanges_one_wins_at_most_and_not_for_long(world, needs_postgres):
    code = world.code()

    results = at_once(
        *[
            lambda: world.token(
                http=Client(), grant_type="authorization_code", code=code, redirect_uri=CALLBACK
            )
        ]
        * 8
    )

    statuses = sorted(each.status_code for each in results)
    assert statuses in ([400] * 8, [200] + [400] * 7)
    assert UserSession.objects.count() == statuses.count(200)
    assert not UserSession.objects.filter(revoked_at__isnull=True).exists()
