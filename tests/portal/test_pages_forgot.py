"""A forgotten password at the pages."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from identity.core import clock
from tests import mailbox
from tests.portal.visitor import (
    Visitor,
    answer_to_app,
    has_input,
    heading_of,
    hosted_client,
    hosted_pool,
    input_of,
    text_of,
)
from tests.userpools.people import NEW_PASSWORD, PASSWORD, settled

BAD_CODE = "That code doesn't fit or has expired. Check it, or send a new one."


@pytest.fixture
def pool_id(cognito: Any) -> str:
    recovery = {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]}
    return hosted_pool(cognito, AccountRecoverySetting=recovery)


@pytest.fixture
def visitor(cognito: Any, pool_id: str) -> Visitor:
    return Visitor(hosted_client(cognito, pool_id))


@pytest.fixture
def ana(cognito: Any, pool_id: str) -> str:
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    return "ana"


def test_the_whole_way_to_a_new_password(visitor: Visitor, ana: str) -> None:
    page = visitor.follow(visitor.post("forgotPassword", username=ana))
    assert heading_of(page) == "Choose a new password"
    assert "If ana has an account with a confirmed email or phone, a 6-digit code is on its way" in text_of(
        page
    )
    assert input_of(page, "password")["autocomplete"] == "new-password"
    assert not has_input(page, "username")

    page = visitor.follow(
        visitor.post("confirmforgotPassword", code=mailbox.last_code(), password=NEW_PASSWORD)
    )
    assert "Your password is changed. Sign in with it." in text_of(page)

    assert answer_to_app(visitor.post("login", username=ana, password=NEW_PASSWORD))["code"]


def test_the_name_typed_at_sign_in_need_not_be_typed_again(visitor: Visitor, ana: str) -> None:
    visitor.post("login", username=ana)

    assert input_of(visitor.get("forgotPassword"), "username")["value"] == ana


@pytest.mark.parametrize("hidden", ["ENABLED", "LEGACY"])
def test_nobody_learns_who_has_an_account(cognito: Any, pool_id: str, ana: str, hidden: str) -> None:
    settled(cognito, pool_id, "unverified", email="u@example.com")
    client_id = hosted_client(cognito, pool_id, PreventUserExistenceErrors=hidden)
    asked, answered = [], []
    for name in (ana, "nobody", "unverified"):
        each = Visitor(client_id)
        asked.append(text_of(each.follow(each.post("forgotPassword", username=name))).replace(name, "…"))
        page = each.post("confirmforgotPassword", code="000000", password=NEW_PASSWORD)
        answered.append(text_of(page).replace(name, "…"))

    assert len(set(asked)) == 1
    assert len(set(answered)) == 1
    assert BAD_CODE in answered[0]
    assert [mail.to for mail in mailbox.mails()] == [["ana@example.com"]]


def test_a_weak_password_keeps_the_code_good(visitor: Visitor, ana: str) -> None:
    visitor.post("forgotPassword", username=ana)

    page = visitor.post("confirmforgotPassword", code=mailbox.last_code(), password="short")
    assert "Make it longer" in text_of(page)

    done = visitor.post("confirmforgotPassword", code=mailbox.last_code(), password=NEW_PASSWORD)
    assert done.status_code == 302


def test_asking_twice_in_a_moment_sends_once(visitor: Visitor, ana: str) -> None:
    visitor.post("forgotPassword", username=ana)
    soon = visitor.follow(visitor.post("forgotPassword", username=ana))
    assert "A code was just sent." in text_of(soon)
    assert len(mailbox.mails()) == 1

    with time_machine.travel(clock.now() + timedelta(seconds=31), tick=False):
        later = visitor.follow(visitor.post("forgotPassword", username=ana))

        assert "A new code is on its way." in text_of(later)
        assert len(mailbox.mails()) == 2


def test_where_administrators_reset_there_is_no_such_page(cognito: Any) -> None:
    admin_only = {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]}
    pool_id = hosted_pool(cognito, AccountRecoverySetting=admin_only)
    visitor = Visitor(hosted_client(cognito, pool_id))

    assert "Forgot password?" not in text_of(visitor.post("login", username="ana"))
    assert visitor.get("forgotPassword").status_code == 403


def test_the_old_password_is_gone(visitor: Visitor, ana: str) -> None:
    visitor.post("forgotPassword", username=ana)
    visitor.post("confirmforgotPassword", code=mailbox.last_code(), password=NEW_PASSWORD)

    assert "don't match" in text_of(visitor.post("login", username=ana, password=PASSWORD))
