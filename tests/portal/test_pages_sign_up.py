"""The pages to create an account: what is asked, the code, sending it again, the link of a mail."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives

from identity.core import clock
from identity.userpools.models import User
from tests import mailbox
from tests.portal.visitor import (
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
from tests.userpools.people import PASSWORD, settled, status_of

BAD_CODE = "That code doesn't fit or has expired. Check it, or send a new one."
ANA = {"username": "ana", "email": "ana@example.com", "password": PASSWORD}


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return hosted_pool(cognito)


@pytest.fixture
def visitor(cognito: Any, pool_id: str) -> Visitor:
    return Visitor(hosted_client(cognito, pool_id))


def test_the_whole_way_from_the_account_to_the_app(cognito: Any, pool_id: str, visitor: Visitor) -> None:
    page = visitor.follow(visitor.post("signup", **ANA))
    assert heading_of(page) == "Check your email"
    assert "We sent a 6-digit code to <b>a•••@e•••</b>. It works for 24 hours." in page.content.decode()
    code = input_of(page, "code")
    assert (code["autocomplete"], code["inputmode"]) == ("one-time-code", "numeric")

    digits = mailbox.last_code()
    page = visitor.follow(visitor.post("confirm", code=f" {digits[:3]}-{digits[3:]} "))
    assert "Your account is confirmed. Sign in with it." in text_of(page)
    assert heading_of(page) == "Enter your password"
    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"

    assert answer_to_app(visitor.post("login", username="ana", password=PASSWORD))["code"]


def test_what_a_code_can_be_sent_to_is_asked_for(visitor: Visitor) -> None:
    page = visitor.get("signup")

    assert heading_of(page) == "Create your account"
    assert input_of(page, "username")["autocomplete"] == "username"
    assert (input_of(page, "email")["type"], input_of(page, "email")["autocomplete"]) == ("email", "email")
    assert input_of(page, "password")["autocomplete"] == "new-password"
    assert "autofocus" in input_of(page, "username")


def test_the_rules_of_the_pool_are_listed(cognito: Any) -> None:
    policy = {
        "MinimumLength": 10,
        "RequireUppercase": False,
        "RequireLowercase": True,
        "RequireNumbers": False,
        "RequireSymbols": True,
    }
    pool_id = hosted_pool(cognito, Policies={"PasswordPolicy": policy})

    words = text_of(Visitor(hosted_client(cognito, pool_id)).get("signup"))

    assert "10 characters or more" in words
    assert "A lower-case letter" in words
    assert "A symbol, like - or ?" in words
    assert "A number" not in words


def test_required_attributes_are_asked_for_and_stored(cognito: Any) -> None:
    required = [
        {"Name": name, "AttributeDataType": "String", "Required": True, "Mutable": True}
        for name in ("name", "birthdate", "phone_number")
    ]
    pool_id = hosted_pool(cognito, Schema=required, AutoVerifiedAttributes=["phone_number"])
    visitor = Visitor(hosted_client(cognito, pool_id))
    page = visitor.get("signup")
    assert input_of(page, "name")["autocomplete"] == "name"
    assert input_of(page, "birthdate")["autocomplete"] == "bday"
    assert input_of(page, "phone_number")["autocomplete"] == "tel"
    assert not has_input(page, "email")

    page = visitor.follow(
        visitor.post(
            "signup",
            username="ana",
            password=PASSWORD,
            name="Ana",
            birthdate="1990-05-17",
            phone_number="+49 (30) 123-456.78",
        )
    )

    assert heading_of(page) == "Check your messages"
    attributes = User.objects.get(username="ana").attributes
    assert attributes["phone_number"] == "+493012345678"
    assert (attributes["name"], attributes["birthdate"]) == ("Ana", "1990-05-17")


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"password": "short"}, "password", "Make it longer: see the rules below."),
        ({"password": "alllowercase1!"}, "password", "Add an upper-case letter."),
        ({"password": "NoNumbers!!"}, "password", "Add a number."),
        ({"password": "NoSymbols123"}, "password", "Add a symbol, like - or ?."),
        ({"password": " Passw0rd! "}, "password", "without a blank at the beginning or the end"),
        ({"email": "not an address"}, "email", "Enter a whole address, like ada@example.com."),
        ({"email": ""}, "email", "Fill this in."),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_the_rest_is_kept(
    visitor: Visitor, changed: dict[str, str], field: str, words: str
) -> None:
    page = visitor.post("signup", **{**ANA, **changed})

    assert words in text_of(page)
    wrong = input_of(page, field)
    assert wrong["aria-invalid"] == "true"
    assert f"id_{field}_error" in wrong["aria-describedby"]
    assert "autofocus" in wrong
    assert input_of(page, "username")["value"] == "ana"
    assert "value" not in input_of(page, "password")
    assert f'<a href="#id_{field}">' in page.content.decode()
    assert not User.objects.exists()


def test_a_username_that_is_taken_is_said(cognito: Any, pool_id: str, visitor: Visitor) -> None:
    settled(cognito, pool_id, "ana", email="ana@example.com")

    page = visitor.post("signup", **ANA)

    assert "That name is taken. Choose another." in text_of(page)


class TestAddressesAsNames:
    """Whether an address has an account here is nobody else's business."""

    @pytest.fixture
    def pool_id(self, cognito: Any) -> str:
        return hosted_pool(cognito, UsernameAttributes=["email"])

    def test_a_new_and_a_known_address_look_the_same(
        self, cognito: Any, pool_id: str, visitor: Visitor
    ) -> None:
        settled(cognito, pool_id, "known@example.com")
        known, new = Visitor(visitor.client_id), Visitor(visitor.client_id)

        pages = [
            each.follow(each.post("signup", username=name, password=PASSWORD))
            for each, name in ((known, "known@example.com"), (new, "kevin@example.com"))
        ]

        assert text_of(pages[0]) == text_of(pages[1])
        assert "If that address is new here, a 6-digit code is on its way to k•••@e•••" in text_of(pages[0])
        assert [mail.to for mail in mailbox.mails()] == [["kevin@example.com"]]
        answers = [text_of(each.post("confirm", code="000000")) for each in (known, new)]
        assert answers[0] == answers[1]
        assert BAD_CODE in answers[0]

    def test_sending_again_looks_the_same_too(self, cognito: Any, pool_id: str, visitor: Visitor) -> None:
        settled(cognito, pool_id, "known@example.com")
        known, new = Visitor(visitor.client_id), Visitor(visitor.client_id)
        for each, name in ((known, "known@example.com"), (new, "kevin@example.com")):
            each.post("signup", username=name, password=PASSWORD)
        with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
            pages = [text_of(each.follow(each.post("resendcode"))) for each in (known, new)]

            assert pages[0] == pages[1]
            assert "A new code is on its way." in pages[0]
            assert [mail.to for mail in mailbox.mails()] == [["kevin@example.com"]] * 2

    def test_the_name_is_an_email_field(self, visitor: Visitor) -> None:
        page = visitor.get("signup")

        assert (input_of(page, "username")["type"], input_of(page, "username")["autocomplete"]) == (
            "email",
            "email",
        )
        assert not has_input(page, "email")


def test_a_wrong_code_can_be_mended_and_is_not_shown_again(visitor: Visitor) -> None:
    visitor.post("signup", **ANA)

    page = visitor.post("confirm", code="000000")

    assert BAD_CODE in text_of(page)
    assert "value" not in input_of(page, "code")
    assert visitor.post("confirm", code=mailbox.last_code()).status_code == 302


def test_a_visitor_without_memory_is_asked_for_the_name(cognito: Any, pool_id: str, visitor: Visitor) -> None:
    visitor.post("signup", **ANA)
    elsewhere = Visitor(visitor.client_id)

    page = elsewhere.get("confirm")
    assert has_input(page, "username")
    elsewhere.post("confirm", username="ana", code=mailbox.last_code())

    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"


def test_a_code_is_sent_again_after_a_while(visitor: Visitor) -> None:
    visitor.post("signup", **ANA)
    first = mailbox.last_code()
    soon = visitor.follow(visitor.post("resendcode"))
    assert "A code was just sent. Wait a moment" in text_of(soon)
    assert len(mailbox.mails()) == 1

    with time_machine.travel(clock.now() + timedelta(seconds=31), tick=False):
        later = visitor.follow(visitor.post("resendcode"))

        assert "A new code is on its way." in text_of(later)
        assert len(mailbox.mails()) == 2
        if first != mailbox.last_code():
            assert BAD_CODE in text_of(visitor.post("confirm", code=first))


@pytest.mark.parametrize("hidden", ["ENABLED", "LEGACY"])
def test_asking_for_a_code_tells_nobody_who_exists(cognito: Any, pool_id: str, hidden: str) -> None:
    client_id = hosted_client(cognito, pool_id, PreventUserExistenceErrors=hidden)
    Visitor(client_id).post("signup", **ANA)

    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        pages = []
        for name in ("ana", "nobody"):
            each = Visitor(client_id)
            pages.append(text_of(each.follow(each.post("resendcode", username=name))).replace(name, "…"))

    assert pages[0] == pages[1]
    assert all("A new code is on its way." in page for page in pages)


def test_a_pool_of_invited_people_has_no_sign_up(cognito: Any) -> None:
    pool_id = hosted_pool(cognito, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    visitor = Visitor(hosted_client(cognito, pool_id))

    assert "Create an account" not in text_of(visitor.get("login"))
    page = visitor.post("signup", **ANA)
    assert page.status_code == 403
    assert not User.objects.exists()


def test_a_pool_that_confirms_nobody_says_that_an_administrator_must(cognito: Any) -> None:
    pool_id = hosted_pool(cognito, AutoVerifiedAttributes=[])
    visitor = Visitor(hosted_client(cognito, pool_id))

    page = visitor.follow(visitor.post("signup", username="ana", password=PASSWORD))

    assert "An administrator has to confirm it" in text_of(page)


@pytest.fixture
def refusing(settings: Any) -> str:
    """The ARN of a trigger that refuses."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:refuse"
    triggers = {arn: "tests.portal.test_pages_sign_up.refuse"}
    settings.IDENTITY = {**settings.IDENTITY, "TRIGGERS": triggers}
    return arn


def test_a_trigger_that_refuses_speaks_to_the_person(cognito: Any, refusing: str) -> None:
    pool_id = hosted_pool(cognito, LambdaConfig={"PreSignUp": refusing})
    visitor = Visitor(hosted_client(cognito, pool_id))

    page = visitor.post("signup", **ANA)

    assert "Only for members of the club" in text_of(page)
    assert not User.objects.exists()


def test_a_trigger_that_is_told_afterwards_stops_nobody(cognito: Any, refusing: str) -> None:
    pool_id = hosted_pool(cognito, LambdaConfig={"PostConfirmation": refusing})
    visitor = Visitor(hosted_client(cognito, pool_id))
    visitor.post("signup", **ANA)

    page = visitor.follow(visitor.post("confirm", code=mailbox.last_code()))

    assert heading_of(page) == "Enter your password"
    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"


def refuse(event: Any, context: Any = None) -> Any:
    raise ValueError("Only for members of the club")


class TestLink:
    @pytest.fixture
    def pool_id(self, cognito: Any) -> str:
        return hosted_pool(cognito, VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"})

    @pytest.fixture
    def link(self, visitor: Visitor) -> str:
        visitor.post("signup", **ANA)
        mail = mailbox.last_mail()
        assert isinstance(mail, EmailMultiAlternatives)
        found = re.search(r'href=[\'"]?([^\'" >]+confirmUser[^\'" >]+)', str(mail.alternatives[0][0]))
        assert found
        address = html.unescape(found[1])
        return f"/{PREFIX}/" + address[address.index("confirmUser") :]

    def test_it_confirms_by_being_opened(
        self, cognito: Any, pool_id: str, visitor: Visitor, link: str
    ) -> None:
        page = visitor.http.get(link)

        assert page.status_code == 200
        assert heading_of(page) == "Your account is confirmed"
        assert status_of(cognito, pool_id, "ana") == "CONFIRMED"

    def test_a_scanner_that_only_looks_spends_nothing(self, visitor: Visitor, link: str) -> None:
        assert visitor.http.head(link).status_code == 405

        assert visitor.http.get(link).status_code == 200

    def test_it_works_once(self, visitor: Visitor, link: str) -> None:
        visitor.http.get(link)

        page = visitor.http.get(link)

        assert page.status_code == 400
        assert heading_of(page) == "That link has expired or was used"

    def test_a_forged_one_confirms_nobody(
        self, cognito: Any, pool_id: str, visitor: Visitor, link: str
    ) -> None:
        page = visitor.http.get(link[:-1] + ("0" if link[-1] != "0" else "1"))

        assert page.status_code == 400
        assert status_of(cognito, pool_id, "ana") == "UNCONFIRMED"

    def test_an_incomplete_one_says_so(self, visitor: Visitor) -> None:
        page = visitor.http.get(f"/{PREFIX}/confirmUser?client_id={visitor.client_id}")

        assert page.status_code == 400
        assert heading_of(page) == "This link doesn't work"
