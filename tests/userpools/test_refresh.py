"""Refreshing: what stays and what changes, rotation with its grace, reuse, and every refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from identity.core.models import Event
from identity.userpools import clients, sessions
from identity.userpools.models import RotatedRefreshToken, UserSession
from tests.races import at_once
from tests.userpools.flows import ALL_FLOWS, claims_of, counted, get_tokens, refresh, secret_of
from tests.userpools.people import make_client, make_pool, settled, sign_in

ROTATING = ["ALLOW_USER_PASSWORD_AUTH"]


@pytest.fixture
def pool_id(cognito: Any) -> str:
    pool_id = make_pool(cognito)
    settled(cognito, pool_id, "ana")
    return pool_id


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS)


def rotating(cognito: Any, pool_id: str, grace: int) -> str:
    setting = {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}
    return make_client(cognito, pool_id, ExplicitAuthFlows=ROTATING, RefreshTokenRotation=setting)


def refresh_token(cognito: Any, client_id: str) -> str:
    return str(sign_in(cognito, client_id, "ana")["AuthenticationResult"]["RefreshToken"])


def not_authorized(cognito: Any, text: str) -> Any:
    return pytest.raises(cognito.exceptions.NotAuthorizedException, match=f": {text}$")


def test_a_refresh_keeps_the_sign_in_and_renews_the_rest(cognito, client_id):
    first = sign_in(cognito, client_id, "ana")["AuthenticationResult"]

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5), tick=False):
        second = refresh(cognito, client_id, first["RefreshToken"])

    assert set(second) == {"AccessToken", "IdToken", "ExpiresIn", "TokenType"}
    for token in ("AccessToken", "IdToken"):
        old, new = claims_of(first[token]), claims_of(second[token])
        assert list(old) == list(new)
        for name in ("auth_time", "origin_jti", "sub"):
            assert old[name] == new[name]
        for name in ("jti", "iat", "exp", "event_id"):
            assert old[name] != new[name]


def test_both_names_of_the_flow_and_the_operation_of_its_own(cognito, pool_id, client_id):
    token = refresh_token(cognito, client_id)

    assert refresh(cognito, client_id, token)
    answer = cognito.initiate_auth(
        ClientId=client_id, AuthFlow="REFRESH_TOKEN", AuthParameters={"REFRESH_TOKEN": token}
    )
    assert answer["ChallengeParameters"] == {}
    assert "RefreshToken" not in get_tokens(cognito, client_id, token)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": token},
    )
    assert answer["AuthenticationResult"]["AccessToken"]


def test_the_operation_of_its_own_needs_no_flow(cognito, pool_id):
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])

    assert get_tokens(cognito, client_id, refresh_token(cognito, client_id))["AccessToken"]


def test_an_unknown_token(cognito, pool_id, client_id):
    other = make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS)
    foreign = refresh_token(cognito, other)

    for token in ("garbage", foreign):
        with not_authorized(cognito, "Invalid Refresh Token"):
            refresh(cognito, client_id, token)
        with not_authorized(cognito, r"Invalid Refresh Token\."):
            get_tokens(cognito, client_id, token)
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        refresh(cognito, "nosuchclient", foreign)


def test_an_expired_token(cognito, pool_id):
    client_id = make_client(cognito, pool_id, RefreshTokenValidity=1)
    token = refresh_token(cognito, client_id)

    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, seconds=1), tick=False):
        with not_authorized(cognito, "Refresh Token has expired"):
            refresh(cognito, client_id, token)
        with not_authorized(cognito, "Refresh Token has expired"):
            get_tokens(cognito, client_id, token)


def test_a_revoked_token(cognito, client_id):
    token = refresh_token(cognito, client_id)
    cognito.revoke_token(Token=token, ClientId=client_id)

    with not_authorized(cognito, "Refresh Token has been revoked"):
        refresh(cognito, client_id, token)
    with not_authorized(cognito, "Refresh Token has been revoked"):
        get_tokens(cognito, client_id, token)


def test_a_disabled_and_a_deleted_user(cognito, pool_id, client_id):
    token = refresh_token(cognito, client_id)
    from identity.userpools.models import User

    User.objects.update(is_enabled=False)
    with not_authorized(cognito, r"User is disabled\."):
        refresh(cognito, client_id, token)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="ana")
    with not_authorized(cognito, "Invalid Refresh Token"):
        refresh(cognito, client_id, token)


def test_secret_hash_of_a_refresh_is_over_the_stored_username(cognito):
    pool_id = make_pool(cognito, UsernameAttributes=["email"])
    client_id = make_client(cognito, pool_id, GenerateSecret=True)
    user = settled(cognito, pool_id, "ana@example.com")
    secret = secret_of(client_id)
    typed = clients.secret_hash(client_id, "ana@example.com", secret)
    token = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana@example.com", "PASSWORD": "Passw0rd!", "SECRET_HASH": typed},
    )["AuthenticationResult"]["RefreshToken"]

    stored = clients.secret_hash(client_id, user["Username"], secret)
    assert refresh(cognito, client_id, token, SECRET_HASH=stored)
    with not_authorized(cognito, f"SecretHash does not match for the client: {client_id}"):
        refresh(cognito, client_id, token, SECRET_HASH=typed)
    with not_authorized(
        cognito, f"Client {client_id} is configured with secret but SECRET_HASH was not received"
    ):
        refresh(cognito, client_id, token)
    with not_authorized(
        cognito, f"Client {client_id} is configured with secret but SECRET_HASH was not received"
    ):
        refresh(cognito, client_id, "unknown")  # asked before the token is looked at


def test_the_operation_of_its_own_takes_the_secret_itself(cognito, pool_id):
    client_id = make_client(cognito, pool_id, GenerateSecret=True)
    secret = secret_of(client_id)
    hashed = clients.secret_hash(client_id, "ana", secret)
    token = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": "Passw0rd!", "SECRET_HASH": hashed},
    )["AuthenticationResult"]["RefreshToken"]

    assert get_tokens(cognito, client_id, token, ClientSecret=secret)["AccessToken"]
    with not_authorized(cognito, f"Client {client_id} is configured for secret but secret was not received"):
        get_tokens(cognito, client_id, token)
    with not_authorized(cognito, f"Unable to verify secret for client {client_id}"):
        get_tokens(cognito, client_id, token, ClientSecret="a" * 52)


def test_a_refresh_takes_two_queries(cognito, client_id):
    token = refresh_token(cognito, client_id)
    refresh(cognito, client_id, token)

    with counted() as statements:
        refresh(cognito, client_id, token)

    assert len(statements()) <= 2, statements()


# Rotation


def test_rotation_replaces_the_token(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=0)
    first = refresh_token(cognito, client_id)

    second = get_tokens(cognito, client_id, first)["RefreshToken"]
    third = get_tokens(cognito, client_id, second)["RefreshToken"]

    assert len({first, second, third}) == 3
    assert UserSession.objects.count() == 1


def test_rotation_forbids_the_flow(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=0)
    token = refresh_token(cognito, client_id)

    with pytest.raises(
        cognito.exceptions.InvalidParameterException, match="REFRESH_TOKEN_AUTH flow not enabled"
    ):
        refresh(cognito, client_id, token)


def test_a_rotated_token_ends_when_the_first_would_have(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=0)
    first = refresh_token(cognito, client_id)
    ends_at = UserSession.objects.get().expires_at

    with time_machine.travel(datetime.now(UTC) + timedelta(days=29), tick=False):
        second = get_tokens(cognito, client_id, first)["RefreshToken"]

    assert UserSession.objects.get().expires_at == ends_at
    late = time_machine.travel(datetime.now(UTC) + timedelta(days=30, seconds=1), tick=False)
    with late, not_authorized(cognito, "Refresh Token has expired"):
        get_tokens(cognito, client_id, second)


def test_within_the_grace_the_old_token_gives_the_same_successor(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=30)
    first = refresh_token(cognito, client_id)

    second = get_tokens(cognito, client_id, first)["RefreshToken"]
    again = get_tokens(cognito, client_id, first)["RefreshToken"]

    assert second == again
    assert get_tokens(cognito, client_id, second)["RefreshToken"] not in (first, second)


def test_a_late_repeat_leads_to_the_newest_token(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=30)
    first = refresh_token(cognito, client_id)
    second = get_tokens(cognito, client_id, first)["RefreshToken"]
    third = get_tokens(cognito, client_id, second)["RefreshToken"]

    assert get_tokens(cognito, client_id, first)["RefreshToken"] == third


def test_the_grace_is_not_moved_by_using_it(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=30)
    first, begun = refresh_token(cognito, client_id), datetime.now(UTC)
    get_tokens(cognito, client_id, first)

    with time_machine.travel(begun + timedelta(seconds=20), tick=False):
        get_tokens(cognito, client_id, first)
    late = time_machine.travel(begun + timedelta(seconds=40), tick=False)
    with late, pytest.raises(cognito.exceptions.RefreshTokenReuseException):
        get_tokens(cognito, client_id, first)


def test_reuse_revokes_the_family(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=0)
    first = sign_in(cognito, client_id, "ana")["AuthenticationResult"]
    second = get_tokens(cognito, client_id, first["RefreshToken"])

    with pytest.raises(cognito.exceptions.RefreshTokenReuseException, match="Refresh token reuse detected"):
        get_tokens(cognito, client_id, first["RefreshToken"])

    with not_authorized(cognito, "Refresh Token has been revoked"):
        get_tokens(cognito, client_id, second["RefreshToken"])
    with not_authorized(cognito, "Access Token has been revoked"):
        cognito.get_user(AccessToken=second["AccessToken"])
    assert Event.objects.get(tag="userpools:session:revoked").content["reason"] == "refresh token reused"


def test_only_hashes_are_kept(cognito, pool_id):
    client_id = rotating(cognito, pool_id, grace=30)
    first = refresh_token(cognito, client_id)
    second = get_tokens(cognito, client_id, first)["RefreshToken"]

    kept = {UserSession.objects.get().refresh_token_hash, RotatedRefreshToken.objects.get().token_hash}

    assert kept == {sessions.token_hash(first), sessions.token_hash(second)}
    assert not kept & {first, second}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_racing_rotations_within_the_grace_agree(cognito, pool_id, needs_postgres):
    client_id = rotating(cognito, pool_id, grace=30)
    first = refresh_token(cognito, client_id)

    results = at_once(*[lambda: get_tokens(cognito, client_id, first)["RefreshToken"]] * 8)

    assert len(set(results)) == 1, results
    assert RotatedRefreshToken.objects.count() == 1
    assert UserSession.objects.get().revoked_at is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_racing_rotations_without_grace_are_reuse(cognito, pool_id, needs_postgres):
    client_id = rotating(cognito, pool_id, grace=0)
    first = refresh_token(cognito, client_id)

    results = at_once(*[lambda: get_tokens(cognito, client_id, first)["RefreshToken"]] * 4)

    assert sum(isinstance(each, str) for each in results) <= 1, results
    assert UserSession.objects.get().revoked_at is not None
