"""ListUsers: the filter's grammar, what each attribute compares, order, pages."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from identity.core import clock
from identity.userpools import user_search
from identity.userpools.errors import InvalidParameter
from identity.userpools.user_search import Clause
from tests.userpools.people import invite, make_client, make_pool, sign_up

pytestmark = pytest.mark.core_suite


@pytest.fixture
def pool_id(cognito: Any) -> str:
    """Three invited users and one who signed up; Bob is disabled."""
    pool_id = make_pool(cognito, AutoVerifiedAttributes=[])
    invite(cognito, pool_id, "ana", {"email": "Ana@Example.com", "given_name": "Ana", "family_name": "Cruz"})
    invite(cognito, pool_id, "Bob", {"email": "bob@example.com", "given_name": "ANATOL"})
    invite(cognito, pool_id, "bo%b", {"phone_number": "+15555550123", "name": 'The "boss"'})
    sign_up(cognito, make_client(cognito, pool_id), "zoe", email="zoe@other.example", preferred_username="Z")
    cognito.admin_disable_user(UserPoolId=pool_id, Username="Bob")
    return pool_id


def found(cognito: Any, pool_id: str, filter_text: str, **more: Any) -> list[str]:
    users = cognito.list_users(UserPoolId=pool_id, Filter=filter_text, **more)["Users"]
    return [user["Username"] for user in users]


@pytest.mark.parametrize(
    ("filter_text", "usernames"),
    [
        ("", ["ana", "Bob", "bo%b", "zoe"]),
        ("  ", ["ana", "Bob", "bo%b", "zoe"]),
        ('username = "ana"', ["ana"]),
        ('username="Ana"', []),
        ('username ^= "b"', ["bo%b"]),
        ('username ^= "bo%"', ["bo%b"]),
        ('username ^= "b_"', []),
        ('email = "ana@example.COM"', ["ana"]),
        ('email ^= "b"', ["Bob"]),
        ('email ^= ""', ["ana", "Bob", "zoe"]),
        ('email = ""', []),
        ('given_name ^= "an"', ["ana", "Bob"]),
        ('given_name = "an"', []),
        ('family_name="cruz"', ["ana"]),
        ('phone_number ^= "+1"', ["bo%b"]),
        ('preferred_username = "z"', ["zoe"]),
        (r'name = "the \"boss\""', ["bo%b"]),
        ('cognito:user_status = "unconfirmed"', ["zoe"]),
        ('cognito:user_status ^= "FORCE"', ["ana", "Bob", "bo%b"]),
        ('cognito:user_status = "ARCHIVED"', []),
        ('status = "Disabled"', ["Bob"]),
        ('status = "disabled"', []),
        ('status ^= "En"', ["ana", "bo%b", "zoe"]),
        ('sub = "x"', []),
        ('sub ^= "zz"', []),
    ],
)
def test_what_a_filter_finds(cognito: Any, pool_id: str, filter_text: str, usernames: list[str]) -> None:
    assert found(cognito, pool_id, filter_text) == usernames


def test_a_user_is_found_by_sub(cognito: Any, pool_id: str) -> None:
    sub = cognito.admin_get_user(UserPoolId=pool_id, Username="ana")["UserAttributes"][0]["Value"]

    assert found(cognito, pool_id, f'sub = "{sub}"') == ["ana"]
    assert "ana" in found(cognito, pool_id, f'sub ^= "{sub[:10]}"')
    assert found(cognito, pool_id, f'sub = "{sub[:10]}"') == []
    assert found(cognito, pool_id, f'sub ^= "{sub[:8]}x"') == []


@pytest.mark.parametrize(
    "filter_text",
    [
        "email",
        "email = ana",
        "email = 'ana'",
        'email == "ana"',
        'email > "a"',
        'email = "a" or name = "b"',
        'email = "a',
        '= "a"',
    ],
)
def test_the_grammar_is_one_clause(cognito: Any, pool_id: str, filter_text: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        found(cognito, pool_id, filter_text)

    assert refused.value.response["Error"]["Message"] == "Error while parsing filter"


@pytest.mark.parametrize("name", ["custom:team", "nickname", "password", "pool_id", "Email"])
def test_few_attributes_can_be_searched(cognito: Any, pool_id: str, name: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
        found(cognito, pool_id, f'{name} = "x"')

    assert refused.value.response["Error"]["Message"] == f"Invalid search attribute: {name}"


@given(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40))
def test_every_value_can_be_quoted(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')

    assert user_search.parse(f'email ^= "{quoted}"') == Clause("email", value, is_prefix=True)


@given(st.text(max_size=60))
def test_any_text_is_a_clause_or_a_refusal(text: str) -> None:
    try:
        clause = user_search.parse(text)
    except InvalidParameter:
        return
    assert clause is None or clause.attribute in user_search.SEARCHABLE


def test_an_item_has_the_shape_of_a_user(cognito: Any, pool_id: str) -> None:
    (user,) = cognito.list_users(UserPoolId=pool_id, Filter='username = "ana"')["Users"]

    assert user.keys() == {
        "Username",
        "Attributes",
        "UserCreateDate",
        "UserLastModifiedDate",
        "Enabled",
        "UserStatus",
    }
    names = [each["Name"] for each in user["Attributes"]]
    assert names == ["sub", "email", "given_name", "family_name"]


def test_attributes_can_be_chosen(cognito: Any, pool_id: str) -> None:
    users = cognito.list_users(UserPoolId=pool_id, AttributesToGet=["given_name", "nickname"])["Users"]
    assert [each["Attributes"] for each in users] == [
        [{"Name": "given_name", "Value": "Ana"}],
        [{"Name": "given_name", "Value": "ANATOL"}],
        [],
        [],
    ]
    everything = cognito.list_users(UserPoolId=pool_id, AttributesToGet=[])["Users"]
    assert {"Name": "email", "Value": "Ana@Example.com"} in everything[0]["Attributes"]
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.list_users(UserPoolId=pool_id, AttributesToGet=["custom:none"])


@pytest.mark.parametrize("filter_text", ["", 'email ^= "u"', 'cognito:user_status = "FORCE_CHANGE_PASSWORD"'])
def test_pages_hold_everybody_once(cognito: Any, filter_text: str) -> None:
    pool_id = make_pool(cognito)
    expected = [f"u{number}" for number in range(5)]
    for name in expected:
        invite(cognito, pool_id, name, {"email": f"{name}@example.com"})

    seen: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = cognito.list_users(UserPoolId=pool_id, Filter=filter_text, Limit=2, **more)
        seen += [user["Username"] for user in page["Users"]]
        if "PaginationToken" not in page:
            break
        more = {"PaginationToken": page["PaginationToken"]}

    assert seen == expected


def test_zero_is_the_default_limit(cognito: Any, pool_id: str) -> None:
    assert len(found(cognito, pool_id, "", Limit=0)) == 4


def test_a_token_belongs_to_its_query_and_hour(cognito: Any, pool_id: str) -> None:
    token = cognito.list_users(UserPoolId=pool_id, Limit=1)["PaginationToken"]

    for more in (
        {"Filter": 'email ^= "a"', "PaginationToken": token},
        {"PaginationToken": f"{token}x"},
        {"PaginationToken": "x"},
    ):
        with pytest.raises(cognito.exceptions.InvalidParameterException) as refused:
            cognito.list_users(UserPoolId=pool_id, **more)
        assert refused.value.response["Error"]["Message"] == "Invalid pagination token"
    with (
        time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)),
        pytest.raises(cognito.exceptions.InvalidParameterException),
    ):
        cognito.list_users(UserPoolId=pool_id, PaginationToken=token)


def test_a_page_takes_one_query_for_its_users(
    cognito: Any, pool_id: str, django_assert_max_num_queries: Any
) -> None:
    cognito.list_users(UserPoolId=pool_id)

    with django_assert_max_num_queries(6) as counted:
        cognito.list_users(UserPoolId=pool_id, Filter='email ^= "a"')

    # Django cannot show statements that PostgreSQL keeps.
    shown = [each["sql"] or "" for each in counted.captured_queries]
    assert sum('FROM "identity_userpools_user"' in sql for sql in shown) == 1
