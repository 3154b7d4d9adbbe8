"""Self-registration: what is checked, what is made, what is sent, and how it is confirmed."""

from typing import Any

import pytest

from identity.userpools import clients
from identity.userpools.models import Alias, User
from tests import mailbox
from tests.userpools.people import (
    PASSWORD,
    access_token,
    attributes_of,
    confirm,
    get,
    invite,
    make_client,
    make_pool,
    sign_up,
    status_of,
)

pytestmark = pytest.mark.core_suite


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id)


def test_sign_up_makes_an_unconfirmed_user_and_mails_a_code(
    cognito: Any, pool_id: str, client_id: str
) -> None:
    made = sign_up(cognito, client_id, "ana", email="ana@example.com")

    assert made["UserConfirmed"] is False
    assert made["CodeDeliveryDetails"] == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert "Session" not in made
    mail = mailbox.last_mail()
    assert mail.to == ["ana@example.com"]
    assert mail.subject == "Your verification code"
    assert str(mail.body) == f"Your verification code is {mailbox.last_code()}."
    user = get(cognito, pool_id, "ana")
    assert (user["UserStatus"], user["Enabled"]) == ("UNCONFIRMED", True)
    assert user["UserAttributes"] == [
        {"Name": "sub", "Value": made["UserSub"]},
        {"Name": "email_verified", "Value": "false"},
        {"Name": "email", "Value": "ana@example.com"},
    ]


def test_confirming_by_the_code_verifies_the_address(cognito: Any, pool_id: str, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", email="ana@example.com")

    confirm(cognito, client_id, "ana", mailbox.last_code())

    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"
    assert attributes_of(cognito, pool_id, "ana")["email_verified"] == "true"
    assert access_token(cognito, client_id, "ana")


def test_one_code_by_sms_where_both_addresses_are_verified(cognito: Any) -> None:
    pool_id = make_pool(cognito, AutoVerifiedAttributes=["email", "phone_number"])
    client_id = make_client(cognito, pool_id)

    made = sign_up(cognito, client_id, "ana", email="ana@example.com", phone_number="+15555550123")

    assert made["CodeDeliveryDetails"] == {
        "Destination": "+*******0123",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    assert not mailbox.mails()
    assert mailbox.last_sms().to == "+15555550123"
    confirm(cognito, client_id, "ana", mailbox.last_code())
    attributes = attributes_of(cognito, pool_id, "ana")
    assert (attributes["phone_number_verified"], attributes["email_verified"]) == ("true", "false")


@pytest.mark.parametrize(
    ("verified", "attributes"), [([], {"email": "ana@example.com"}), (["email"], {"name": "Ana"})]
)
def test_nothing_is_sent_without_an_address_to_verify(
    cognito: Any, verified: list[str], attributes: dict[str, str]
) -> None:
    client_id = make_client(cognito, make_pool(cognito, AutoVerifiedAttributes=verified))

    made = sign_up(cognito, client_id, "ana", **attributes)

    assert "CodeDeliveryDetails" not in made
    assert not mailbox.mails()


def test_a_taken_username_is_refused(cognito: Any, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", email="ana@example.com")

    with pytest.raises(cognito.exceptions.UsernameExistsException) as refused:
        sign_up(cognito, client_id, "ana", email="other@example.com")

    assert refused.value.response["Error"]["Message"] == "User already exists"
    assert len(mailbox.mails()) == 1


def test_usernames_of_two_pools_do_not_meet(cognito: Any, client_id: str) -> None:
    other = make_client(cognito, make_pool(cognito))
    sign_up(cognito, client_id, "ana")

    assert sign_up(cognito, other, "ana")["UserSub"]


@pytest.mark.parametrize(("is_sensitive", "taken"), [(True, False), (False, True)])
def test_case_counts_only_in_case_sensitive_pools(cognito: Any, is_sensitive: bool, taken: bool) -> None:
    pool_id = make_pool(cognito, UsernameConfiguration={"CaseSensitive": is_sensitive})
    client_id = make_client(cognito, pool_id)
    sign_up(cognito, client_id, "Ana")

    if taken:
        with pytest.raises(cognito.exceptions.UsernameExistsException):
            sign_up(cognito, client_id, "aNA")
        assert get(cognito, pool_id, "ANA")["Username"] == "ana"
    else:
        sign_up(cognito, client_id, "aNA")
        assert get(cognito, pool_id, "Ana")["Username"] == "Ana"


def test_a_pool_can_leave_users_to_its_administrators(cognito: Any) -> None:
    pool_id = make_pool(cognito, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        sign_up(cognito, make_client(cognito, pool_id), "ana")

    assert refused.value.response["Error"]["Message"] == "SignUp is not permitted for this user pool"


def test_the_secret_hash_is_asked_for(cognito: Any, pool_id: str) -> None:
    client_id = make_client(cognito, pool_id, GenerateSecret=True)
    secret = clients.secret_of(clients.get(client_id)) or ""

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        sign_up(cognito, client_id, "ana")

    assert "SECRET_HASH was not received" in refused.value.response["Error"]["Message"]
    given = clients.secret_hash(client_id, "ana", secret)
    cognito.sign_up(ClientId=client_id, Username="ana", Password=PASSWORD, SecretHash=given)


def test_a_password_is_needed_where_nothing_else_signs_in(cognito: Any, client_id: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.sign_up(ClientId=client_id, Username="ana")

    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    passwordless = make_client(cognito, make_pool(cognito, Policies=policies))
    assert cognito.sign_up(ClientId=passwordless, Username="ana")["UserSub"]


def test_all_missing_attributes_are_named(cognito: Any) -> None:
    schema = [{"Name": "email", "Required": True}, {"Name": "name", "Required": True}]
    client_id = make_client(cognito, make_pool(cognito, Schema=schema))

    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        sign_up(cognito, client_id, "ana")

    assert refused.value.response["Error"]["Message"] == (
        "Attributes did not conform to the schema: name: The attribute is required\n"
        "email: The attribute is required\n"
    )


def test_an_attribute_outside_the_schema_is_refused(cognito: Any, client_id: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        sign_up(cognito, client_id, "ana", **{"custom:x": "1"})

    assert refused.value.response["Error"]["Message"] == (
        "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema."
    )


@pytest.mark.parametrize(
    "name", ["email_verified", "phone_number_verified", "sub", "identities", "cognito:x"]
)
def test_nobody_vouches_for_themselves(cognito: Any, client_id: str, name: str) -> None:
    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        sign_up(cognito, client_id, "ana", email="ana@example.com", **{name: "true"})

    assert refused.value.response["Error"]["Message"] == "A client attempted to write unauthorized attribute"


def test_a_client_with_a_list_writes_only_what_is_on_it(cognito: Any, pool_id: str) -> None:
    client_id = make_client(cognito, pool_id, WriteAttributes=["email"])

    sign_up(cognito, client_id, "ana", email="ana@example.com")
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_up(cognito, client_id, "bob", email="bob@example.com", name="Bob")


def test_a_confirmed_user_cannot_be_confirmed_again(cognito: Any, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    code = mailbox.last_code()
    confirm(cognito, client_id, "ana", code)

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        confirm(cognito, client_id, "ana", code)

    message = "User cannot be confirmed. Current status is CONFIRMED"
    assert refused.value.response["Error"]["Message"] == message


def test_an_unknown_user_is_named_as_such(cognito: Any, client_id: str) -> None:
    with pytest.raises(cognito.exceptions.UserNotFoundException) as refused:
        confirm(cognito, client_id, "nobody", "123456")

    assert refused.value.response["Error"]["Message"] == "Username/client id combination not found."


def test_resending_replaces_the_code(cognito: Any, pool_id: str, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    first = mailbox.last_code()

    sent = cognito.resend_confirmation_code(ClientId=client_id, Username="ana")["CodeDeliveryDetails"]

    assert sent["Destination"] == "a***@e***"
    second = mailbox.last_code()
    if first != second:
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            confirm(cognito, client_id, "ana", first)
    confirm(cognito, client_id, "ana", second)
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        cognito.resend_confirmation_code(ClientId=client_id, Username="ana")
    assert refused.value.response["Error"]["Message"] == "User is already confirmed."


def test_nothing_is_sent_again_where_nothing_is_verified(cognito: Any) -> None:
    client_id = make_client(cognito, make_pool(cognito, AutoVerifiedAttributes=[]))
    sign_up(cognito, client_id, "ana", email="ana@example.com")

    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        cognito.resend_confirmation_code(ClientId=client_id, Username="ana")

    message = "Cannot resend codes. Auto verification not turned on."
    assert refused.value.response["Error"]["Message"] == message


def test_a_link_leads_to_the_page_that_confirms(cognito: Any) -> None:
    pool_id = make_pool(
        cognito,
        VerificationMessageTemplate={
            "DefaultEmailOption": "CONFIRM_WITH_LINK",
            "EmailMessageByLink": "<p>Welcome. {##Confirm <b>me</b>##}</p>",
        },
    )
    client_id = make_client(cognito, pool_id)
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="links")

    sign_up(cognito, client_id, "ana&<b>", email="ana@example.com")

    mail = mailbox.last_mail()
    assert mail.subject == "Your verification link"
    html = str(mail.alternatives[0].content)
    code = html.split("confirmation_code=")[1][:6]
    query = f"client_id={client_id}&amp;user_name=ana%26%3Cb%3E&amp;confirmation_code={code}"
    assert f'/confirmUser?{query}">Confirm <b>me</b></a>' in html
    confirm(cognito, client_id, "ana&<b>", code)


def test_a_link_needs_a_domain(cognito: Any) -> None:
    pool_id = make_pool(cognito, VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"})
    client_id = make_client(cognito, pool_id)

    with pytest.raises(cognito.exceptions.CodeDeliveryFailureException):
        sign_up(cognito, client_id, "ana", email="ana@example.com")

    assert not User.objects.filter(pool_id=pool_id).exists()
    assert not Alias.objects.filter(pool_id=pool_id).exists()


def test_the_pools_own_words_are_sent(cognito: Any) -> None:
    pool_id = make_pool(
        cognito,
        VerificationMessageTemplate={"EmailSubject": "Hello", "EmailMessage": "Use <b>{####}</b> now"},
        EmailConfiguration={"ReplyToEmailAddress": "help@example.com"},
    )

    sign_up(cognito, make_client(cognito, pool_id), "ana", email="ana@example.com")

    mail = mailbox.last_mail()
    assert mail.subject == "Hello"
    assert mail.alternatives[0].content == f"Use <b>{mailbox.last_code()}</b> now"


def test_an_invited_user_is_not_confirmed_by_sign_up_codes(
    cognito: Any, pool_id: str, client_id: str
) -> None:
    invite(cognito, pool_id, "ana")

    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        confirm(cognito, client_id, "ana", "123456")

    message = "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD"
    assert refused.value.response["Error"]["Message"] == message
