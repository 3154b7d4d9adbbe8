"""Sessions as servers see them: access tokens with each of their faults, sign-out, revocation, what is tidied up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine

from identity.core import clock, signing
from identity.core.models import Event
from identity.userpools import hosted_sessions, keys, oauth_codes, session_rows, sessions
from identity.userpools.errors import NotAuthorized
from identity.userpools.models import (
    AuthorizationCode,
    HostedSession,
    SigningKey,
    User,
    UserPool,
    UserPoolClient,
    UserSession,
)
from tests.userpools.flows import ALL_FLOWS, claims_of, counted, get_tokens, secret_of
from tests.userpools.people import access_token, make_client, make_pool, settled, sign_in


@pytest.fixture
def pool_id(cognito: Any) -> str:
    pool_id = make_pool(cognito)
    settled(cognito, pool_id, "ana")
    return pool_id


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS)


@pytest.fixture
def client(client_id: str) -> UserPoolClient:
    return UserPoolClient.objects.select_related("pool").get(pk=client_id)


def signed_in(cognito: Any, client_id: str) -> Any:
    return sign_in(cognito, client_id, "ana")["AuthenticationResult"]


def not_authorized(cognito: Any, text: str) -> Any:
    return pytest.raises(cognito.exceptions.NotAuthorizedException, match=f": {text}$")


# By access token


def test_an_access_token_tells_who(cognito, client_id):
    assert cognito.get_user(AccessToken=signed_in(cognito, client_id)["AccessToken"])["Username"] == "ana"


def test_get_user_takes_one_query(cognito, client_id):
    token = signed_in(cognito, client_id)["AccessToken"]
    cognito.get_user(AccessToken=token)

    with counted() as statements:
        cognito.get_user(AccessToken=token)

    assert len(statements()) <= 1, statements()


def test_what_is_no_access_token_of_ours(cognito, pool_id, client_id):
    identity = signed_in(cognito, client_id)["IdToken"]
    other = signing.generate()
    key = signing.private_key(other.kid, lambda: other.private_pem)
    foreign = signing.sign({"sub": "x", "exp": 2**31, "iat": 0}, key, kid=other.kid, alg="RS256")
    none = jwt.encode({"sub": "x"}, key="", algorithm="none")
    hostile = [
        signing.sign({"sub": "x"}, key, kid=kid, alg="RS256") for kid in ("a\x00b", "\ud800", "k" * 99)
    ]

    for token in ("garbage", "a.b.c", identity, foreign, none, *hostile):
        with not_authorized(cognito, "Invalid Access Token"):
            cognito.get_user(AccessToken=token)


def test_an_id_tokens_claims_signed_by_the_access_key_are_none_either(cognito, pool_id, client_id, client):
    content = claims_of(signed_in(cognito, client_id)["IdToken"])
    token = keys.signer(client.pool, SigningKey.Use.ACCESS).sign(content)

    with not_authorized(cognito, "Invalid Access Token"):
        cognito.get_user(AccessToken=token)


def test_a_forged_signature(cognito, client_id):
    token = signed_in(cognito, client_id)["AccessToken"]
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{'A' * 10}{signature[10:]}"

    with not_authorized(cognito, "Could not verify signature for Access Token"):
        cognito.get_user(AccessToken=forged)


def test_an_expired_access_token(cognito, client_id):
    token = signed_in(cognito, client_id)["AccessToken"]

    late = time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1), tick=False)
    with late, not_authorized(cognito, "Access Token has expired"):
        cognito.get_user(AccessToken=token)


def test_an_access_token_without_the_scope(cognito, client_id, client):
    content = claims_of(signed_in(cognito, client_id)["AccessToken"])
    token = keys.signer(client.pool, SigningKey.Use.ACCESS).sign({**content, "scope": "openid email"})

    with not_authorized(cognito, "Access Token does not have required scopes"):
        cognito.get_user(AccessToken=token)


def test_a_deleted_and_a_disabled_user(cognito, pool_id, client_id):
    token = signed_in(cognito, client_id)["AccessToken"]

    User.objects.update(is_enabled=False)
    with not_authorized(cognito, r"User is disabled\."):
        cognito.get_user(AccessToken=token)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="ana")
    with pytest.raises(cognito.exceptions.UserNotFoundException, match=r"User does not exist\.$"):
        cognito.get_user(AccessToken=token)


def test_the_prepared_read_is_what_a_queryset_reads(cognito, client_id):
    signed_in(cognito, client_id)
    expected = UserSession.objects.select_related("user__pool", "client__pool").get()

    for field in ("origin_jti", "refresh_token_hash"):
        found = session_rows.find(field, getattr(expected, field))
        assert found
        assert not found._state.adding
        pairs = [
            (found, expected),
            (found.user, expected.user),
            (found.user.pool, expected.user.pool),
            (found.client, expected.client),
            (found.client.pool, expected.client.pool),
        ]
        for ours, theirs in pairs:
            for each in theirs._meta.concrete_fields:
                values = [getattr(row, each.attname) for row in (ours, theirs)]
                if isinstance(values[0], memoryview):
                    values = [bytes(value) for value in values]
                assert values[0] == values[1]
                assert type(values[0]) is type(values[1])
    assert session_rows.find("refresh_token_hash", "0" * 64) is None


# Sign-out


def test_global_sign_out_takes_back_codes_that_would_become_sessions(cognito, pool_id, client_id):
    user, client = User.objects.get(), UserPoolClient.objects.get(pk=client_id)
    asked = oauth_codes.Request("https://app.example.com/", ("openid",), clock.now())
    for deed in (
        lambda: cognito.global_sign_out(AccessToken=access_token(cognito, client_id, user.username)),
        lambda: cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username=user.username),
    ):
        code = oauth_codes.issue(user, client, asked)
        deed()
        with pytest.raises(oauth_codes.BadGrant):
            oauth_codes.redeem(client, oauth_codes.Redemption(code, "https://app.example.com/", None))


def test_global_sign_out_ends_every_session(cognito, client_id):
    first, second = signed_in(cognito, client_id), signed_in(cognito, client_id)

    assert (
        cognito.global_sign_out(AccessToken=first["AccessToken"])["ResponseMetadata"]["HTTPStatusCode"] == 200
    )

    for each in (first, second):
        with not_authorized(cognito, "Access Token has been revoked"):
            cognito.get_user(AccessToken=each["AccessToken"])
        with not_authorized(cognito, "Refresh Token has been revoked"):
            get_tokens(cognito, client_id, each["RefreshToken"])
    with not_authorized(cognito, "Access Token has been revoked"):
        cognito.global_sign_out(AccessToken=first["AccessToken"])
    assert Event.objects.get(tag="userpools:user:signed_out_everywhere").content["sessions"] == 2
    assert signed_in(cognito, client_id)


def test_an_administrator_signs_a_user_out(cognito, pool_id, client_id):
    settled(cognito, pool_id, "berta")
    ana = signed_in(cognito, client_id)
    berta = sign_in(cognito, client_id, "berta")["AuthenticationResult"]

    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="ana")

    with not_authorized(cognito, "Access Token has been revoked"):
        cognito.get_user(AccessToken=ana["AccessToken"])
    assert cognito.get_user(AccessToken=berta["AccessToken"])
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="nobody")
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.admin_user_global_sign_out(UserPoolId="us-east-1_Nothing", Username="ana")


# Revocation


def test_revoking_ends_one_sign_in(cognito, client_id):
    first, second = signed_in(cognito, client_id), signed_in(cognito, client_id)

    cognito.revoke_token(Token=first["RefreshToken"], ClientId=client_id)
    cognito.revoke_token(Token=first["RefreshToken"], ClientId=client_id)

    with not_authorized(cognito, "Access Token has been revoked"):
        cognito.get_user(AccessToken=first["AccessToken"])
    assert cognito.get_user(AccessToken=second["AccessToken"])
    assert Event.objects.filter(tag="userpools:session:revoked").count() == 1


def test_revoking_what_is_no_refresh_token(cognito, client_id):
    result = signed_in(cognito, client_id)

    for token in (result["AccessToken"], result["IdToken"]):
        with pytest.raises(cognito.exceptions.UnsupportedTokenTypeException):
            cognito.revoke_token(Token=token, ClientId=client_id)
    cognito.revoke_token(Token="unknown", ClientId=client_id)


def test_revoking_needs_the_setting(cognito, pool_id):
    client_id = make_client(cognito, pool_id, EnableTokenRevocation=False)

    with pytest.raises(cognito.exceptions.UnsupportedOperationException):
        cognito.revoke_token(Token="x", ClientId=client_id)


def test_revoking_needs_the_right_client(cognito, pool_id, client_id):
    token = signed_in(cognito, client_id)["RefreshToken"]
    other = make_client(cognito, pool_id)
    confidential = make_client(cognito, pool_id, GenerateSecret=True)

    for given in (
        {"ClientId": other},
        {"ClientId": "nosuchclient"},
        {"ClientId": client_id, "ClientSecret": "a" * 52},
        {"ClientId": confidential},
        {"ClientId": confidential, "ClientSecret": "a" * 52},
    ):
        with pytest.raises(cognito.exceptions.UnauthorizedException):
            cognito.revoke_token(Token=token, **given)
    cognito.revoke_token(Token="unknown", ClientId=confidential, ClientSecret=secret_of(confidential))
    assert UserSession.objects.get().revoked_at is None


def test_a_rotated_token_revokes_its_family(cognito, pool_id):
    setting = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    client_id = make_client(
        cognito, pool_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=setting
    )
    first = signed_in(cognito, client_id)["RefreshToken"]
    get_tokens(cognito, client_id, first)

    cognito.revoke_token(Token=first, ClientId=client_id)

    assert UserSession.objects.get().revoked_at is not None


def test_a_machines_token_is_nobodys_sign_in(client):
    claims = {"sub": client.pk, "client_id": client.pk, "auth_time": 0, "scope": "openid"}

    with pytest.raises(NotAuthorized):
        sessions.of_claims(claims)
    assert not keys.sessions_of(claims).exists()
    assert not keys.is_live({**claims, "client_id": "another"})
    assert keys.is_live(claims)


# Browsers, and what is tidied up


def test_a_browser_session_ends_with_its_hour_its_user_and_its_pool(cognito, client):
    user = User.objects.get()
    value = hosted_sessions.start(user)
    other = UserPool.objects.get(pk=make_pool(cognito))

    found = hosted_sessions.find(client.pool, value)
    assert found
    assert found.user == user
    assert value not in found.token_hash
    assert hosted_sessions.find(other, value) is None
    assert hosted_sessions.find(client.pool, "other") is None
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1), tick=False):
        assert hosted_sessions.find(client.pool, value) is None
    User.objects.update(is_enabled=False)
    assert hosted_sessions.find(client.pool, value) is None
    hosted_sessions.end(value)
    assert not HostedSession.objects.exists()


def test_what_is_over_is_tidied_up_and_nothing_else(cognito, client_id, client):
    user = User.objects.get()
    signed_in(cognito, client_id)
    hosted_sessions.start(user)
    oauth_codes.issue(user, client, oauth_codes.Request("https://a", (), auth_time=datetime.now(UTC)))
    tables = (UserSession, HostedSession, AuthorizationCode)

    def purge() -> list[int]:
        for each in (sessions, hosted_sessions, oauth_codes):
            each.purge()
        return [table.objects.count() for table in tables]

    assert purge() == [1, 1, 1]
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2), tick=False):
        assert purge() == [1, 0, 0]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=32), tick=False):
        assert purge() == [0, 0, 0]


def test_a_rotated_session_is_tidied_up_with_its_tokens(cognito, pool_id):
    setting = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    client_id = make_client(
        cognito, pool_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=setting
    )
    get_tokens(cognito, client_id, signed_in(cognito, client_id)["RefreshToken"])

    with time_machine.travel(datetime.now(UTC) + timedelta(days=32), tick=False):
        sessions.purge()

    assert not UserSession.objects.exists()
