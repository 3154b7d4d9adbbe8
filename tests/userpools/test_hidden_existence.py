"""PreventUserExistenceErrors: an unknown user is answered like anybody else. Source: cognito/auth-flows §9."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.cache import cache

from identity.core import outbox
from identity.core.models import OutboxMessage
from identity.userpools.models import User
from tests import mailbox
from tests.userpools.flows import counted
from tests.userpools.people import NEW_PASSWORD, invite, make_client, make_pool, settled, sign_up

REACHABLE = {"email": "ana@example.com", "email_verified": "true"}


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


@pytest.fixture
def open_client(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, PreventUserExistenceErrors="LEGACY")


@pytest.fixture
def hiding_client(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, PreventUserExistenceErrors="ENABLED")


def forgot(cognito: Any, client_id: str, username: str) -> Any:
    return cognito.forgot_password(ClientId=client_id, Username=username)["CodeDeliveryDetails"]


def resend(cognito: Any, client_id: str, username: str) -> Any:
    return cognito.resend_confirmation_code(ClientId=client_id, Username=username)["CodeDeliveryDetails"]


def reset(cognito: Any, client_id: str, username: str, code: str = "123456") -> Any:
    return cognito.confirm_forgot_password(
        ClientId=client_id, Username=username, ConfirmationCode=code, Password=NEW_PASSWORD
    )


def confirm(cognito: Any, client_id: str, username: str) -> Any:
    return cognito.confirm_sign_up(ClientId=client_id, Username=username, ConfirmationCode="123456")


@pytest.mark.parametrize("call", [forgot, resend, reset, confirm])
def test_an_open_client_tells(cognito: Any, open_client: str, call: Any) -> None:
    with pytest.raises(cognito.exceptions.UserNotFoundException) as refused:
        call(cognito, open_client, "nobody")

    assert refused.value.response["Error"]["Message"] == "Username/client id combination not found."


@pytest.mark.parametrize("call", [forgot, resend])
def test_a_simulated_delivery_is_stable_and_sends_nothing(
    cognito: Any, hiding_client: str, call: Any
) -> None:
    first = call(cognito, hiding_client, "nobody")

    assert call(cognito, hiding_client, "nobody") == first
    assert first["DeliveryMedium"] in ("EMAIL", "SMS")
    assert not mailbox.mails()
    others = {call(cognito, hiding_client, f"nobody-{number}")["Destination"] for number in range(9)}
    assert len(others) > 1


@pytest.mark.parametrize("call", [forgot, resend])
def test_nobody_costs_what_somebody_does(cognito: Any, pool_id: str, hiding_client: str, call: Any) -> None:
    sign_up(cognito, hiding_client, "ana", email="ana@example.com")
    if call is forgot:
        cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username="ana")
        User.objects.update(attributes=REACHABLE)
    written = []
    for name in ("ana", "nobody", "ana", "nobody"):
        with counted() as statements:
            call(cognito, hiding_client, name)
        written.append([sql.split()[:3] for sql in statements() if not sql.startswith("SELECT")])

    assert written[2] == written[3]
    kinds = OutboxMessage.objects.values_list("kind", flat=True)
    assert kinds.filter(kind="nobody").count() == 2
    outbox.drain()
    assert not kinds.filter(kind="nobody").exists()


def test_a_simulated_address_is_masked_like_a_real_one(cognito: Any) -> None:
    setting = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
    pool_id = make_pool(cognito, AccountRecoverySetting=setting, AliasAttributes=["email"])
    client_id = make_client(cognito, pool_id, PreventUserExistenceErrors="ENABLED")
    settled(cognito, pool_id, "ana", **REACHABLE)

    simulated = forgot(cognito, client_id, "ada@elsewhere.example")

    assert simulated == forgot(cognito, client_id, "ana@example.com")
    assert forgot(cognito, client_id, "nobody")["DeliveryMedium"] == "EMAIL"


def test_a_user_without_a_verified_address_is_answered_like_nobody(
    cognito: Any, pool_id: str, hiding_client: str
) -> None:
    settled(cognito, pool_id, "ana", email="ana@example.com")

    assert forgot(cognito, hiding_client, "ana")["Destination"]

    assert not mailbox.mails()
    with pytest.raises(cognito.exceptions.CodeMismatchException):
        reset(cognito, hiding_client, "ana")


def test_nobody_is_answered_alike_however_little_the_cache_keeps(cognito: Any, hiding_client: str) -> None:
    forgot(cognito, hiding_client, "nobody")
    cache.clear()  # another process, or one that keeps no more than some hundred entries

    with pytest.raises(cognito.exceptions.CodeMismatchException):
        reset(cognito, hiding_client, "nobody")


def test_a_limit_comes_whatever_the_status(cognito: Any, pool_id: str, hiding_client: str) -> None:
    settled(cognito, pool_id, "confirmed", **REACHABLE)
    invite(cognito, pool_id, "invited", {"email": "i@example.com"})
    ways = {
        "confirmed": lambda name: cognito.resend_confirmation_code(ClientId=hiding_client, Username=name),
        "invited": lambda name: cognito.forgot_password(ClientId=hiding_client, Username=name),
    }
    for name, ask in ways.items():
        for _ in range(5):
            with pytest.raises(ClientError):
                ask(name)
        with pytest.raises(cognito.exceptions.LimitExceededException):
            ask(name)


def test_a_disabled_user_is_answered_like_nobody(cognito: Any, pool_id: str, hiding_client: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="ana")

    assert forgot(cognito, hiding_client, "ana") == forgot(cognito, hiding_client, "ana")
    assert not mailbox.mails()
    with pytest.raises(cognito.exceptions.CodeMismatchException):
        reset(cognito, hiding_client, "ana")


def test_a_disabled_user_is_confirmed_like_nobody(
    cognito: Any, pool_id: str, hiding_client: str, open_client: str
) -> None:
    sign_up(cognito, hiding_client, "ana", email="ana@example.com")
    cognito.admin_disable_user(UserPoolId=pool_id, Username="ana")

    with pytest.raises(cognito.exceptions.ExpiredCodeException):
        confirm(cognito, hiding_client, "ana")
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="User is disabled"):
        confirm(cognito, open_client, "ana")


def test_a_code_nobody_asked_for_has_expired(cognito: Any, pool_id: str, hiding_client: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)

    for name in ("ana", "nobody"):
        with pytest.raises(cognito.exceptions.ExpiredCodeException) as refused:
            reset(cognito, hiding_client, name)
        message = "Invalid code provided, please request a code again."
        assert refused.value.response["Error"]["Message"] == message


def test_a_wrong_code_is_a_wrong_code(cognito: Any, pool_id: str, hiding_client: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)

    for name in ("ana", "nobody"):
        forgot(cognito, hiding_client, name)
        with pytest.raises(cognito.exceptions.CodeMismatchException) as refused:
            reset(cognito, hiding_client, name, code="x")
        message = "Invalid verification code provided, please try again."
        assert refused.value.response["Error"]["Message"] == message


def test_an_unknown_user_has_no_code_to_confirm(cognito: Any, hiding_client: str) -> None:
    with pytest.raises(cognito.exceptions.ExpiredCodeException):
        confirm(cognito, hiding_client, "nobody")


@pytest.mark.parametrize(("call", "limit"), [(forgot, 5), (resend, 5), (reset, 15), (confirm, 15)])
def test_limits_do_not_tell_either(cognito: Any, hiding_client: str, call: Any, limit: int) -> None:
    ignored = (cognito.exceptions.ExpiredCodeException, cognito.exceptions.CodeMismatchException)
    for _ in range(limit):
        try:
            call(cognito, hiding_client, "nobody")
        except ignored:
            continue

    with pytest.raises(cognito.exceptions.LimitExceededException):
        call(cognito, hiding_client, "nobody")


def test_sign_up_tells_in_any_case(cognito: Any, hiding_client: str) -> None:
    sign_up(cognito, hiding_client, "ana")

    with pytest.raises(cognito.exceptions.UsernameExistsException) as refused:
        sign_up(cognito, hiding_client, "ana")

    assert refused.value.response["Error"]["Message"] == "User already exists"


def test_the_policy_is_checked_before_anybody_is_looked_for(cognito: Any, open_client: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        cognito.confirm_forgot_password(
            ClientId=open_client, Username="nobody", ConfirmationCode="123456", Password="short"
        )
