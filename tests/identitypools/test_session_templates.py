"""Session policies with variables: what is filled in, and what must not be."""

import json
from typing import Any

import pytest

from identity.iam.policy import MalformedPolicy
from identity.identitypools import session_templates
from identity.identitypools.session_templates import Unfillable, check, fill, values

pytestmark = pytest.mark.core_suite

IDENTITY = "us-east-1:11111111-2222-4333-8444-555555555555"
POOL = "us-east-1:99999999-2222-4333-8444-555555555555"


def template(resource: Any, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def filled(resource: Any, tags: dict[str, str] | None = None, **more: Any) -> Any:
    text = template(resource, **more)
    check(text)
    return json.loads(fill(text, values(IDENTITY, POOL, tags or {})))["Statement"][0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${cognito-identity.amazonaws.com:sub}", IDENTITY),
        ("${cognito-identity.amazonaws.com:SUB}", IDENTITY),
        ("${cognito-identity.amazonaws.com:aud}", POOL),
        ("${identity-portal:uuid}", "11111111-2222-4333-8444-555555555555"),
        ("${aws:PrincipalTag/team}", "red"),
        ("${aws:principaltag/Team}", "red"),
        ("${aws:PrincipalTag/none, 'nobody'}", "nobody"),
        ("${aws:PrincipalTag/team, 'nobody'}", "red"),
        ("${aws:username}", "${aws:username}"),
        ("${*}", "${*}"),
    ],
)
def test_what_a_variable_becomes(written: str, meant: str) -> None:
    shown = filled(f"arn:aws:s3:::b/{written}/*", {"team": "red"})

    assert shown["Resource"] == f"arn:aws:s3:::b/{meant}/*"


def test_conditions_are_filled_too_and_lists_member_by_member() -> None:
    prefix = "${cognito-identity.amazonaws.com:sub}/*"

    shown = filled(
        ["arn:aws:s3:::a", f"arn:aws:s3:::{prefix}"], Condition={"StringLike": {"s3:prefix": [prefix]}}
    )

    assert shown["Resource"] == ["arn:aws:s3:::a", f"arn:aws:s3:::{IDENTITY}/*"]
    assert shown["Condition"] == {"StringLike": {"s3:prefix": [f"{IDENTITY}/*"]}}


def test_a_value_is_text_whatever_it_looks_like_in_json() -> None:
    shown = filled("arn:aws:s3:::b/${aws:PrincipalTag/name}", {"name": 'a","Resource":"b\\'})

    assert shown["Resource"] == 'arn:aws:s3:::b/a","Resource":"b\\'


@pytest.mark.parametrize("value", ["*", "a?", "${aws:username}", "a\n", "a\x00", "\ud800"])
def test_values_that_mean_something_to_an_engine_are_refused(value: str) -> None:
    with pytest.raises(Unfillable):
        filled("arn:aws:s3:::b/${aws:PrincipalTag/name}", {"name": value})


def test_a_variable_without_value_is_refused_rather_than_left_open() -> None:
    with pytest.raises(Unfillable, match="principaltag/name"):
        filled("arn:aws:s3:::b/${aws:PrincipalTag/name}")


@pytest.mark.parametrize("name", ["cognito-identity.amazonaws.com:amr", "identity-portal:other"])
def test_a_variable_of_ours_that_doesnt_exist_is_refused_when_written(name: str) -> None:
    with pytest.raises(MalformedPolicy, match="There is no variable"):
        check(template(f"arn:aws:s3:::b/${{{name}}}"))


def test_an_escaped_brace_hides_no_variable() -> None:
    text = template("arn:aws:s3:::b/$VAR").replace("$VAR", r"$\u007bcognito-identity.amazonaws.com:amr}")

    with pytest.raises(MalformedPolicy, match="There is no variable"):
        check(text)


def test_the_variables_of_a_template_are_found() -> None:
    text = template("${aws:PrincipalTag/A}${cognito-identity.amazonaws.com:sub}${aws:username}")

    assert session_templates.names(text) == {"aws:principaltag/a", "cognito-identity.amazonaws.com:sub"}
