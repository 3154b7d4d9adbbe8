"""Attributes: what fits the schema, who may write what, and how a new address is proven."""

from typing import Any

import pytest

from identity.core import events
from identity.userpools import attribute_updates, attribute_values
from identity.userpools.errors import InvalidParameter
from tests import mailbox
from tests.userpools.people import (
    access_token,
    attributes_of,
    invite,
    listed,
    make_client,
    make_pool,
    named,
    row,
    settled,
    sign_up,
)

SCHEMA = [
    {"Name": "team", "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "5"}},
    {
        "Name": "level",
        "AttributeDataType": "Number",
        "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "9"},
    },
    {"Name": "is_staff", "AttributeDataType": "Boolean"},
    {"Name": "since", "AttributeDataType": "DateTime"},
    {"Name": "tenant", "Mutable": False},
]


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito, Schema=[{"AttributeDataType": "String", **each} for each in SCHEMA])


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id)


@pytest.fixture
def token(cognito: Any, pool_id: str, client_id: str) -> str:
    """Of "ana", whose e-mail address is verified."""
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    return access_token(cognito, client_id, "ana")


def update(cognito: Any, token: str, **attributes: str) -> Any:
    return cognito.update_user_attributes(AccessToken=token, UserAttributes=listed(attributes))


def admin_update(cognito: Any, pool_id: str, **attributes: str) -> Any:
    return cognito.admin_update_user_attributes(
        UserPoolId=pool_id, Username="ana", UserAttributes=listed(attributes)
    )


def message_of(refused: Any) -> str:
    return str(refused.value.response["Error"]["Message"])


# Values


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("custom:team", "blue", "b"),
        ("custom:team", "blue", "yellow"),
        ("custom:level", "9", "10"),
        ("custom:level", "1.5", "0"),
        ("custom:level", "3", "three"),
        ("custom:is_staff", "true", "yes"),
        ("custom:since", "2024-02-29T12:00:00Z", "yesterday"),
        ("birthdate", "2001-02-03", "01/02/2003"),
        ("birthdate", "2001-02-03", "2001-2-3"),
        ("updated_at", "0", "-1"),
    ],
)
def test_values_fit_their_type(
    cognito: Any, pool_id: str, token: str, name: str, good: str, bad: str
) -> None:
    update(cognito, token, **{name: good})

    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        update(cognito, token, **{name: bad})

    assert message_of(refused).startswith(f"user.{name}: ")
    assert attributes_of(cognito, pool_id, "ana")[name] == good


def test_what_a_database_cannot_keep_is_no_value(cognito: Any, pool_id: str, token: str) -> None:
    """The wire refuses it before; the pages' forms come without it."""
    user = row(pool_id, "ana")

    for value in ("a\x00b", "a\ud800b"):
        with pytest.raises(InvalidParameter):
            attribute_values.check_changes(user.pool, user.attributes, {"name": value})


@pytest.mark.parametrize(
    "value", ["ana", "@example.com", "ana@", "a b@example.com", "a@b@c.example", "a@b\r\nBcc: x"]
)
def test_email_looks_like_one(cognito: Any, token: str, value: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        update(cognito, token, email=value)

    assert message_of(refused) == "Invalid email address format."


@pytest.mark.parametrize(
    "value", ["5555550123", "+1 555 555 0123", "+0123456789", "+999123456789", "+15", "+1555555012345678"]
)
def test_phone_numbers_are_e164(cognito: Any, token: str, value: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        update(cognito, token, phone_number=value)

    assert message_of(refused) == "Invalid phone number format."


@pytest.mark.parametrize("value", ["+15555550123", "+442071838750", "+4915112345678"])
def test_numbers_reserved_for_examples_pass(value: str) -> None:
    assert attribute_values.is_phone_number(value)


def test_an_unknown_attribute_has_no_type(cognito: Any, pool_id: str, token: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        update(cognito, token, **{"custom:x": "1"})
    assert message_of(refused) == "Type for attribute {custom:x} could not be determined"

    with pytest.raises(cognito.exceptions.InvalidParameterException):
        admin_update(cognito, pool_id, **{"cognito:user_status": "CONFIRMED"})


def test_an_immutable_attribute_is_set_once(cognito: Any, pool_id: str, client_id: str) -> None:
    settled(cognito, pool_id, "ana", **{"custom:tenant": "one"})
    token = access_token(cognito, client_id, "ana")

    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        update(cognito, token, **{"custom:tenant": "two"})
    assert message_of(refused) == (
        "user.custom:tenant: Attribute cannot be updated. (changing an immutable attribute)"
    )
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        admin_update(cognito, pool_id, sub="00000000-0000-0000-0000-000000000000")
    update(cognito, token, **{"custom:tenant": "one"})


def test_an_empty_value_deletes(cognito: Any, pool_id: str, token: str) -> None:
    update(cognito, token, name="Ana", nickname="A")
    update(cognito, token, name="")
    cognito.delete_user_attributes(AccessToken=token, UserAttributeNames=["nickname", "gender"])

    attributes = attributes_of(cognito, pool_id, "ana")
    assert "name" not in attributes
    assert "nickname" not in attributes
    assert row(pool_id, "ana").name == ""


def test_attributes_and_their_event_are_deleted_together_or_not_at_all(
    cognito: Any, pool_id: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(cognito, token, nickname="A")
    monkeypatch.setattr(events, "record", lambda event: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        attribute_updates.delete(row(pool_id, "ana"), ["nickname"], client=None)

    assert attributes_of(cognito, pool_id, "ana")["nickname"] == "A"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_attributes_are_deleted_where_a_row_is_held_only_in_a_transaction(
    cognito: Any, pool_id: str, token: str
) -> None:
    update(cognito, token, nickname="A")

    cognito.delete_user_attributes(AccessToken=token, UserAttributeNames=["nickname"])

    assert "nickname" not in attributes_of(cognito, pool_id, "ana")


def test_a_required_attribute_stays(cognito: Any) -> None:
    pool_id = make_pool(cognito, Schema=[{"Name": "name", "Required": True}])
    settled(cognito, pool_id, "ana", name="Ana")
    token = access_token(cognito, make_client(cognito, pool_id), "ana")

    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.delete_user_attributes(AccessToken=token, UserAttributeNames=["name"])
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.admin_delete_user_attributes(UserPoolId=pool_id, Username="ana", UserAttributeNames=["name"])


def test_the_filterable_columns_follow(cognito: Any, pool_id: str, token: str) -> None:
    update(cognito, token, given_name="ANA", family_name="Álvarez")

    user = row(pool_id, "ana")
    assert (user.given_name, user.family_name, user.email) == ("ana", "álvarez", "ana@example.com")


# Who


@pytest.mark.parametrize("name", ["email_verified", "sub", "identities", "dev:custom:x"])
def test_users_do_not_write_what_the_service_says(cognito: Any, token: str, name: str) -> None:
    with pytest.raises(cognito.exceptions.NotAuthorizedException) as refused:
        update(cognito, token, **{name: "true"})

    assert message_of(refused) == "A client attempted to write unauthorized attribute"


def test_a_client_reads_and_writes_what_is_on_its_lists(cognito: Any, pool_id: str, token: str) -> None:
    narrow = make_client(cognito, pool_id, ReadAttributes=["email"], WriteAttributes=["nickname"])
    settled(cognito, pool_id, "bob", email="bob@example.com", name="Bob")
    other = access_token(cognito, narrow, "bob")

    assert named(cognito.get_user(AccessToken=other)["UserAttributes"]).keys() == {"sub", "email"}
    update(cognito, other, nickname="B")
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        update(cognito, other, name="Robert")
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.delete_user_attributes(AccessToken=other, UserAttributeNames=["name"])
    assert attributes_of(cognito, pool_id, "bob")["nickname"] == "B"


def test_administrators_vouch_for_addresses(cognito: Any, pool_id: str, client_id: str) -> None:
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    before = len(mailbox.mails())

    admin_update(cognito, pool_id, email="new@example.com", email_verified="True")

    attributes = attributes_of(cognito, pool_id, "ana")
    assert (attributes["email"], attributes["email_verified"]) == ("new@example.com", "true")
    assert len(mailbox.mails()) == before
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        admin_update(cognito, pool_id, phone_number_verified="true")


# Proof


def test_a_new_address_is_in_use_at_once_and_unverified(cognito: Any, pool_id: str, token: str) -> None:
    sent = update(cognito, token, email="new@example.com", name="Ana")

    assert sent["CodeDeliveryDetailsList"] == [
        {"Destination": "n***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    ]
    attributes = attributes_of(cognito, pool_id, "ana")
    assert (attributes["email"], attributes["email_verified"]) == ("new@example.com", "false")
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=mailbox.last_code())
    assert attributes_of(cognito, pool_id, "ana")["email_verified"] == "true"


def test_nothing_is_sent_for_the_address_one_has(cognito: Any, pool_id: str, token: str) -> None:
    assert update(cognito, token, email="ana@example.com")["CodeDeliveryDetailsList"] == []
    assert attributes_of(cognito, pool_id, "ana")["email_verified"] == "true"


def test_nothing_is_sent_where_nothing_is_verified(cognito: Any, pool_id: str, token: str) -> None:
    assert update(cognito, token, phone_number="+15555550123")["CodeDeliveryDetailsList"] == []
    assert attributes_of(cognito, pool_id, "ana")["phone_number_verified"] == "false"


def test_a_pool_can_keep_the_old_address_until_the_new_one_is_proven(cognito: Any) -> None:
    pool_id = make_pool(
        cognito, UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]}
    )
    settled(cognito, pool_id, "ana", email="old@example.com", email_verified="true")
    token = access_token(cognito, make_client(cognito, pool_id), "ana")

    sent = update(cognito, token, email="new@example.com")

    assert sent["CodeDeliveryDetailsList"][0]["Destination"] == "n***@e***"
    assert mailbox.last_mail().to == ["new@example.com"]
    attributes = attributes_of(cognito, pool_id, "ana")
    assert (attributes["email"], attributes["email_verified"]) == ("old@example.com", "true")
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    assert mailbox.last_mail().to == ["new@example.com"]
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=mailbox.last_code())
    attributes = attributes_of(cognito, pool_id, "ana")
    assert (attributes["email"], attributes["email_verified"]) == ("new@example.com", "true")
    assert row(pool_id, "ana").pending_attributes == {}


def test_an_administrator_who_vouches_does_not_wait(cognito: Any) -> None:
    pool_id = make_pool(
        cognito, UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]}
    )
    settled(cognito, pool_id, "ana", email="old@example.com", email_verified="true")

    admin_update(cognito, pool_id, email="wanted@example.com")
    assert attributes_of(cognito, pool_id, "ana")["email"] == "old@example.com"
    admin_update(cognito, pool_id, email="vouched@example.com", email_verified="true")

    assert attributes_of(cognito, pool_id, "ana")["email"] == "vouched@example.com"
    assert row(pool_id, "ana").pending_attributes == {}


def test_codes_can_be_asked_for_and_are_limited(cognito: Any, pool_id: str, token: str) -> None:
    for _ in range(5):
        sent = cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    assert sent["CodeDeliveryDetails"]["Destination"] == "a***@e***"

    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")


@pytest.mark.parametrize("name", ["phone_number", "name", "custom:team"])
def test_only_an_address_that_is_there_gets_a_code(cognito: Any, token: str, name: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName=name)


def test_wrong_attribute_codes_count(cognito: Any, token: str) -> None:
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    code = mailbox.last_code()

    for _ in range(15):
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code="x")
    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=code)


def test_changing_addresses_does_not_make_a_mail_cannon(cognito: Any, token: str) -> None:
    for number in range(20):
        update(cognito, token, email=f"n{number}@example.com")

    with pytest.raises(cognito.exceptions.TooManyRequestsException):
        update(cognito, token, email="one-more@example.com")


def test_deleting_an_address_deletes_its_proof(cognito: Any, pool_id: str, token: str) -> None:
    cognito.admin_delete_user_attributes(UserPoolId=pool_id, Username="ana", UserAttributeNames=["email"])

    assert attributes_of(cognito, pool_id, "ana").keys() == {"sub"}


def test_attributes_come_in_a_stable_order(cognito: Any, pool_id: str) -> None:
    invite(
        cognito,
        pool_id,
        "ana",
        {"custom:team": "blue", "name": "Ana", "email": "ana@example.com", "email_verified": "true"},
    )

    attributes = cognito.admin_get_user(UserPoolId=pool_id, Username="ana")["UserAttributes"]

    names = [each["Name"] for each in attributes]
    assert names == ["sub", "email_verified", "name", "email", "custom:team"]
