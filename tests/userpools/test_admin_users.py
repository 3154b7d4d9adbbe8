"""Users as administrators handle them: invited, invited again, confirmed, enabled, disabled, deleted."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils.html import escape

from identity.core import clock
from identity.userpools import passwords
from identity.userpools.models import Alias, User
from tests import mailbox
from tests.userpools.people import (
    PASSWORD,
    access_token,
    get,
    invite,
    make_client,
    make_pool,
    row,
    settled,
    sign_in,
    sign_up,
    status_of,
)

EMAIL = {"email": "ana@example.com"}


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id)


def message_of(refused: Any) -> str:
    return str(refused.value.response["Error"]["Message"])


def mailed(cognito: Any, pool_id: str, username: str = "ana", **more: Any) -> Any:
    return invite(
        cognito, pool_id, username, EMAIL, MessageAction=None, DesiredDeliveryMediums=["EMAIL"], **more
    )


def test_an_invitation_makes_a_user_with_a_temporary_password(
    cognito: Any, pool_id: str, client_id: str
) -> None:
    user = mailed(cognito, pool_id)

    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert user["Enabled"] is True
    assert user["UserCreateDate"] == user["UserLastModifiedDate"]
    assert [each["Name"] for each in user["Attributes"]] == ["sub", "email"]
    mail = mailbox.last_mail()
    assert (mail.subject, mail.to) == ("Your temporary password", ["ana@example.com"])
    before, password = str(mail.body).split(" and temporary password is ")
    assert before == "Your username is ana"
    answer = sign_in(cognito, client_id, "ana", password.removesuffix("."))
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_password_of_the_administrators_choice_is_sent_escaped(cognito: Any) -> None:
    template = {"EmailMessage": "<p>{username}: <b>{####}</b></p>", "EmailSubject": "Welcome"}
    pool_id = make_pool(cognito, AdminCreateUserConfig={"InviteMessageTemplate": template})

    mailed(cognito, pool_id, "<i>{####}", TemporaryPassword="Pa<b>&0rd!")

    mail = mailbox.last_mail()
    assert mail.subject == "Welcome"
    html = str(mail.alternatives[0].content)
    assert html == f"<p>&lt;i&gt;{{####}}: <b>{escape('Pa<b>&0rd!')}</b></p>"


def test_sms_is_the_default_medium(cognito: Any, pool_id: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        invite(cognito, pool_id, "ana", EMAIL, MessageAction=None)
    assert message_of(refused) == "No phone number provided but desired delivery medium was SMS"
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        get(cognito, pool_id, "ana")

    invite(cognito, pool_id, "ana", {"phone_number": "+15555550123"}, MessageAction=None)

    sms = mailbox.last_sms()
    assert sms.to == "+15555550123"
    assert sms.text.startswith("Your username is ana and temporary password is ")


def test_both_mediums_can_be_asked_for(cognito: Any, pool_id: str) -> None:
    attributes = EMAIL | {"phone_number": "+15555550123"}

    invite(cognito, pool_id, "ana", attributes, MessageAction=None, DesiredDeliveryMediums=["EMAIL", "SMS"])

    password = str(mailbox.last_mail().body).removesuffix(".").split(" is ")[-1]
    assert password in mailbox.last_sms().text


def test_a_missing_address_for_a_medium_is_told(cognito: Any, pool_id: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        invite(cognito, pool_id, "ana", MessageAction=None, DesiredDeliveryMediums=["EMAIL"])

    assert message_of(refused) == "No email provided but desired delivery medium was Email"


def test_an_invitation_can_be_silent(cognito: Any, pool_id: str) -> None:
    invite(cognito, pool_id, "ana", EMAIL, MessageAction="SUPPRESS")

    assert not mailbox.mails()
    assert status_of(cognito, pool_id, "ana") == "FORCE_CHANGE_PASSWORD"


def test_a_taken_name_is_refused(cognito: Any, pool_id: str) -> None:
    invite(cognito, pool_id, "ana")

    with pytest.raises(cognito.exceptions.UsernameExistsException) as refused:
        invite(cognito, pool_id, "ana")

    assert message_of(refused) == "User account already exists"


def test_a_temporary_password_keeps_to_the_policy(cognito: Any, pool_id: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        invite(cognito, pool_id, "ana", TemporaryPassword="short")


def test_required_attributes_can_wait_for_the_first_sign_in(cognito: Any) -> None:
    pool_id = make_pool(cognito, Schema=[{"Name": "name", "Required": True}])

    assert invite(cognito, pool_id, "ana")["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        invite(cognito, pool_id, "bob", {"custom:x": "1"})


def test_only_an_address_that_is_there_can_be_verified(cognito: Any, pool_id: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        invite(cognito, pool_id, "ana", {"email_verified": "true"})


def test_no_password_where_other_factors_sign_in(cognito: Any) -> None:
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    pool_id = make_pool(cognito, Policies=policies)

    assert mailed(cognito, pool_id)["UserStatus"] == "CONFIRMED"
    assert row(pool_id, "ana").password == ""
    assert not mailbox.mails()
    given = mailed(cognito, pool_id, "bob", TemporaryPassword=PASSWORD)
    assert given["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert mailbox.mails()


# Again


def test_an_invitation_can_be_repeated(cognito: Any, pool_id: str, client_id: str) -> None:
    mailed(cognito, pool_id, TemporaryPassword=PASSWORD)
    until = row(pool_id, "ana").temporary_password_expires_at

    with time_machine.travel(clock.now() + timedelta(days=8)):
        cognito.admin_create_user(
            UserPoolId=pool_id, Username="ana", MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"]
        )
        password = str(mailbox.last_mail().body).removesuffix(".").split(" is ")[-1]
        assert sign_in(cognito, client_id, "ana", password)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    assert len(mailbox.mails()) == 2
    user = row(pool_id, "ana")
    assert user.temporary_password_expires_at > until
    assert not passwords.is_right(user, PASSWORD)


def test_only_an_invited_user_is_invited_again(cognito: Any, pool_id: str) -> None:
    settled(cognito, pool_id, "ana", **EMAIL)

    with pytest.raises(cognito.exceptions.UnsupportedUserStateException) as refused:
        cognito.admin_create_user(UserPoolId=pool_id, Username="ana", MessageAction="RESEND")
    assert message_of(refused) == "Resend not possible. ana status is not FORCE_CHANGE_PASSWORD"
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_create_user(UserPoolId=pool_id, Username="nobody", MessageAction="RESEND")


# Confirm, enable, disable, delete


def test_an_administrator_confirms_without_verifying(cognito: Any, pool_id: str, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", email="ana@example.com")

    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username="ana")

    user = get(cognito, pool_id, "ana")
    assert user["UserStatus"] == "CONFIRMED"
    assert {"Name": "email_verified", "Value": "false"} in user["UserAttributes"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username="ana")
    assert message_of(refused) == "User cannot be confirmed. Current status is CONFIRMED"


def test_disabling_ends_and_forbids_sign_ins(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana")
    tokens = sign_in(cognito, client_id, "ana")["AuthenticationResult"]

    cognito.admin_disable_user(UserPoolId=pool_id, Username="ana")

    user = get(cognito, pool_id, "ana")
    assert (user["Enabled"], user["UserStatus"]) == (False, "CONFIRMED")
    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        sign_in(cognito, client_id, "ana")
    assert message_of(refused) == "User is disabled."
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_user(AccessToken=tokens["AccessToken"])

    cognito.admin_enable_user(UserPoolId=pool_id, Username="ana")
    assert sign_in(cognito, client_id, "ana")["AuthenticationResult"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )


def test_a_deleted_user_leaves_the_name_free(cognito: Any, pool_id: str) -> None:
    sub = invite(cognito, pool_id, "ana", EMAIL)["Attributes"][0]["Value"]

    cognito.admin_delete_user(UserPoolId=pool_id, Username="ana")

    with pytest.raises(cognito.exceptions.UserNotFoundException) as refused:
        get(cognito, pool_id, "ana")
    assert message_of(refused) == "User does not exist."
    assert not Alias.objects.filter(pool_id=pool_id).exists()
    assert invite(cognito, pool_id, "ana", EMAIL)["Attributes"][0]["Value"] != sub


def test_users_delete_themselves(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana")
    token = access_token(cognito, client_id, "ana")

    cognito.delete_user(AccessToken=token)

    assert not User.objects.filter(pool_id=pool_id).exists()
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.get_user(AccessToken=token)


def test_users_see_themselves(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **EMAIL)

    user = cognito.get_user(AccessToken=access_token(cognito, client_id, "ana"))

    assert user["Username"] == "ana"
    assert [each["Name"] for each in user["UserAttributes"]] == ["sub", "email"]
    assert "UserMFASettingList" not in user


@pytest.mark.parametrize(
    "operation",
    [
        "admin_get_user",
        "admin_confirm_sign_up",
        "admin_enable_user",
        "admin_disable_user",
        "admin_delete_user",
        "admin_reset_user_password",
    ],
)
def test_pools_and_users_that_are_not_there(cognito: Any, pool_id: str, operation: str) -> None:
    call = getattr(cognito, operation)

    with pytest.raises(cognito.exceptions.UserNotFoundException) as refused:
        call(UserPoolId=pool_id, Username="nobody")
    assert message_of(refused) == "User does not exist."
    with pytest.raises(cognito.exceptions.ResourceNotFoundException) as missing:
        call(UserPoolId="us-east-1_Nowhere00", Username="ana")
    assert message_of(missing) == "User pool us-east-1_Nowhere00 does not exist."


def test_a_user_of_another_pool_is_not_found(cognito: Any, pool_id: str) -> None:
    invite(cognito, make_pool(cognito), "ana")

    with pytest.raises(cognito.exceptions.UserNotFoundException):
        get(cognito, pool_id, "ana")
