"""Sign-in names: who owns one, when, and what happens to it when attributes change."""

from typing import Any

import pytest

from identity.userpools.models import Alias
from tests import mailbox
from tests.userpools.people import (
    access_token,
    attributes_of,
    confirm,
    get,
    invite,
    listed,
    make_client,
    make_pool,
    row,
    settled,
    sign_in,
    sign_up,
)

VERIFIED = {"email": "ana@example.com", "email_verified": "true"}

pytestmark = pytest.mark.core_suite


def names_of(pool_id: str, username: str) -> dict[str, str]:
    return dict(Alias.objects.filter(user=row(pool_id, username)).values_list("kind", "name"))


def message_of(refused: Any) -> str:
    return str(refused.value.response["Error"]["Message"])


@pytest.fixture
def alias_pool(cognito: Any) -> str:
    return make_pool(cognito, AliasAttributes=["email", "phone_number", "preferred_username"])


@pytest.fixture
def email_pool(cognito: Any) -> str:
    return make_pool(cognito, UsernameAttributes=["email"])


# Alias attributes


@pytest.mark.parametrize(
    ("username", "text"),
    [
        ("ana@example.com", "email format, since user pool is configured for email alias."),
        ("+15555550123", "phone number format, since user pool is configured for phone number alias."),
    ],
)
def test_a_username_does_not_look_like_an_alias(
    cognito: Any, alias_pool: str, username: str, text: str
) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        sign_up(cognito, make_client(cognito, alias_pool), username)

    assert message_of(refused) == f"Username cannot be of {text}"


def test_a_verified_address_signs_in_and_an_unverified_one_does_not(cognito: Any, alias_pool: str) -> None:
    client_id = make_client(cognito, alias_pool)
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        get(cognito, alias_pool, "ana@example.com")

    confirm(cognito, client_id, "ana", mailbox.last_code())

    assert sign_in(cognito, client_id, "ana@example.com")["AuthenticationResult"]
    assert get(cognito, alias_pool, "ana@example.com")["Username"] == "ana"


def test_the_second_owner_of_an_address_cannot_confirm(cognito: Any, alias_pool: str) -> None:
    client_id = make_client(cognito, alias_pool)
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    confirm(cognito, client_id, "ana", mailbox.last_code())
    sign_up(cognito, client_id, "thief", email="ana@example.com")
    code = mailbox.last_code()

    with pytest.raises(cognito.exceptions.AliasExistsException) as refused:
        confirm(cognito, client_id, "thief", code)

    assert message_of(refused) == "An account with the email already exists."
    assert get(cognito, alias_pool, "thief")["UserStatus"] == "UNCONFIRMED"
    assert get(cognito, alias_pool, "ana@example.com")["Username"] == "ana"

    confirm(cognito, client_id, "thief", code, ForceAliasCreation=True)
    assert get(cognito, alias_pool, "ana@example.com")["Username"] == "thief"
    assert attributes_of(cognito, alias_pool, "ana")["email_verified"] == "false"
    assert names_of(alias_pool, "ana") == {"username": "ana"}


def test_an_invitation_claims_an_address_or_takes_it_over(cognito: Any, alias_pool: str) -> None:
    invite(cognito, alias_pool, "ana", VERIFIED)

    with pytest.raises(cognito.exceptions.AliasExistsException):
        invite(cognito, alias_pool, "bob", VERIFIED)
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        get(cognito, alias_pool, "bob")
    invite(cognito, alias_pool, "bob", VERIFIED, ForceAliasCreation=True)

    assert get(cognito, alias_pool, "ana@example.com")["Username"] == "bob"
    assert attributes_of(cognito, alias_pool, "ana")["email_verified"] == "false"


def test_an_invitation_takes_no_preferred_username(cognito: Any, alias_pool: str) -> None:
    invite(cognito, alias_pool, "ana", {"preferred_username": "queen"})

    with pytest.raises(cognito.exceptions.AliasExistsException):
        invite(cognito, alias_pool, "bob", {"preferred_username": "queen"}, ForceAliasCreation=True)

    assert get(cognito, alias_pool, "queen")["Username"] == "ana"
    assert "preferred_username_verified" not in attributes_of(cognito, alias_pool, "ana")


@pytest.mark.parametrize("address", ["ana@example.com", "+4930123456"])
def test_an_address_cannot_be_kept_from_its_owner_by_preferring_it(
    cognito: Any, alias_pool: str, address: str
) -> None:
    client_id = make_client(cognito, alias_pool)
    settled(cognito, alias_pool, "squatter")
    token = access_token(cognito, client_id, "squatter")
    cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"preferred_username": address}))
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        get(cognito, alias_pool, address)

    name = "email" if "@" in address else "phone_number"
    invite(cognito, alias_pool, "ana", {name: address, f"{name}_verified": "true"})

    assert get(cognito, alias_pool, address)["Username"] == "ana"


def test_a_new_address_signs_in_only_once_verified(cognito: Any, alias_pool: str) -> None:
    client_id = make_client(cognito, alias_pool)
    settled(cognito, alias_pool, "ana", **VERIFIED)
    token = access_token(cognito, client_id, "ana")

    cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"email": "new@example.com"}))

    assert names_of(alias_pool, "ana") == {"username": "ana"}
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=mailbox.last_code())
    assert names_of(alias_pool, "ana") == {"username": "ana", "email": "new@example.com"}


def test_verifying_an_address_that_is_anothers_is_refused(cognito: Any, alias_pool: str) -> None:
    client_id = make_client(cognito, alias_pool)
    settled(cognito, alias_pool, "ana", **VERIFIED)
    settled(cognito, alias_pool, "bob", email="ana@example.com")
    token = access_token(cognito, client_id, "bob")
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")

    with pytest.raises(cognito.exceptions.AliasExistsException):
        cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=mailbox.last_code())

    assert "email_verified" not in attributes_of(cognito, alias_pool, "bob")


# Preferred username


def test_a_preferred_username_comes_after_confirmation(cognito: Any, alias_pool: str) -> None:
    client_id = make_client(cognito, alias_pool)

    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        sign_up(cognito, client_id, "u-1", preferred_username="ana")

    assert message_of(refused).startswith("Preferred username cannot be provided for unconfirmed account")
    settled(cognito, alias_pool, "u-1")
    token = access_token(cognito, client_id, "u-1")
    cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"preferred_username": "ana"}))
    assert sign_in(cognito, client_id, "ana")["AuthenticationResult"]
    cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"preferred_username": "anna"}))
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        sign_in(cognito, client_id, "ana")
    assert sign_in(cognito, client_id, "anna")["AuthenticationResult"]


def test_an_administrators_password_brings_the_preferred_username(cognito: Any, alias_pool: str) -> None:
    sign_up(cognito, make_client(cognito, alias_pool), "ana", email="ana@example.com")
    preferred = listed({"preferred_username": "queen"})
    cognito.admin_update_user_attributes(UserPoolId=alias_pool, Username="ana", UserAttributes=preferred)

    cognito.admin_set_user_password(
        UserPoolId=alias_pool, Username="ana", Password="Passw0rd!", Permanent=True
    )

    assert get(cognito, alias_pool, "queen")["Username"] == "ana"


def test_names_of_every_kind_share_one_space(cognito: Any, alias_pool: str) -> None:
    settled(cognito, alias_pool, "ana")
    settled(cognito, alias_pool, "bob", preferred_username="bobby")

    with pytest.raises(cognito.exceptions.AliasExistsException) as refused:
        cognito.admin_update_user_attributes(
            UserPoolId=alias_pool, Username="bob", UserAttributes=listed({"preferred_username": "ana"})
        )
    assert message_of(refused) == "An account with the preferred_username already exists."
    with pytest.raises(cognito.exceptions.UsernameExistsException):
        sign_up(cognito, make_client(cognito, alias_pool), "bobby")
    assert attributes_of(cognito, alias_pool, "bob")["preferred_username"] == "bobby"


def test_a_user_may_prefer_their_own_username(cognito: Any, alias_pool: str) -> None:
    settled(cognito, alias_pool, "ana", preferred_username="ana")

    assert names_of(alias_pool, "ana") == {"username": "ana"}
    assert get(cognito, alias_pool, "ana")["Username"] == "ana"


def test_preferred_username_is_an_ordinary_attribute_elsewhere(cognito: Any) -> None:
    pool_id = make_pool(cognito)

    sign_up(cognito, make_client(cognito, pool_id), "ana", preferred_username="anna")

    assert names_of(pool_id, "ana") == {"username": "ana"}


# Username attributes


@pytest.mark.parametrize(
    ("kinds", "username", "text"),
    [
        (["email"], "ana", "Username should be an email."),
        (["phone_number"], "ana@example.com", "Username should be a phone number."),
        (["email", "phone_number"], "ana", "Username should be either an email or a phone number."),
    ],
)
def test_the_username_has_the_form_of_its_attribute(
    cognito: Any, kinds: list[str], username: str, text: str
) -> None:
    pool_id = make_pool(cognito, UsernameAttributes=kinds)

    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        sign_up(cognito, make_client(cognito, pool_id), username)

    assert message_of(refused) == text


def test_the_stored_username_is_the_sub(cognito: Any, email_pool: str) -> None:
    client_id = make_client(cognito, email_pool)

    sub = sign_up(cognito, client_id, "ana@example.com")["UserSub"]

    user = get(cognito, email_pool, "ana@example.com")
    assert user["Username"] == sub
    assert attributes_of(cognito, email_pool, sub)["email"] == "ana@example.com"
    confirm(cognito, client_id, "ana@example.com", mailbox.last_code())
    assert sign_in(cognito, client_id, "ana@example.com")["AuthenticationResult"]


def test_the_clash_is_at_sign_up(cognito: Any, email_pool: str) -> None:
    client_id = make_client(cognito, email_pool)
    sign_up(cognito, client_id, "ana@example.com")

    with pytest.raises(cognito.exceptions.UsernameExistsException) as refused:
        sign_up(cognito, client_id, "ana@example.com")
    assert message_of(refused) == "An account with the given email already exists."
    with pytest.raises(cognito.exceptions.UsernameExistsException) as refused:
        invite(cognito, email_pool, "ana@example.com")
    assert message_of(refused) == "An account with the given email already exists."


def test_username_and_attribute_must_agree(cognito: Any, email_pool: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        sign_up(cognito, make_client(cognito, email_pool), "ana@example.com", email="other@example.com")


def test_changing_the_address_changes_the_sign_in_name(cognito: Any, email_pool: str) -> None:
    client_id = make_client(cognito, email_pool)
    settled(cognito, email_pool, "ana@example.com")
    settled(cognito, email_pool, "bob@example.com")
    token = access_token(cognito, client_id, "ana@example.com")

    with pytest.raises(cognito.exceptions.AliasExistsException):
        cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"email": "bob@example.com"}))
    cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"email": "anna@example.com"}))

    assert sign_in(cognito, client_id, "anna@example.com")["AuthenticationResult"]
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        sign_in(cognito, client_id, "ana@example.com")


def test_a_pool_that_verifies_first_changes_the_name_then(cognito: Any) -> None:
    pool_id = make_pool(
        cognito,
        UsernameAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
    )
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana@example.com", email_verified="true")
    token = access_token(cognito, client_id, "ana@example.com")

    cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"email": "anna@example.com"}))

    assert sign_in(cognito, client_id, "ana@example.com")["AuthenticationResult"]
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=mailbox.last_code())
    assert sign_in(cognito, client_id, "anna@example.com")["AuthenticationResult"]


def test_addresses_are_compared_without_case_where_the_pool_says_so(cognito: Any) -> None:
    pool_id = make_pool(cognito, UsernameAttributes=["email"], UsernameConfiguration={"CaseSensitive": False})
    client_id = make_client(cognito, pool_id)
    sign_up(cognito, client_id, "Ana@Example.com")

    with pytest.raises(cognito.exceptions.UsernameExistsException):
        sign_up(cognito, client_id, "ana@example.com")
    assert get(cognito, pool_id, "ANA@EXAMPLE.COM")["UserStatus"] == "UNCONFIRMED"


def test_long_values_stay_unique(cognito: Any, alias_pool: str) -> None:
    settled(cognito, alias_pool, "ana", preferred_username="é" * 2048)
    settled(cognito, alias_pool, "bob", preferred_username="é" * 2047)

    with pytest.raises(cognito.exceptions.AliasExistsException):
        cognito.admin_update_user_attributes(
            UserPoolId=alias_pool, Username="bob", UserAttributes=listed({"preferred_username": "é" * 2048})
        )
