"""Nobody's address is flooded with codes, by whatever names and operations they are asked for."""

from typing import Any

import pytest

from identity.userpools import hourly
from tests import mailbox
from tests.userpools.people import (
    access_token,
    invite,
    listed,
    make_client,
    make_pool,
    row,
    settled,
    sign_up,
)

VICTIM = "ana@example.com"
REACHABLE = {"email": VICTIM, "email_verified": "true"}


@pytest.fixture(autouse=True)
def small_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourly, "CODES_TO_ONE_ADDRESS", 3)


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


def flood(cognito: Any, client_id: str, address: str = VICTIM) -> None:
    """Use up the share of an address by sign-ups under names made up."""
    for number in range(3):
        sign_up(cognito, client_id, f"made-up-{number}", email=address)


def sent() -> int:
    return len(mailbox.mails())


def test_sign_ups_under_many_names_are_one_flood(cognito: Any, pool_id: str) -> None:
    client_id = make_client(cognito, pool_id)
    flood(cognito, client_id)

    with pytest.raises(cognito.exceptions.LimitExceededException) as refused:
        sign_up(cognito, client_id, "one-more", email=VICTIM.upper())

    message = "Attempt limit exceeded, please try after some time."
    assert refused.value.response["Error"]["Message"] == message
    assert sent() == 3
    assert not cognito.list_users(UserPoolId=pool_id, Filter='username = "one-more"')["Users"]


def test_another_address_and_another_pool_have_their_own_share(cognito: Any, pool_id: str) -> None:
    flood(cognito, make_client(cognito, pool_id))

    sign_up(cognito, make_client(cognito, pool_id), "bob", email="bob@example.com")
    sign_up(cognito, make_client(cognito, make_pool(cognito)), "ana", email=VICTIM)

    assert sent() == 5


def test_a_client_that_tells_says_so_of_codes_asked_for(cognito: Any, pool_id: str) -> None:
    client_id = make_client(cognito, pool_id, PreventUserExistenceErrors="LEGACY")
    settled(cognito, pool_id, "ana", **REACHABLE)
    flood(cognito, client_id)

    asked = ((cognito.forgot_password, "ana"), (cognito.resend_confirmation_code, "made-up-0"))
    for call, name in asked:
        with pytest.raises(cognito.exceptions.LimitExceededException):
            call(ClientId=client_id, Username=name)

    assert sent() == 3


def test_a_client_that_hides_answers_as_always_and_sends_nothing(cognito: Any, pool_id: str) -> None:
    client_id = make_client(cognito, pool_id, PreventUserExistenceErrors="ENABLED")
    settled(cognito, pool_id, "ana", **REACHABLE)
    flood(cognito, client_id)

    forgot = cognito.forgot_password(ClientId=client_id, Username="ana")["CodeDeliveryDetails"]
    resent = cognito.resend_confirmation_code(ClientId=client_id, Username="made-up-0")["CodeDeliveryDetails"]

    assert forgot["Destination"] == resent["Destination"] == "a***@e***"
    assert sent() == 3
    with pytest.raises(cognito.exceptions.CodeMismatchException):  # as of anybody who was sent one
        cognito.confirm_forgot_password(
            ClientId=client_id, Username="ana", ConfirmationCode="123456", Password="Other-Passw0rd-2"
        )


def test_codes_for_attributes_count_too(cognito: Any, pool_id: str) -> None:
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "bob", email="bob@example.com")
    token = access_token(cognito, client_id, "bob")
    flood(cognito, client_id)

    with pytest.raises(cognito.exceptions.TooManyRequestsException):
        cognito.update_user_attributes(AccessToken=token, UserAttributes=listed({"email": VICTIM}))
    assert row(pool_id, "bob").email == "bob@example.com"

    for name in ("cat", "dan", "eve"):
        sign_up(cognito, client_id, name, email="bob@example.com")
    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")


def test_an_administrator_is_not_kept_from_helping(cognito: Any, pool_id: str) -> None:
    client_id = make_client(cognito, pool_id, PreventUserExistenceErrors="ENABLED")
    settled(cognito, pool_id, "ana", **REACHABLE)
    flood(cognito, client_id)
    for _ in range(5):
        cognito.forgot_password(ClientId=client_id, Username="ana")
    with pytest.raises(cognito.exceptions.LimitExceededException):
        cognito.forgot_password(ClientId=client_id, Username="ana")
    before = sent()

    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="ana")
    invite(cognito, pool_id, "eve", {"email": VICTIM}, MessageAction=None, DesiredDeliveryMediums=["EMAIL"])

    assert sent() == before + 2
