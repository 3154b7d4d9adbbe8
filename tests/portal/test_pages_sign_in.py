"""The sign-in pages: name, then password, then the app; and what stands in the way."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from identity.core import clock
from identity.userpools.models import HostedSession, User
from tests.portal.visitor import (
    APP,
    PREFIX,
    Visitor,
    answer_to_app,
    has_input,
    heading_of,
    hosted_client,
    hosted_pool,
    input_of,
    text_of,
)
from tests.userpools.people import NEW_PASSWORD, PASSWORD, invite, settled, sign_up, status_of

MISMATCH = "That name and password don't match. Check the password, or reset it."


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return hosted_pool(cognito)


@pytest.fixture
def visitor(cognito: Any, pool_id: str) -> Visitor:
    return Visitor(hosted_client(cognito, pool_id))


@pytest.fixture
def ana(cognito: Any, pool_id: str) -> str:
    settled(cognito, pool_id, "ana", email="ana@example.com")
    return "ana"


def test_the_first_page_asks_for_the_name_only(visitor: Visitor) -> None:
    page = visitor.get("login")

    assert page.status_code == 200
    assert heading_of(page) == "Sign in"
    assert "to continue to Notes" in text_of(page)
    name = input_of(page, "username")
    assert name["autocomplete"] == "username"
    assert "autofocus" in name
    assert not has_input(page, "password")


def test_the_name_leads_to_the_password(visitor: Visitor, ana: str) -> None:
    page = visitor.post("login", username=ana)

    assert heading_of(page) == "Enter your password"
    assert "ana Change" in text_of(page)
    password = input_of(page, "password")
    assert password["autocomplete"] == "current-password"
    assert "autofocus" in password
    # Password managers look for the name beside the password.
    assert 'autocomplete="username" readonly' in page.content.decode()


def test_the_password_leads_to_the_app_with_a_code_and_the_state(visitor: Visitor, ana: str) -> None:
    visitor.post("login", username=ana)

    response = visitor.post("login", username=ana, password=PASSWORD)

    told = answer_to_app(response)
    assert told["state"] == "from-the-app"
    assert told["code"]
    cookie = response.cookies["cognito"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", f"/{PREFIX}")
    assert HostedSession.objects.get().user.username == "ana"


def test_a_browser_that_is_known_goes_straight_to_the_app(visitor: Visitor, ana: str) -> None:
    visitor.post("login", username=ana, password=PASSWORD)

    assert answer_to_app(visitor.get("oauth2/authorize"))["code"]


def test_change_goes_back_with_the_name_kept(visitor: Visitor, ana: str) -> None:
    visitor.post("login", username=ana)

    page = visitor.get("login")

    assert input_of(page, "username")["value"] == "ana"


def test_a_login_hint_fills_in_the_name(visitor: Visitor) -> None:
    visitor.more["login_hint"] = "<b>ana"

    assert input_of(visitor.get("login"), "username")["value"] == "<b>ana"


def test_another_visit_begins_without_anybodys_name(visitor: Visitor, ana: str) -> None:
    visitor.post("login", username=ana)
    visitor.more["state"] = "another"

    assert "value" not in input_of(visitor.get("login"), "username")


@pytest.mark.parametrize("hidden", ["ENABLED", "LEGACY"])
@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_a_wrong_password_and_an_unknown_name_look_the_same(
    cognito: Any, pool_id: str, ana: str, hidden: str, name: str
) -> None:
    visitor = Visitor(hosted_client(cognito, pool_id, PreventUserExistenceErrors=hidden))

    page = visitor.post("login", username=name, password="Wrong-Passw0rd")

    assert page.status_code == 200
    assert MISMATCH in text_of(page)
    password = input_of(page, "password")
    assert "value" not in password
    assert password["aria-invalid"] == "true"
    assert password["aria-describedby"] == "id_password_error"
    assert 'id="id_password_error"' in page.content.decode()
    assert "<title>Error: Enter your password" in page.content.decode()


def test_a_disabled_user_is_told_nothing_else(cognito: Any, pool_id: str, visitor: Visitor, ana: str) -> None:
    cognito.admin_disable_user(UserPoolId=pool_id, Username=ana)

    assert MISMATCH in text_of(visitor.post("login", username=ana, password=PASSWORD))


def test_after_many_wrong_passwords_the_page_asks_to_wait(visitor: Visitor, ana: str) -> None:
    for _ in range(6):
        visitor.post("login", username=ana, password="Wrong-Passw0rd")

    page = visitor.post("login", username=ana, password=PASSWORD)

    assert "Too many tries. Wait a while, then try again." in text_of(page)


def test_an_empty_password_is_asked_for_again(visitor: Visitor, ana: str) -> None:
    page = visitor.post("login", username=ana, password="")

    assert "Fill this in." in text_of(page)
    assert HostedSession.objects.count() == 0


def test_only_the_password_tells_that_an_account_waits_for_its_code(cognito: Any, visitor: Visitor) -> None:
    sign_up(cognito, visitor.client_id, "ana", email="ana@example.com")

    pages = [
        text_of(visitor.post("login", username=name, password="Wrong-passw0rd")).replace(name, "…")
        for name in ("ana", "nobody")
    ]

    assert pages[0] == pages[1]


def test_an_unconfirmed_user_is_led_to_the_code(cognito: Any, visitor: Visitor) -> None:
    sign_up(cognito, visitor.client_id, "ana", email="ana@example.com")

    page = visitor.follow(visitor.post("login", username="ana", password=PASSWORD))

    assert "Confirm your account first" in text_of(page)
    assert has_input(page, "code")
    assert not has_input(page, "username")
    # The note is shown once.
    assert "Confirm your account first" not in text_of(visitor.get("confirm"))


def test_who_has_to_reset_the_password_is_led_there(
    cognito: Any, pool_id: str, visitor: Visitor, ana: str
) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id, Username=ana, UserAttributes=[{"Name": "email_verified", "Value": "true"}]
    )
    User.objects.filter(username=ana).update(status=User.Status.RESET_REQUIRED)

    page = visitor.follow(visitor.post("login", username=ana, password=PASSWORD))

    assert heading_of(page) == "Reset your password"
    assert "Your password has to be changed" in text_of(page)
    assert input_of(page, "username")["value"] == ana


class TestTemporaryPassword:
    @pytest.fixture
    def pool_id(self, cognito: Any) -> str:
        required = [{"Name": "given_name", "AttributeDataType": "String", "Required": True, "Mutable": True}]
        return hosted_pool(cognito, Schema=required)

    @pytest.fixture
    def page(self, cognito: Any, pool_id: str, visitor: Visitor) -> Any:
        invite(cognito, pool_id, "ana", {"email": "ana@example.com"}, TemporaryPassword=PASSWORD)
        return visitor.post("login", username="ana", password=PASSWORD)

    def test_a_new_one_is_asked_for_with_what_is_missing(self, page: Any) -> None:
        assert heading_of(page) == "Choose a new password"
        assert input_of(page, "password")["autocomplete"] == "new-password"
        assert input_of(page, "given_name")["autocomplete"] == "given-name"
        assert "8 characters or more" in text_of(page)

    def test_it_signs_in(self, cognito: Any, pool_id: str, visitor: Visitor, page: Any) -> None:
        response = self.choose(visitor, page, password=NEW_PASSWORD)

        assert answer_to_app(response)["code"]
        assert status_of(cognito, pool_id, "ana") == "CONFIRMED"

    def test_an_unfit_one_can_be_mended(self, visitor: Visitor, page: Any) -> None:
        again = self.choose(visitor, page, password="short")

        assert "Make it longer" in text_of(again)
        assert input_of(again, "given_name")["value"] == "Ana"
        assert answer_to_app(self.choose(visitor, again, password=NEW_PASSWORD))["code"]

    def test_after_too_long_it_begins_again(self, visitor: Visitor, page: Any) -> None:
        with time_machine.travel(clock.now() + timedelta(minutes=4), tick=False):
            back = visitor.follow(self.choose(visitor, page, password=NEW_PASSWORD))

            assert "That took too long. Sign in again." in text_of(back)

    def test_a_name_that_no_user_can_have_is_asked_for_again(self, visitor: Visitor, page: Any) -> None:
        again = self.choose(visitor, page, password=NEW_PASSWORD, name="a" * 100_000)

        assert again.status_code == 200
        assert "That is too long." in text_of(again)
        assert not has_input(again, "given_name")

    def choose(self, visitor: Visitor, page: Any, *, password: str, name: str = "ana") -> Any:
        return visitor.post(
            "login",
            username=name,
            session=input_of(page, "session")["value"],
            missing=input_of(page, "missing")["value"],
            given_name="Ana",
            password=password,
        )


def test_an_address_that_is_not_registered_gets_nothing(visitor: Visitor) -> None:
    visitor.more["redirect_uri"] = "https://evil.example.com/"

    response = visitor.get("login")

    assert response.status_code == 302
    assert response["Location"].startswith(f"/{PREFIX}/error?error=redirect_mismatch")
    page = visitor.follow(response)
    assert page.status_code == 400
    assert "not among the app client's callback" in text_of(page)


def test_the_request_is_checked_at_every_step(visitor: Visitor, ana: str) -> None:
    visitor.more["redirect_uri"] = "https://evil.example.com/"

    response = visitor.post("login", username=ana, password=PASSWORD)

    assert "error=redirect_mismatch" in response["Location"]
    assert HostedSession.objects.count() == 0


def test_a_client_of_another_pool_is_unknown_here(cognito: Any, visitor: Visitor) -> None:
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    visitor.client_id = hosted_client(cognito, other)

    assert "error=invalid_request" in visitor.get("login")["Location"]


def test_a_fault_in_the_request_goes_back_to_the_app(visitor: Visitor) -> None:
    visitor.more["scope"] = "openid everything"

    response = visitor.get("login")

    assert response["Location"].startswith(f"{APP}?error_description=invalid_scope")


def test_an_unknown_prefix_has_no_page(visitor: Visitor) -> None:
    assert visitor.http.get(f"/nobodys/login?{visitor.query}").status_code == 404


def test_the_label_says_what_signs_in(cognito: Any) -> None:
    pool_id = hosted_pool(cognito, UsernameAttributes=["email"])

    page = Visitor(hosted_client(cognito, pool_id)).get("login")

    assert ">Email</label>" in page.content.decode()
    assert input_of(page, "username")["type"] == "email"
