"""What a pool publishes, and the endpoints by host."""

from typing import Any

import jwt
import pytest
from django.test import Client, override_settings

from identity.userpools import keys
from identity.userpools.models import UserPool
from portal.oauth.errors import TABLE
from tests.portal.oauth_world import CALLBACK, PREFIX, World, has_request_id, make_world
from tests.userpools.people import make_pool, settled


@pytest.fixture
def world(cognito: Any) -> World:
    return make_world(cognito)


def test_the_discovery_document(world):
    issuer = f"http://testserver/{world.pool_id}"
    domain = f"http://{PREFIX}.auth.testserver"

    response = world.http.get(f"/{world.pool_id}/.well-known/openid-configuration")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in response["Cache-Control"]
    assert has_request_id(response)
    document = response.json()
    assert list(document) == sorted(document)
    assert document == {
        "authorization_endpoint": f"{domain}/oauth2/authorize",
        "code_challenge_methods_supported": ["S256"],
        "end_session_endpoint": f"{domain}/logout",
        "grant_types_supported": ["authorization_code", "client_credentials", "implicit", "refresh_token"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": f"{domain}/oauth2/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": f"{domain}/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": f"{domain}/oauth2/userInfo",
    }
    again = world.http.get(f"/.well-known/oauth-authorization-server/{world.pool_id}")
    assert again.json() == document


def test_the_keys_verify_what_the_pool_signs(world):
    token = world.tokens(scope="openid")["id_token"]

    response = world.http.get(f"/{world.pool_id}/.well-known/jwks.json")

    assert response["Content-Type"] == "application/json"
    assert response["Access-Control-Allow-Origin"] == "*"
    key = jwt.PyJWKSet.from_dict(response.json())[jwt.get_unverified_header(token)["kid"]]
    issuer = f"http://testserver/{world.pool_id}"
    jwt.decode(token, key, algorithms=["RS256"], audience=world.client_id, issuer=issuer)


def test_a_pool_with_aws_issuer_publishes_keys_where_they_are(cognito):
    pool_id = make_pool(cognito, UserPoolTags={keys.ISSUER_TAG: "aws"})

    document = Client().get(f"/{pool_id}/.well-known/openid-configuration").json()

    assert document["issuer"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"
    assert document["jwks_uri"] == f"http://testserver/{pool_id}/.well-known/jwks.json"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["openid-configuration", "jwks.json"])
def test_an_unknown_pool(name):
    response = Client().get(f"/us-east-1_Nothing/.well-known/{name}")

    assert response.status_code == 404
    assert response.json() == {"message": "User pool us-east-1_Nothing does not exist."}
    assert response["Access-Control-Allow-Origin"] == "*"


def test_published_things_are_for_reading(world):
    path = f"/{world.pool_id}/.well-known/jwks.json"

    assert world.http.post(path).status_code == 405
    assert world.http.options(path).status_code == 204


# By host


@pytest.fixture
def by_host(world: World) -> Client:
    return Client(HTTP_HOST=f"{PREFIX}.auth.testserver")


def test_by_host_paths_have_no_prefix(world, by_host):
    query = f"client_id={world.client_id}&redirect_uri={CALLBACK}&response_type=code"

    response = by_host.get(f"/oauth2/authorize?{query}")

    assert response["Location"].startswith("/login?")
    mismatch = by_host.get(f"/oauth2/authorize?{query}x&redirect_uri=x")
    assert mismatch["Location"].startswith("/error?")


def test_a_cookie_by_host_is_the_whole_hosts(world, by_host):
    by_host.cookies["cognito"] = world.know_browser()

    response = by_host.get(f"/logout?client_id={world.client_id}&logout_uri=https://app.example.com/bye")

    assert response.cookies["cognito"]["path"] == "/"


def test_a_site_below_a_path(world):
    query = f"client_id={world.client_id}&redirect_uri={CALLBACK}&response_type=code"

    with override_settings(FORCE_SCRIPT_NAME="/identity"):
        response = Client().get(f"/{PREFIX}/oauth2/authorize?{query}")

    assert response["Location"].startswith(f"/identity/{PREFIX}/login?")


def test_every_error_of_the_table_is_modelled():
    from identity.userpools import errors

    known = {each.code for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "code")}
    assert set(TABLE) <= known


def test_a_rotation_shows_in_the_published_keys(world, cognito):
    settled(cognito, world.pool_id, "berta")
    path = f"/{world.pool_id}/.well-known/jwks.json"
    before = {each["kid"] for each in world.http.get(path).json()["keys"]}

    keys.rotate(UserPool.objects.get(pk=world.pool_id))

    after = [each["kid"] for each in world.http.get(path).json()["keys"]]
    assert before < set(after)
    assert len(after) == len(before) + 2
