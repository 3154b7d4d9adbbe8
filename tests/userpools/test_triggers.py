"""Triggers of the account flows: the events they get, what their answers do, and how their failures show."""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import override_settings

from identity.userpools.models import User
from tests import mailbox
from tests.userpools import trigger_functions as functions
from tests.userpools.people import (
    NEW_PASSWORD,
    PASSWORD,
    access_token,
    attributes_of,
    confirm,
    get,
    invite,
    listed,
    make_client,
    make_pool,
    settled,
    sign_in,
    sign_up,
    status_of,
)
from tests.userpools.trigger_functions import failing, replying

ARN = "arn:aws:lambda:us-east-1:000000000000:function:tests"
LOST_ARN = "arn:aws:lambda:us-east-1:000000000000:function:lost"
PLAIN = ("PreSignUp", "PostConfirmation", "CustomMessage", "PreAuthentication", "PostAuthentication")
REACHABLE = {"email": "ana@example.com", "email_verified": "true"}


@pytest.fixture(autouse=True)
def lambdas() -> Iterator[None]:
    functions.seen.clear()
    functions.answers.clear()
    triggers = {ARN: "tests.userpools.trigger_functions.handle"}
    with override_settings(IDENTITY={**settings.IDENTITY, "TRIGGERS": triggers}):
        yield


def pool_with(cognito: Any, *names: str, **more: Any) -> str:
    return make_pool(cognito, LambdaConfig=dict.fromkeys(names, ARN), **more)


def message_of(refused: Any) -> str:
    return str(refused.value.response["Error"]["Message"])


# PreSignUp


def test_the_pre_sign_up_event(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp")
    client_id = make_client(cognito, pool_id)

    cognito.sign_up(
        ClientId=client_id,
        Username="ana",
        Password=PASSWORD,
        UserAttributes=listed({"email": "ana@example.com"}),
        ValidationData=listed({"invite": "42"}),
        ClientMetadata={"from": "test"},
    )

    assert functions.seen == [
        {
            "version": "1",
            "triggerSource": "PreSignUp_SignUp",
            "region": "us-east-1",
            "userPoolId": pool_id,
            "userName": "ana",
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
            "request": {
                "userAttributes": {"email": "ana@example.com"},
                "validationData": {"invite": "42"},
                "clientMetadata": {"from": "test"},
            },
            "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        }
    ]


def test_absent_metadata_stays_absent(cognito: Any) -> None:
    sign_up(cognito, make_client(cognito, pool_with(cognito, "PreSignUp")), "ana")

    assert functions.seen[0]["request"] == {"userAttributes": {}, "validationData": None}


def test_a_trigger_can_confirm_and_verify(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp", "PostConfirmation")
    client_id = make_client(cognito, pool_id)
    functions.answers["PreSignUp_SignUp"] = replying(autoConfirmUser=True, autoVerifyEmail=True)

    made = sign_up(cognito, client_id, "ana", email="ana@example.com")

    assert made["UserConfirmed"] is True
    assert "CodeDeliveryDetails" not in made
    assert not mailbox.mails()
    assert attributes_of(cognito, pool_id, "ana")["email_verified"] == "true"
    assert functions.sources() == ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]
    assert sign_in(cognito, client_id, "ana")["AuthenticationResult"]


def test_verifying_what_is_not_there_is_no_answer(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp")
    functions.answers["PreSignUp_SignUp"] = replying(autoVerifyPhone=True)

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        sign_up(cognito, make_client(cognito, pool_id), "ana")
    assert not User.objects.filter(pool_id=pool_id).exists()


def test_auto_verifying_takes_an_alias_over(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp", AliasAttributes=["email"])
    invite(cognito, pool_id, "ana", REACHABLE)
    functions.answers["PreSignUp_SignUp"] = replying(autoConfirmUser=True, autoVerifyEmail=True)

    sign_up(cognito, make_client(cognito, pool_id), "bob", email="ana@example.com")

    assert get(cognito, pool_id, "ana@example.com")["Username"] == "bob"
    assert attributes_of(cognito, pool_id, "ana")["email_verified"] == "false"


def test_a_refusal_stops_the_sign_up(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp")
    functions.answers["PreSignUp_SignUp"] = failing("not allowed")

    with pytest.raises(cognito.exceptions.UserLambdaValidationException) as refused:
        sign_up(cognito, make_client(cognito, pool_id), "ana")

    assert message_of(refused) == "PreSignUp failed with error not allowed."
    assert not User.objects.filter(pool_id=pool_id).exists()


def test_a_function_that_is_not_there(cognito: Any) -> None:
    pool_id = make_pool(cognito, LambdaConfig={"PreSignUp": LOST_ARN})

    with pytest.raises(cognito.exceptions.UnexpectedLambdaException) as refused:
        sign_up(cognito, make_client(cognito, pool_id), "ana")

    assert message_of(refused) == ("PreSignUp invocation failed due to error ResourceNotFoundException.")


@pytest.mark.parametrize(
    "answer",
    [None, {}, [], "text", {"response": {}}],
    ids=["null", "empty", "list", "text", "fields dropped"],
)
def test_a_garbled_answer(cognito: Any, answer: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp")
    functions.answers["PreSignUp_SignUp"] = lambda event: answer

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException) as refused:
        sign_up(cognito, make_client(cognito, pool_id), "ana")

    assert message_of(refused) == "Unrecognizable lambda output"


@pytest.mark.parametrize("response", [None, [], "x", {"autoConfirmUser": "yes"}])
def test_a_garbled_response(cognito: Any, response: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp")
    functions.answers["PreSignUp_SignUp"] = lambda event: {**event, "response": response}

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        sign_up(cognito, make_client(cognito, pool_id), "ana")


def test_an_invitation_asks_too(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreSignUp", "PostConfirmation")
    functions.answers["PreSignUp_AdminCreateUser"] = replying(autoConfirmUser=True, autoVerifyEmail=True)

    user = invite(
        cognito,
        pool_id,
        "ana",
        {"email": "ana@example.com"},
        ValidationData=listed({"a": "b"}),
        ClientMetadata={"c": "d"},
    )

    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert {"Name": "email_verified", "Value": "true"} in user["Attributes"]
    assert functions.sources() == ["PreSignUp_AdminCreateUser"]
    event = functions.seen[0]
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
    assert event["request"]["validationData"] == {"a": "b"}
    assert event["request"]["clientMetadata"] == {"c": "d"}


# PostConfirmation


def test_the_post_confirmation_event(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PostConfirmation")
    client_id = make_client(cognito, pool_id)
    sub = sign_up(cognito, client_id, "ana", email="ana@example.com")["UserSub"]

    confirm(cognito, client_id, "ana", mailbox.last_code(), ClientMetadata={"a": "b"})

    (event,) = functions.seen
    assert event["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert event["response"] == {}
    assert event["request"] == {
        "userAttributes": {
            "sub": sub,
            "cognito:user_status": "CONFIRMED",
            "email_verified": "true",
            "email": "ana@example.com",
        },
        "clientMetadata": {"a": "b"},
    }


def test_its_failure_undoes_nothing(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PostConfirmation")
    client_id = make_client(cognito, pool_id)
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    functions.answers["PostConfirmation_ConfirmSignUp"] = failing("no")

    with pytest.raises(cognito.exceptions.UserLambdaValidationException) as refused:
        confirm(cognito, client_id, "ana", mailbox.last_code())

    assert message_of(refused) == "PostConfirmation failed with error no."
    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"


def test_confirming_as_administrator_tells_the_trigger(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PostConfirmation")
    sign_up(cognito, make_client(cognito, pool_id), "ana")

    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username="ana", ClientMetadata={"a": "b"})

    (event,) = functions.seen
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
    assert event["request"]["clientMetadata"] == {"a": "b"}


def test_a_recovered_password_tells_the_trigger(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PostConfirmation")
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana", **REACHABLE)
    cognito.forgot_password(ClientId=client_id, Username="ana")

    cognito.confirm_forgot_password(
        ClientId=client_id, Username="ana", ConfirmationCode=mailbox.last_code(), Password=NEW_PASSWORD
    )

    assert functions.sources() == ["PostConfirmation_ConfirmForgotPassword"]


def test_setting_a_password_runs_none(cognito: Any) -> None:
    pool_id = pool_with(cognito, *PLAIN)
    settled(cognito, pool_id, "ana")

    assert functions.sources() == ["PreSignUp_AdminCreateUser"]


# CustomMessage


@pytest.fixture
def developer_pool(cognito: Any) -> str:
    """Whose mail may be written by its trigger."""
    return pool_with(
        cognito,
        "CustomMessage",
        AutoVerifiedAttributes=["email", "phone_number"],
        EmailConfiguration={
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
            "From": "Us <us@example.com>",
        },
    )


def test_the_custom_message_event_and_its_texts(cognito: Any, developer_pool: str) -> None:
    client_id = make_client(cognito, developer_pool)
    functions.answers["CustomMessage_SignUp"] = replying(emailSubject="Hi", emailMessage="<b>{####}</b>")

    sub = cognito.sign_up(
        ClientId=client_id,
        Username="ana",
        Password=PASSWORD,
        UserAttributes=listed({"email": "ana@example.com"}),
        ClientMetadata={"a": "b"},
    )["UserSub"]

    (event,) = functions.seen
    assert event["request"] == {
        "userAttributes": {
            "sub": sub,
            "cognito:user_status": "UNCONFIRMED",
            "email": "ana@example.com",
            "email_verified": "false",
        },
        "codeParameter": "{####}",
        "usernameParameter": None,
        "clientMetadata": {"a": "b"},
    }
    assert event["response"] == {"smsMessage": None, "emailMessage": None, "emailSubject": None}
    mail = mailbox.last_mail()
    assert (mail.subject, mail.from_email) == ("Hi", "Us <us@example.com>")
    assert mail.alternatives[0].content == f"<b>{mailbox.last_code()}</b>"
    confirm(cognito, client_id, "ana", mailbox.last_code())


def test_texts_left_out_are_the_pools(cognito: Any, developer_pool: str) -> None:
    functions.answers["CustomMessage_SignUp"] = replying(emailSubject="Hi", smsMessage="{####} it is")

    sign_up(cognito, make_client(cognito, developer_pool), "ana", email="ana@example.com")
    sign_up(cognito, make_client(cognito, developer_pool), "bob", phone_number="+15555550123")

    assert str(mailbox.last_mail().body).startswith("Your verification code is ")
    assert mailbox.last_sms().text == f"{mailbox.last_code()} it is"


@pytest.mark.parametrize(
    "response",
    [
        {"emailMessage": "no code"},
        {"smsMessage": "no code"},
        {"smsMessage": "{####}" + "x" * 135},
        {"emailMessage": "{####}" + "x" * 19_995},
        {"emailSubject": "x" * 141},
        {"emailMessage": 7},
    ],
)
def test_unfit_texts_are_no_answer(cognito: Any, developer_pool: str, response: Any) -> None:
    functions.answers["CustomMessage_SignUp"] = replying(**response)

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        sign_up(cognito, make_client(cognito, developer_pool), "ana", email="ana@example.com")

    # As at the real service: the user was stored first, so the code can be asked for again.
    assert status_of(cognito, developer_pool, "ana") == "UNCONFIRMED"
    assert not mailbox.mails()


def test_mail_is_the_triggers_only_with_a_sender_of_ones_own(cognito: Any) -> None:
    pool_id = pool_with(cognito, "CustomMessage")
    functions.answers["CustomMessage_SignUp"] = replying(emailMessage="{####}")

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        sign_up(cognito, make_client(cognito, pool_id), "ana", email="ana@example.com")


def test_an_invitation_needs_name_and_password(cognito: Any, developer_pool: str) -> None:
    ask = {"MessageAction": None, "DesiredDeliveryMediums": ["EMAIL"]}
    functions.answers["CustomMessage_AdminCreateUser"] = replying(emailMessage="{####}")
    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        invite(cognito, developer_pool, "bob", {"email": "bob@example.com"}, **ask)

    functions.answers["CustomMessage_AdminCreateUser"] = replying(emailMessage="{username}/{####}")
    invite(cognito, developer_pool, "ana", {"email": "ana@example.com"}, TemporaryPassword=PASSWORD, **ask)

    assert functions.seen[-1]["request"]["usernameParameter"] == "{username}"
    assert mailbox.last_mail().alternatives[0].content == f"ana/{PASSWORD}"


def test_link_mode_offers_a_link(cognito: Any) -> None:
    pool_id = pool_with(
        cognito, "CustomMessage", VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"}
    )
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="custom-links")
    client_id = make_client(cognito, pool_id)

    sign_up(cognito, client_id, "ana", email="ana@example.com")

    assert functions.seen[0]["request"]["linkParameter"] == "{##Click Here##}"
    assert "/confirmUser?" in str(mailbox.last_mail().alternatives[0].content)


def test_each_message_has_its_source(cognito: Any) -> None:
    pool_id = pool_with(cognito, "CustomMessage")
    client_id = make_client(cognito, pool_id)
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    cognito.resend_confirmation_code(ClientId=client_id, Username="ana")
    confirm(cognito, client_id, "ana", mailbox.last_code())
    cognito.forgot_password(ClientId=client_id, Username="ana")
    token = access_token(cognito, client_id, "ana")
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    changed = listed({"email": "new@example.com"})
    cognito.update_user_attributes(AccessToken=token, UserAttributes=changed)
    invite(
        cognito,
        pool_id,
        "bob",
        {"email": "b@example.com"},
        MessageAction=None,
        DesiredDeliveryMediums=["EMAIL"],
    )

    assert functions.sources() == [
        "CustomMessage_SignUp",
        "CustomMessage_ResendCode",
        "CustomMessage_ForgotPassword",
        "CustomMessage_VerifyUserAttribute",
        "CustomMessage_UpdateUserAttribute",
        "CustomMessage_AdminCreateUser",
    ]


# Authentication


def test_the_authentication_events(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreAuthentication", "PostAuthentication")
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana", **REACHABLE)

    sign_in(cognito, client_id, "ana")

    before, after = functions.seen
    assert before["triggerSource"] == "PreAuthentication_Authentication"
    assert before["request"].keys() == {"userAttributes", "validationData"}
    assert before["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert after["triggerSource"] == "PostAuthentication_Authentication"
    assert after["request"].keys() == {"userAttributes"}


def test_either_stops_a_sign_in(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreAuthentication", "PostAuthentication")
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana")

    for source in ("PreAuthentication", "PostAuthentication"):
        functions.answers.clear()
        functions.answers[f"{source}_Authentication"] = failing("no")
        with pytest.raises(cognito.exceptions.UserLambdaValidationException) as refused:
            sign_in(cognito, client_id, "ana")
        assert message_of(refused) == f"{source} failed with error no."


def test_unknown_users_reach_the_trigger_only_where_they_are_hidden(cognito: Any) -> None:
    pool_id = pool_with(cognito, "PreAuthentication")
    open_client = make_client(cognito, pool_id)
    hiding_client = make_client(cognito, pool_id, PreventUserExistenceErrors="ENABLED")

    with pytest.raises(cognito.exceptions.UserNotFoundException):
        sign_in(cognito, open_client, "nobody")
    assert functions.seen == []
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in(cognito, hiding_client, "nobody")
    (event,) = functions.seen
    assert event["userName"] == "nobody"
    assert event["request"] == {"userAttributes": {}, "validationData": None, "userNotFound": True}


# Pre token generation


def claims_of(cognito: Any, client_id: str, name: str = "ana") -> tuple[dict[str, Any], dict[str, Any]]:
    """ID and access token of a sign-in, decoded."""
    tokens = sign_in(cognito, client_id, name)["AuthenticationResult"]
    decode = {"verify_signature": False}
    return (
        jwt.decode(tokens["IdToken"], options=decode),
        jwt.decode(tokens["AccessToken"], options=decode),
    )


@pytest.fixture
def grouped(cognito: Any, request: Any) -> tuple[str, str]:
    """Pool and client of a user in one group with a role; the pool has a trigger of the version asked for."""
    config = {"PreTokenGenerationConfig": {"LambdaArn": ARN, "LambdaVersion": request.param}}
    pool_id = make_pool(cognito, LambdaConfig=config)
    settled(cognito, pool_id, "ana", **REACHABLE)
    role = "arn:aws:iam::000000000000:role/staff"
    cognito.create_group(UserPoolId=pool_id, GroupName="staff", RoleArn=role, Precedence=1)
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username="ana", GroupName="staff")
    return pool_id, make_client(cognito, pool_id)


@pytest.mark.parametrize("grouped", ["V1_0", "V2_0", "V3_0"], indirect=True)
def test_the_pre_token_generation_event(cognito: Any, grouped: tuple[str, str]) -> None:
    version = cognito.describe_user_pool(UserPoolId=grouped[0])["UserPool"]["LambdaConfig"][
        "PreTokenGenerationConfig"
    ]["LambdaVersion"]

    claims_of(cognito, grouped[1])

    (event,) = functions.seen
    assert event["triggerSource"] == "TokenGeneration_Authentication"
    assert event["version"] == version[1]
    assert event["request"]["groupConfiguration"] == {
        "groupsToOverride": ["staff"],
        "iamRolesToOverride": ["arn:aws:iam::000000000000:role/staff"],
        "preferredRole": "arn:aws:iam::000000000000:role/staff",
    }
    if version == "V1_0":
        assert "scopes" not in event["request"]
        assert event["response"] == {"claimsOverrideDetails": None}
    else:
        assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]
        assert event["response"] == {"claimsAndScopeOverrideDetails": None}


@pytest.mark.parametrize("grouped", ["V1_0"], indirect=True)
def test_the_first_version_changes_the_id_token(cognito: Any, grouped: tuple[str, str]) -> None:
    functions.answers["TokenGeneration_Authentication"] = replying(
        claimsOverrideDetails={
            "claimsToAddOrOverride": {"tenant": "one", "email": "x"},
            "claimsToSuppress": ["email"],
            "groupOverrideDetails": {},
        }
    )

    id_claims, access_claims = claims_of(cognito, grouped[1])

    assert id_claims["tenant"] == "one"
    assert "email" not in id_claims
    assert "cognito:groups" not in id_claims
    assert "tenant" not in access_claims


@pytest.mark.parametrize("grouped", ["V2_0"], indirect=True)
def test_later_versions_change_both_tokens_and_scopes(cognito: Any, grouped: tuple[str, str]) -> None:
    functions.answers["TokenGeneration_Authentication"] = replying(
        claimsAndScopeOverrideDetails={
            "idTokenGeneration": {"claimsToAddOrOverride": {"level": 3, "teams": ["a", {"b": True}]}},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"tenant": "one"},
                "scopesToAdd": ["notes/read"],
                "scopesToSuppress": ["aws.cognito.signin.user.admin"],
            },
            "groupOverrideDetails": {"groupsToOverride": ["other"]},
        }
    )

    id_claims, access_claims = claims_of(cognito, grouped[1])

    assert (id_claims["level"], id_claims["teams"]) == (3, ["a", {"b": True}])
    assert (access_claims["tenant"], access_claims["scope"]) == ("one", "notes/read")
    assert access_claims["cognito:groups"] == ["other"]


@pytest.mark.parametrize("grouped", ["V2_0"], indirect=True)
@pytest.mark.parametrize(
    "details",
    [
        "text",
        {"idTokenGeneration": []},
        {"idTokenGeneration": {"claimsToSuppress": "email"}},
        {"accessTokenGeneration": {"scopesToAdd": ["two words"]}},
        {"accessTokenGeneration": {"scopesToAdd": [1]}},
        {"groupOverrideDetails": {"preferredRole": 1}},
        {"idTokenGeneration": {"claimsToSuppress": ["x"] * 5001}},
    ],
)
def test_wrong_shapes_are_no_answer(cognito: Any, grouped: tuple[str, str], details: Any) -> None:
    functions.answers["TokenGeneration_Authentication"] = replying(claimsAndScopeOverrideDetails=details)

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        sign_in(cognito, grouped[1], "ana")


@pytest.mark.parametrize("grouped", ["V1_0"], indirect=True)
def test_the_first_version_speaks_in_texts(cognito: Any, grouped: tuple[str, str]) -> None:
    details = {"claimsToAddOrOverride": {"level": 3}}
    functions.answers["TokenGeneration_Authentication"] = replying(claimsOverrideDetails=details)

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        sign_in(cognito, grouped[1], "ana")
