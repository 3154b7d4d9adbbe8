"""Passwords: policy, history, change, recovery, and what administrators may do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from identity.core import clock
from identity.userpools import hosted_sessions, oauth_codes, passwords
from identity.userpools.errors import InvalidParameter, InvalidPassword
from identity.userpools.models import FormerPassword, UserPool, UserPoolClient
from tests import mailbox
from tests.userpools.people import (
    NEW_PASSWORD,
    PASSWORD,
    access_token,
    invite,
    make_client,
    make_pool,
    row,
    settled,
    sign_in,
    sign_up,
    status_of,
)

REACHABLE = {"email": "ana@example.com", "email_verified": "true"}


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id)


def reset(cognito: Any, client_id: str, code: str, password: str = NEW_PASSWORD) -> Any:
    return cognito.confirm_forgot_password(
        ClientId=client_id, Username="ana", ConfirmationCode=code, Password=password
    )


# Policy


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Aa1!", "Password not long enough"),
        ("AAAAAAA1!", "Password must have lowercase characters"),
        ("aaaaaaa1!", "Password must have uppercase characters"),
        ("aaaaaaaA!", "Password must have numeric characters"),
        ("aaaaaaaA1", "Password must have symbol characters"),
        ("éééééééA1!", "Password must have lowercase characters"),
    ],
)
def test_the_first_rule_that_fails_is_told(cognito: Any, client_id: str, password: str, reason: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidPasswordException) as refused:
        sign_up(cognito, client_id, "ana", password)

    assert refused.value.response["Error"]["Message"] == f"Password did not conform with policy: {reason}"


def test_each_symbol_counts(cognito: Any, pool_id: str) -> None:
    pool = UserPool.objects.get(pk=pool_id)

    for symbol in "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ":
        passwords.check_policy(pool, f"Passw{symbol}0rd")
    for other in "é§€\t":
        with pytest.raises(InvalidPassword):
            passwords.check_policy(pool, f"Passw{other}0rd")


@pytest.mark.parametrize("password", [" Passw0rd!", "Passw0rd! ", "Pass\nw0rd!"])
def test_no_blank_at_either_end(cognito: Any, client_id: str, password: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        sign_up(cognito, client_id, "ana", password)


def test_a_pool_may_ask_for_little(cognito: Any) -> None:
    policy = {
        "MinimumLength": 6,
        "RequireUppercase": False,
        "RequireLowercase": False,
        "RequireNumbers": False,
        "RequireSymbols": False,
    }
    client_id = make_client(cognito, make_pool(cognito, Policies={"PasswordPolicy": policy}))

    assert sign_up(cognito, client_id, "ana", "aaaaaa")["UserSub"]
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        sign_up(cognito, client_id, "bob", "aaaaa")


def test_half_a_surrogate_pair_is_no_password(cognito: Any, pool_id: str, client_id: str) -> None:
    """The wire refuses one before; the pages' forms come without it."""
    sign_up(cognito, client_id, "ana")
    user = row(pool_id, "ana")

    with pytest.raises(InvalidParameter):
        passwords.check_policy(user.pool, "Passw0rd!\ud800!")
    assert not passwords.is_right(user, "Passw0rd!\ud800!")


# What is kept


def test_neither_password_nor_verifier_is_kept_in_clear(cognito: Any, pool_id: str, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", PASSWORD)

    user = row(pool_id, "ana")
    assert PASSWORD not in str(vars(user))
    verifier = passwords.srp_verifier(user)
    assert verifier is not None
    assert verifier not in bytes(user.sealed_srp_verifier)


def test_a_prepared_password_shows_nothing_of_itself(cognito: Any, pool_id: str, client_id: str) -> None:
    sign_up(cognito, client_id, "ana")

    prepared = passwords.prepare(row(pool_id, "ana"), NEW_PASSWORD)

    assert repr(prepared) == "Prepared()"


# Change


def test_changing_needs_the_old_one(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana")
    token = access_token(cognito, client_id, "ana")

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        cognito.change_password(
            AccessToken=token, PreviousPassword="Wrong-1pw", ProposedPassword=NEW_PASSWORD
        )
    assert refused.value.response["Error"]["Message"] == "Incorrect username or password."
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.change_password(AccessToken=token, ProposedPassword=NEW_PASSWORD)

    cognito.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=NEW_PASSWORD)
    assert sign_in(cognito, client_id, "ana", NEW_PASSWORD)["AuthenticationResult"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in(cognito, client_id, "ana", PASSWORD)
    assert cognito.get_user(AccessToken=token)["Username"] == "ana"


def test_changing_is_limited(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana")
    token = access_token(cognito, client_id, "ana")

    for _ in range(5):
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            cognito.change_password(
                AccessToken=token, PreviousPassword="Wrong-1pw", ProposedPassword=NEW_PASSWORD
            )
    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=NEW_PASSWORD)


def test_changing_keeps_to_the_policy(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana")
    token = access_token(cognito, client_id, "ana")

    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        cognito.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="short")


# History


def test_former_passwords_may_not_come_back(cognito: Any) -> None:
    pool_id = make_pool(cognito, Policies={"PasswordPolicy": {"PasswordHistorySize": 2}})
    settled(cognito, pool_id, "ana")
    names = ("First-Passw0rd", "Second-Passw0rd", "Third-Passw0rd")
    set_to = {"UserPoolId": pool_id, "Username": "ana", "Permanent": True}
    for each in names[:2]:
        cognito.admin_set_user_password(**set_to, Password=each)

    for each in (names[1], names[0]):
        with pytest.raises(cognito.exceptions.PasswordHistoryPolicyViolationException):
            cognito.admin_set_user_password(**set_to, Password=each)
    cognito.admin_set_user_password(**set_to, Password=names[2])
    cognito.admin_set_user_password(**set_to, Password=names[0])

    assert FormerPassword.objects.filter(user=row(pool_id, "ana")).count() == 1


def test_no_history_is_kept_unless_the_pool_wants_one(cognito: Any, pool_id: str) -> None:
    settled(cognito, pool_id, "ana")
    settled_again = {"UserPoolId": pool_id, "Username": "ana", "Permanent": True, "Password": PASSWORD}

    cognito.admin_set_user_password(**settled_again)

    assert not FormerPassword.objects.exists()


def test_temporary_passwords_are_no_part_of_the_history(cognito: Any) -> None:
    pool_id = make_pool(cognito, Policies={"PasswordPolicy": {"PasswordHistorySize": 3}})
    invite(cognito, pool_id, "ana", TemporaryPassword=PASSWORD)

    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password=PASSWORD, Permanent=True)

    assert not FormerPassword.objects.exists()


# Forgotten


def test_a_forgotten_password_is_replaced_by_code(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)

    sent = cognito.forgot_password(ClientId=client_id, Username="ana")

    assert sent["CodeDeliveryDetails"] == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    code = mailbox.last_code()
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        reset(cognito, client_id, code, "short")
    reset(cognito, client_id, code)
    assert sign_in(cognito, client_id, "ana", NEW_PASSWORD)["AuthenticationResult"]


def test_recovery_ends_every_sign_in(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    token = access_token(cognito, client_id, "ana")

    cognito.forgot_password(ClientId=client_id, Username="ana")
    reset(cognito, client_id, mailbox.last_code())

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        cognito.get_user(AccessToken=token)


def signed_in_everywhere(pool_id: str, client_id: str) -> tuple[str, str]:
    """A browser's cookie and an authorization code of the user."""
    user, client, now = row(pool_id, "ana"), UserPoolClient.objects.get(pk=client_id), clock.now()
    asked = oauth_codes.Request("https://app.example.com/", ("openid",), now)
    return hosted_sessions.start(user, now), oauth_codes.issue(user, client, asked)


def is_signed_out_everywhere(pool_id: str, client_id: str, cookie: str, code: str) -> bool:
    pool, client = UserPool.objects.get(pk=pool_id), UserPoolClient.objects.get(pk=client_id)
    with pytest.raises(oauth_codes.BadGrant):
        oauth_codes.redeem(client, oauth_codes.Redemption(code, "https://app.example.com/", None))
    return hosted_sessions.find(pool, cookie) is None


def recovered(idp: Any, pool_id: str, client_id: str) -> None:
    idp.forgot_password(ClientId=client_id, Username="ana")
    reset(idp, client_id, mailbox.last_code())


def reset_by_an_administrator(idp: Any, pool_id: str, client_id: str) -> None:
    idp.admin_reset_user_password(UserPoolId=pool_id, Username="ana")


def disabled_and_enabled_again(idp: Any, pool_id: str, client_id: str) -> None:
    idp.admin_disable_user(UserPoolId=pool_id, Username="ana")
    idp.admin_enable_user(UserPoolId=pool_id, Username="ana")


@pytest.mark.parametrize("taken_back", [recovered, reset_by_an_administrator, disabled_and_enabled_again])
def test_an_account_that_was_taken_back_leaves_no_browser_and_no_code_that_could_sign_in(
    cognito: Any, pool_id: str, client_id: str, taken_back: Callable[[Any, str, str], None]
) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    cookie, code = signed_in_everywhere(pool_id, client_id)

    taken_back(cognito, pool_id, client_id)

    assert is_signed_out_everywhere(pool_id, client_id, cookie, code)


def test_a_former_password_costs_no_code(cognito: Any) -> None:
    pool_id = make_pool(cognito, Policies={"PasswordPolicy": {"PasswordHistorySize": 1}})
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana", **REACHABLE)
    cognito.forgot_password(ClientId=client_id, Username="ana")
    code = mailbox.last_code()

    with pytest.raises(cognito.exceptions.PasswordHistoryPolicyViolationException):
        reset(cognito, client_id, code, PASSWORD)

    reset(cognito, client_id, code)


def test_tries_are_counted(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    cognito.forgot_password(ClientId=client_id, Username="ana")
    code = mailbox.last_code()

    for _ in range(15):
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            reset(cognito, client_id, "x")
    with pytest.raises(cognito.exceptions.LimitExceededException):
        reset(cognito, client_id, code)


def test_asking_is_limited(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    for _ in range(5):
        cognito.forgot_password(ClientId=client_id, Username="ana")

    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.forgot_password(ClientId=client_id, Username="ana")


@pytest.mark.parametrize(
    ("mechanisms", "medium"),
    [
        (None, "SMS"),
        ([("verified_email", 1), ("verified_phone_number", 2)], "EMAIL"),
        ([("verified_email", 2), ("verified_phone_number", 1)], "SMS"),
        ([("verified_email", 1)], "EMAIL"),
    ],
)
def test_the_pool_chooses_where_the_code_goes(cognito: Any, mechanisms: Any, medium: str) -> None:
    settings = {}
    if mechanisms:
        listed = [{"Name": name, "Priority": priority} for name, priority in mechanisms]
        settings["AccountRecoverySetting"] = {"RecoveryMechanisms": listed}
    pool_id = make_pool(cognito, **settings)
    phone = {"phone_number": "+15555550123", "phone_number_verified": "true"}
    settled(cognito, pool_id, "ana", **REACHABLE, **phone)

    sent = cognito.forgot_password(ClientId=make_client(cognito, pool_id), Username="ana")

    assert sent["CodeDeliveryDetails"]["DeliveryMedium"] == medium


def test_only_verified_addresses_count(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", email="ana@example.com")

    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        cognito.forgot_password(ClientId=client_id, Username="ana")

    assert refused.value.response["Error"]["Message"] == (
        "Cannot reset password for the user as there is no registered/verified email or phone_number"
    )


def test_a_pool_can_leave_recovery_to_its_administrators(cognito: Any) -> None:
    setting = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    pool_id = make_pool(cognito, AccountRecoverySetting=setting)
    settled(cognito, pool_id, "ana", **REACHABLE)

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        cognito.forgot_password(ClientId=make_client(cognito, pool_id), Username="ana")

    assert refused.value.response["Error"]["Message"] == "Contact administrator to reset password."
    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="ana")
    assert mailbox.last_mail().to == ["ana@example.com"]


def test_an_invited_user_has_nothing_to_recover(cognito: Any, pool_id: str, client_id: str) -> None:
    invite(cognito, pool_id, "ana", REACHABLE)

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        cognito.forgot_password(ClientId=client_id, Username="ana")

    message = "User password cannot be reset in the current state."
    assert refused.value.response["Error"]["Message"] == message


def test_a_disabled_user_recovers_nothing(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="ana")

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        cognito.forgot_password(ClientId=client_id, Username="ana")

    assert refused.value.response["Error"]["Message"] == "User is disabled."


def test_recovery_confirms_a_user_whose_address_is_proven(cognito: Any, pool_id: str, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id, Username="ana", UserAttributes=[{"Name": "email_verified", "Value": "true"}]
    )
    cognito.forgot_password(ClientId=client_id, Username="ana")

    reset(cognito, client_id, mailbox.last_code())

    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"


# Administrators


@pytest.mark.parametrize(("is_permanent", "status"), [(True, "CONFIRMED"), (False, "FORCE_CHANGE_PASSWORD")])
@pytest.mark.parametrize("before", ["UNCONFIRMED", "CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"])
def test_setting_a_password_sets_the_status(
    cognito: Any, pool_id: str, client_id: str, before: str, is_permanent: bool, status: str
) -> None:
    if before == "UNCONFIRMED":
        sign_up(cognito, client_id, "ana")
    elif before == "FORCE_CHANGE_PASSWORD":
        invite(cognito, pool_id, "ana")
    else:
        settled(cognito, pool_id, "ana", **REACHABLE)
    if before == "RESET_REQUIRED":
        cognito.admin_reset_user_password(UserPoolId=pool_id, Username="ana")
    assert status_of(cognito, pool_id, "ana") == before

    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="ana", Password=NEW_PASSWORD, Permanent=is_permanent
    )

    assert status_of(cognito, pool_id, "ana") == status
    answer = sign_in(cognito, client_id, "ana", NEW_PASSWORD)
    assert answer.get("ChallengeName") == (None if is_permanent else "NEW_PASSWORD_REQUIRED")


def test_setting_a_password_keeps_to_the_policy(cognito: Any, pool_id: str) -> None:
    settled(cognito, pool_id, "ana")

    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        cognito.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password="short")


def test_a_temporary_password_expires(cognito: Any, client_id: str, pool_id: str) -> None:
    invite(cognito, pool_id, "ana", TemporaryPassword=PASSWORD)

    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        assert sign_in(cognito, client_id, "ana")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with (
        time_machine.travel(clock.now() + timedelta(days=7, seconds=1)),
        pytest.raises(cognito.exceptions.NotAuthorizedException) as refused,
    ):
        sign_in(cognito, client_id, "ana")

    message = "Temporary password has expired and must be reset by an administrator."
    assert refused.value.response["Error"]["Message"] == message


def test_resetting_ends_sign_ins_and_demands_a_new_password(
    cognito: Any, pool_id: str, client_id: str
) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    token = access_token(cognito, client_id, "ana")

    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="ana")

    assert status_of(cognito, pool_id, "ana") == "RESET_REQUIRED"
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_user(AccessToken=token)
    with pytest.raises(cognito.exceptions.PasswordResetRequiredException):
        sign_in(cognito, client_id, "ana")
    reset(cognito, client_id, mailbox.last_code())
    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"
    assert sign_in(cognito, client_id, "ana", NEW_PASSWORD)["AuthenticationResult"]


def test_sign_ins_end_although_the_message_cannot_be_made(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **REACHABLE)
    token = access_token(cognito, client_id, "ana")
    cognito.update_user_pool(
        UserPoolId=pool_id,
        AutoVerifiedAttributes=["email"],
        LambdaConfig={"CustomMessage": "arn:aws:lambda:us-east-1:000000000000:function:gone"},
    )

    with pytest.raises(cognito.exceptions.UnexpectedLambdaException):
        cognito.admin_reset_user_password(UserPoolId=pool_id, Username="ana")

    assert status_of(cognito, pool_id, "ana") == "RESET_REQUIRED"
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_user(AccessToken=token)


def test_resetting_needs_a_confirmed_user(cognito: Any, pool_id: str, client_id: str) -> None:
    invite(cognito, pool_id, "invited", REACHABLE)
    sign_up(cognito, client_id, "new", email="new@example.com")

    for name in ("invited", "new"):
        with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
            cognito.admin_reset_user_password(UserPoolId=pool_id, Username=name)
        message = "User password cannot be reset in the current state."
        assert refused.value.response["Error"]["Message"] == message
