"""What only racing connections show: one name has one owner, one code one use, no change is lost."""

import collections
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connection

from identity.core.models import Event
from identity.userpools import hourly
from identity.userpools.models import Alias, Code, User, UserSession
from tests import aws, mailbox
from tests.userpools.people import (
    NEW_PASSWORD,
    access_token,
    confirm,
    get,
    listed,
    make_client,
    make_pool,
    settled,
    sign_up,
    status_of,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("needs_postgres"),
]

THREADS = 20


def race(deeds: list[Callable[[], Any]]) -> collections.Counter[str]:
    """Do all at once, each thread with a connection of its own; how often each outcome came ("" is success)."""

    def outcome(deed: Callable[[], Any]) -> str:
        try:
            deed()
        except ClientError as refused:
            return str(refused.response["Error"]["Code"])
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(THREADS) as threads:
        return collections.Counter(threads.map(outcome, deeds))


def app() -> Any:
    """A client as an app has it, without keys; one for each deed, since a test client isn't for two threads."""
    return aws.client("cognito-idp")


def test_two_hundred_sign_ups_of_one_username_make_one_user(
    cognito: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hourly, "CODES_TO_ONE_ADDRESS", 1_000)
    pool_id = make_pool(cognito)
    client_id = make_client(cognito, pool_id)

    outcomes = race([lambda: sign_up(app(), client_id, "ana", email="ana@example.com")] * 200)

    assert outcomes == {"": 1, "UsernameExistsException": 199}
    assert User.objects.filter(pool_id=pool_id).count() == 1
    assert Alias.objects.filter(pool_id=pool_id).count() == 1
    assert len(mailbox.mails()) == 1


def test_sign_ups_of_one_address_make_one_user(cognito: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourly, "CODES_TO_ONE_ADDRESS", 1_000)
    pool_id = make_pool(cognito, UsernameAttributes=["email"])
    client_id = make_client(cognito, pool_id)

    outcomes = race([lambda: sign_up(app(), client_id, "ana@example.com")] * 60)

    assert outcomes == {"": 1, "UsernameExistsException": 59}
    assert User.objects.filter(pool_id=pool_id).count() == 1


def test_two_hundred_tries_of_one_code_confirm_once(cognito: Any) -> None:
    pool_id = make_pool(cognito)
    client_id = make_client(cognito, pool_id)
    sign_up(cognito, client_id, "ana", email="ana@example.com")
    code = mailbox.last_code()

    outcomes = race([lambda: confirm(app(), client_id, "ana", code)] * 200)

    assert outcomes[""] == 1
    assert outcomes.keys() <= {
        "",
        "LimitExceededException",
        "ExpiredCodeException",
        "NotAuthorizedException",
    }
    assert Event.objects.filter(tag="userpools:user:confirmed").count() == 1
    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"


def test_the_code_alone_decides_even_without_the_limit(cognito: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hourly.LIMITS, hourly.Action.CONFIRM_FORGOT_PASSWORD, 1_000)
    pool_id = make_pool(cognito)
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    cognito.forgot_password(ClientId=client_id, Username="ana")
    code = mailbox.last_code()

    def recover() -> None:
        app().confirm_forgot_password(
            ClientId=client_id, Username="ana", ConfirmationCode=code, Password=NEW_PASSWORD
        )

    outcomes = race([recover] * 60)

    assert outcomes == {"": 1, "ExpiredCodeException": 59}
    assert Event.objects.filter(tag="userpools:password:recovered").count() == 1


def test_no_guess_is_free(cognito: Any) -> None:
    client_id = make_client(cognito, make_pool(cognito))
    sign_up(cognito, client_id, "ana", email="ana@example.com")

    outcomes = race([lambda: confirm(app(), client_id, "ana", "x")] * 60)

    assert outcomes == {"CodeMismatchException": 15, "LimitExceededException": 45}
    assert Code.objects.get().attempts == 15


def test_an_alias_has_one_owner(cognito: Any) -> None:
    pool_id = make_pool(cognito, AliasAttributes=["email"])
    client_id = make_client(cognito, pool_id)
    codes = {}
    for number in range(12):
        sign_up(cognito, client_id, f"u{number}", email="ana@example.com")
        codes[f"u{number}"] = mailbox.last_code()

    def deed(name: str, code: str) -> Callable[[], Any]:
        return lambda: confirm(app(), client_id, name, code)

    outcomes = race([deed(name, code) for name, code in codes.items()])

    assert outcomes == {"": 1, "AliasExistsException": 11}
    owner = get(cognito, pool_id, "ana@example.com")
    assert owner["UserStatus"] == "CONFIRMED"
    assert User.objects.filter(pool_id=pool_id, status="CONFIRMED").count() == 1


def test_changes_of_one_user_are_not_lost(cognito: Any) -> None:
    names = [f"a{number}" for number in range(20)]
    schema = [{"Name": name, "AttributeDataType": "String"} for name in names]
    pool_id = make_pool(cognito, Schema=schema)
    settled(cognito, pool_id, "ana")
    token = access_token(cognito, make_client(cognito, pool_id), "ana")

    def deed(name: str) -> Callable[[], Any]:
        changes = listed({f"custom:{name}": "x"})
        return lambda: app().update_user_attributes(AccessToken=token, UserAttributes=changes)

    outcomes = race([deed(name) for name in names])

    assert outcomes == {"": 20}
    user = User.objects.get(pool_id=pool_id)
    assert user.attributes.keys() == {f"custom:{name}" for name in names}


def test_a_user_has_one_code_however_often_it_is_sent(cognito: Any) -> None:
    pool_id = make_pool(cognito, AutoVerifiedAttributes=[])
    settled(cognito, pool_id, "ana", email="ana@example.com")
    token = access_token(cognito, make_client(cognito, pool_id), "ana")

    def ask() -> None:
        app().get_user_attribute_verification_code(AccessToken=token, AttributeName="email")

    outcomes = race([ask] * 12)

    assert outcomes == {"": 5, "LimitExceededException": 7}
    assert Code.objects.count() == 1


@pytest.mark.parametrize("ending", ["disable", "recover"])
def test_no_sign_in_outlives_what_ends_them(cognito: Any, ending: str) -> None:
    pool_id = make_pool(cognito)
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    cognito.forgot_password(ClientId=client_id, Username="ana")
    code = mailbox.last_code()

    def end() -> None:
        if ending == "disable":
            cognito.admin_disable_user(UserPoolId=pool_id, Username="ana")
        else:
            cognito.confirm_forgot_password(
                ClientId=client_id, Username="ana", ConfirmationCode=code, Password=NEW_PASSWORD
            )

    attempts: list[Callable[[], Any]] = [lambda: access_token(app(), client_id, "ana")] * 30
    outcomes = race([*attempts[:10], end, *attempts[10:]])

    assert outcomes.keys() <= {"", "NotAuthorizedException"}
    assert outcomes[""] >= 1
    assert not UserSession.objects.filter(revoked_at__isnull=True).exists()
