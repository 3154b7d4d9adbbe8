"""Which tokens prove a login, and what each refusal says."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from identity.core import clock, signing
from identity.iam import oidc_keys, oidc_providers
from identity.identitypools.models import Login
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import get_id, refusal, refused_text

pytestmark = pytest.mark.core_suite


def test_a_user_is_one_identity_whichever_name_of_the_user_pool_is_sent(
    anyone: Any, user_pool: world.UserPool, pool_id: str
) -> None:
    first = get_id(anyone, pool_id, {user_pool.provider: user_pool.token()})
    again = get_id(anyone, pool_id, {user_pool.own_name: user_pool.token()})
    aws_issuer = user_pool.token(iss=f"https://{user_pool.provider}")
    third = get_id(anyone, pool_id, {user_pool.own_name: aws_issuer})

    assert first == again == third
    assert list(Login.objects.values_list("provider", "user_id")) == [(user_pool.provider, "ana")]


def test_both_names_in_one_call_are_one_login(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    both = {user_pool.provider: user_pool.token(), user_pool.own_name: user_pool.token()}

    get_id(anyone, pool_id, both)

    assert Login.objects.count() == 1


def test_both_names_in_one_call_for_two_users_conflict(
    anyone: Any, user_pool: world.UserPool, pool_id: str
) -> None:
    both = {user_pool.provider: user_pool.token("ana"), user_pool.own_name: user_pool.token("ben")}

    with pytest.raises(anyone.exceptions.ResourceConflictException):
        get_id(anyone, pool_id, both)


def test_another_app_client_is_not_supported(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    logins = {user_pool.provider: user_pool.token(aud=world.OTHER_CLIENT)}

    text = "Token is not from a supported provider of this identity pool."
    assert refused_text(anyone, pool_id, logins) == text


def test_a_provider_that_the_pool_does_not_have(
    anyone: Any, user_pool: world.UserPool, make_pool: Any
) -> None:
    bare = make_pool(CognitoIdentityProviders=[])

    text = "Token is not from a supported provider of this identity pool."
    assert refused_text(anyone, bare, user_pool.logins()) == text
    assert refused_text(anyone, bare, {"accounts.google.com": "a.b.c"}) == text
    assert refused_text(anyone, bare, {"cognito-identity.amazonaws.com": "a.b.c"}) == text


def test_an_expired_token_says_when(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    token = user_pool.token()
    expires = world.claims_of(token)["exp"]

    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        text = refused_text(anyone, pool_id, {user_pool.provider: token})

    assert text == f"Invalid login token. Token expired: {expires} >= {expires}"


def test_an_access_token_has_no_audience(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    token = user_pool.token(aud=None, token_use="access", client_id=world.CLIENT)

    text = "Invalid login token. Missing a required claim: aud"
    assert refused_text(anyone, pool_id, {user_pool.provider: token}) == text


def test_an_access_token_with_an_audience_is_no_id_token(
    anyone: Any, user_pool: world.UserPool, pool_id: str
) -> None:
    token = user_pool.token(token_use="access")

    assert refused_text(anyone, pool_id, {user_pool.provider: token}) == "Invalid login token."


def test_a_token_of_another_issuer(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    other = world.UserPool("us-east-1_Example02")

    with world.registered(other):
        text = refused_text(anyone, pool_id, {user_pool.provider: other.token()})

    assert text == "Invalid login token. Issuer doesn't match providerName"


def test_a_foreign_signature(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    text = "Invalid login token. Couldn't verify signed token."
    forged = signing.NewKey(user_pool.key.kid, signing.generate().private_pem, user_pool.key.public_jwk)
    stranger = world.UserPool(user_pool.id)

    assert refused_text(anyone, pool_id, {user_pool.provider: stranger.token()}) == text
    assert refused_text(anyone, pool_id, {user_pool.provider: _signed(user_pool, forged)}) == text


def _signed(user_pool: world.UserPool, key: signing.NewKey) -> str:
    """Signed by another key under the right key's id."""
    claims = dict(world.claims_of(user_pool.token()))
    private = signing.private_key("tests:forger", lambda: key.private_pem)
    return signing.sign(claims, private, kid=key.kid)


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_token_without_a_real_signature(
    anyone: Any, user_pool: world.UserPool, pool_id: str, alg: str
) -> None:
    header = json.dumps({"alg": alg, "kid": user_pool.key.kid}).encode()
    payload = user_pool.token().split(".")[1]
    token = f"{base64.urlsafe_b64encode(header).rstrip(b'=').decode()}.{payload}."

    text = refused_text(anyone, pool_id, {user_pool.provider: token})

    assert text == "Invalid login token. Couldn't verify signed token."


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "..", "e30.e30.e30", "é.é.é", "[" * 5000])
def test_garbage_is_refused_in_words(
    anyone: Any, user_pool: world.UserPool, pool_id: str, garbage: str
) -> None:
    assert refused_text(anyone, pool_id, {user_pool.provider: garbage}).startswith("Invalid login token.")


def test_one_bad_login_fails_the_whole_call(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    logins = {**user_pool.logins(), "accounts.google.com": "a.b.c"}

    text = "Token is not from a supported provider of this identity pool."
    assert refused_text(anyone, pool_id, logins) == text


def test_a_developer_provider_is_no_public_one(anyone: Any, make_pool: Any) -> None:
    pool_id = make_pool(DeveloperProviderName="login.notes")

    with pytest.raises(anyone.exceptions.InvalidParameterException) as refused:
        get_id(anyone, pool_id, {"login.notes": "user 1"})

    assert refusal(refused)[1] == "Please provide a valid public provider."


def test_who_signed_out_is_refused_where_the_pool_asks(
    anyone: Any, user_pool: world.UserPool, make_pool: Any
) -> None:
    asking = make_pool(CognitoIdentityProviders=[user_pool.entry(ServerSideTokenCheck=True)])
    trusting = make_pool()
    token = {user_pool.provider: user_pool.token()}
    identity_id = get_id(anyone, asking, token)

    user_pool.signed_out.add("ana")

    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        get_id(anyone, asking, token)
    assert refusal(refused)[1] == "Token is inactive"
    with pytest.raises(anyone.exceptions.NotAuthorizedException):
        anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=token)
    assert get_id(anyone, trusting, token)


def test_a_rotated_key_is_noticed_at_once(anyone: Any, user_pool: world.UserPool, pool_id: str) -> None:
    first = get_id(anyone, pool_id, user_pool.logins())

    user_pool.key = signing.generate()

    assert get_id(anyone, pool_id, user_pool.logins()) == first


def test_a_signature_on_an_unsigned_operation_is_ignored(pool_id: str) -> None:
    stranger = aws.client("cognito-identity", access_key="AKIAUNKNOWNUNKNOWN22", secret="nothing")

    assert stranger.get_id(IdentityPoolId=pool_id)["IdentityId"]


@pytest.fixture
def oidc(anyone: Any, make_pool: Any) -> tuple[world.UserPool, str, str]:
    """An OIDC provider of the account, the ARN that it has, and an identity pool that accepts it."""
    oidc_keys.forget()
    issuer = world.UserPool("us-east-1_Unused")
    issuer.url, issuer.provider = "https://login.example/notes", "login.example/notes"
    arn = oidc_providers.create(issuer.url, ["app"]).arn
    return issuer, arn, make_pool(OpenIdConnectProviderARNs=[arn])


def test_an_oidc_provider_of_the_account(anyone: Any, oidc: tuple[world.UserPool, str, str]) -> None:
    issuer, arn, pool_id = oidc

    with world.registered(issuer):
        identity_id = get_id(anyone, pool_id, issuer.logins(aud="app", token_use=None))

    assert list(Login.objects.values_list("identity_id", "provider")) == [
        (identity_id, "login.example/notes")
    ]
    assert arn == "arn:aws:iam::000000000000:oidc-provider/login.example/notes"


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"aud": "stranger"}, "Invalid login token. Incorrect token audience."),
        ({"aud": "app", "azp": "stranger"}, "Invalid login token. Incorrect token audience."),
        (
            {"aud": "app", "iss": "https://login.example"},
            "Invalid login token. Issuer doesn't match providerName",
        ),
    ],
)
def test_what_an_oidc_token_must_say(
    anyone: Any, oidc: tuple[world.UserPool, str, str], claims: dict[str, str], text: str
) -> None:
    issuer, _, pool_id = oidc

    with world.registered(issuer):
        assert refused_text(anyone, pool_id, issuer.logins(**claims)) == text


def test_oidc_clocks_may_differ_by_five_minutes(anyone: Any, oidc: tuple[world.UserPool, str, str]) -> None:
    issuer, _, pool_id = oidc
    logins = issuer.logins(aud=["other", "app"])

    with world.registered(issuer), time_machine.travel(clock.now() + timedelta(minutes=64)):
        get_id(anyone, pool_id, logins)
    with (
        world.registered(issuer),
        time_machine.travel(clock.now() + timedelta(minutes=66)),
        pytest.raises(anyone.exceptions.NotAuthorizedException),
    ):
        get_id(anyone, pool_id, logins)


def test_a_silent_oidc_provider_is_an_external_failure(anyone: Any, make_pool: Any, settings: Any) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ("127.0.0.1",)}
    issuer = world.UserPool("us-east-1_Unused")
    issuer.url = "http://127.0.0.1:1"
    pool_id = make_pool(OpenIdConnectProviderARNs=[oidc_providers.create(issuer.url, ["app"]).arn])

    with pytest.raises(anyone.exceptions.ExternalServiceException):
        get_id(anyone, pool_id, {"127.0.0.1:1": issuer.token(aud="app")})
