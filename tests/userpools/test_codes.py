"""One-time codes: counted, replaced, spent once, and good for one purpose and one address only."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from identity.core import clock
from identity.userpools import codes, hourly
from identity.userpools.models import Code, User
from tests import mailbox
from tests.userpools.people import (
    NEW_PASSWORD,
    PASSWORD,
    access_token,
    confirm,
    make_client,
    make_pool,
    row,
    settled,
    sign_up,
)


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id)


@pytest.fixture
def code(cognito: Any, client_id: str) -> str:
    """The code that a new user "ana" was sent."""
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    return mailbox.last_code()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_only_a_keyed_hash_is_kept(code: str, pool_id: str) -> None:
    kept = Code.objects.get(user=row(pool_id, "ana"))

    assert code not in str(vars(kept))
    assert len(kept.code_hash) == 64


def test_wrong_codes_count_although_the_call_fails(
    cognito: Any, client_id: str, pool_id: str, code: str
) -> None:
    for _ in range(hourly.LIMITS[hourly.Action.CONFIRM_SIGN_UP]):
        with pytest.raises(cognito.exceptions.CodeMismatchException) as refused:
            confirm(cognito, client_id, "ana", wrong(code))

    message = "Invalid verification code provided, please try again."
    assert refused.value.response["Error"]["Message"] == message
    assert Code.objects.get(user=row(pool_id, "ana")).attempts == 15
    with pytest.raises(cognito.exceptions.LimitExceededException) as limited:
        confirm(cognito, client_id, "ana", code)
    assert limited.value.response["Error"]["Message"] == "Attempt limit exceeded, please try after some time."


def test_the_limit_is_over_after_an_hour(cognito: Any, client_id: str, code: str) -> None:
    for _ in range(15):
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            confirm(cognito, client_id, "ana", wrong(code))

    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        confirm(cognito, client_id, "ana", code)


@pytest.mark.parametrize("text", ["١٢٣٤٥٦", "12345", "x" * 2048])
def test_what_is_no_code_of_ours_is_a_wrong_one(cognito: Any, client_id: str, code: str, text: str) -> None:
    with pytest.raises(cognito.exceptions.CodeMismatchException):
        confirm(cognito, client_id, "ana", text)


def test_a_code_is_good_for_a_day(cognito: Any, client_id: str, code: str) -> None:
    with (
        time_machine.travel(clock.now() + timedelta(hours=24)),
        pytest.raises(cognito.exceptions.ExpiredCodeException) as refused,
    ):
        confirm(cognito, client_id, "ana", code)

    message = "Invalid code provided, please request a code again."
    assert refused.value.response["Error"]["Message"] == message


def test_a_user_who_was_sent_none_has_an_expired_one(cognito: Any, client_id: str) -> None:
    sign_up(cognito, client_id, "ana")

    with pytest.raises(cognito.exceptions.ExpiredCodeException):
        confirm(cognito, client_id, "ana", "123456")


def test_resending_is_limited(cognito: Any, client_id: str, code: str) -> None:
    for _ in range(5):
        cognito.resend_confirmation_code(ClientId=client_id, Username="ana")

    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.resend_confirmation_code(ClientId=client_id, Username="ana")
    assert len(mailbox.mails()) == 6


def test_a_recovery_code_is_good_for_an_hour_and_once(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    cognito.forgot_password(ClientId=client_id, Username="ana")
    code = mailbox.last_code()
    reset = {"ClientId": client_id, "Username": "ana", "ConfirmationCode": code}

    with (
        time_machine.travel(clock.now() + timedelta(hours=1)),
        pytest.raises(cognito.exceptions.ExpiredCodeException),
    ):
        cognito.confirm_forgot_password(**reset, Password=NEW_PASSWORD)
    cognito.confirm_forgot_password(**reset, Password=NEW_PASSWORD)
    with pytest.raises(cognito.exceptions.ExpiredCodeException):
        cognito.confirm_forgot_password(**reset, Password=PASSWORD)


def test_a_code_serves_one_purpose(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    cognito.forgot_password(ClientId=client_id, Username="ana")
    token = access_token(cognito, client_id, "ana")

    with pytest.raises(cognito.exceptions.ExpiredCodeException):
        cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=mailbox.last_code())


def test_a_code_is_void_once_its_address_is_no_longer_the_users(
    cognito: Any, pool_id: str, client_id: str
) -> None:
    settled(cognito, pool_id, "ana", email="old@example.com", email_verified="true")
    cognito.forgot_password(ClientId=client_id, Username="ana")
    code = mailbox.last_code()
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id,
        Username="ana",
        UserAttributes=[
            {"Name": "email", "Value": "new@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )

    with pytest.raises(cognito.exceptions.ExpiredCodeException):
        cognito.confirm_forgot_password(
            ClientId=client_id, Username="ana", ConfirmationCode=code, Password=NEW_PASSWORD
        )


def test_each_attribute_has_a_code_of_its_own(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", email="ana@example.com", phone_number="+15555550123")
    token = access_token(cognito, client_id, "ana")
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    of_email = mailbox.last_code()
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="phone_number")
    of_phone = mailbox.last_code()

    if of_email != of_phone:
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=of_phone)
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=of_email)
    cognito.verify_user_attribute(AccessToken=token, AttributeName="phone_number", Code=of_phone)

    assert set(Code.objects.values_list("attribute", flat=True)) == {"email", "phone_number"}


def test_old_codes_are_purged(pool_id: str, code: str) -> None:
    codes.purge()
    assert Code.objects.count() == 1

    with time_machine.travel(clock.now() + timedelta(days=3)):
        codes.purge()

    assert not Code.objects.exists()
    assert User.objects.filter(pool_id=pool_id).exists()
