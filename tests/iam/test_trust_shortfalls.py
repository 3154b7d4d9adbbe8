"""What a trust policy lacks to let an identity in, said element by element."""

import json
from typing import Any

import pytest

from identity.iam import policy

COGNITO = "cognito-identity.amazonaws.com"
ACTION = "sts:AssumeRoleWithWebIdentity"


def statement(**changed: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": ACTION,
        "Condition": {
            "StringEquals": {f"{COGNITO}:aud": "us-east-1:mine"},
            "ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"},
        },
        **changed,
    }


def shortfalls(*statements: dict[str, Any], action: str = ACTION, **context: Any) -> list[tuple[Any, ...]]:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    keys = {f"{COGNITO}:aud": "us-east-1:mine", f"{COGNITO}:amr": ["authenticated", "x"], **context}
    principal = policy.Principal(policy.PrincipalKind.WEB_IDENTITY, COGNITO)
    request = policy.Request(action, "arn:aws:iam::000000000000:role/r", keys, principal)
    return [(one.number, one.denies, *one.reasons) for one in policy.shortfalls(document, request)]


def test_a_statement_that_fits_lacks_nothing() -> None:
    assert shortfalls(statement()) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"Principal": {"Federated": "accounts.google.com"}},
            f'Principal {{"Federated": "accounts.google.com"}} does not name {COGNITO}.',
        ),
        ({"Principal": "*"}, f'Principal "*" does not name {COGNITO}.'),
        ({"Action": "sts:TagSession"}, f'Action "sts:TagSession" does not cover {ACTION}.'),
        (
            {"Condition": {"StringEquals": {f"{COGNITO}:aud": ["a", "b"]}}},
            f'StringEquals {COGNITO}:aud: wanted ["a", "b"], there is "us-east-1:mine".',
        ),
        (
            {"Condition": {"StringEquals": {f"{COGNITO}:aud": "us-east-1:mine", "aws:RequestTag/x": "y"}}},
            'StringEquals aws:RequestTag/x: wanted "y", there is none.',
        ),
        (
            {
                "Condition": {
                    "StringEquals": {f"{COGNITO}:aud": "us-east-1:mine"},
                    "ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"},
                }
            },
            f'ForAnyValue:StringLike {COGNITO}:amr: wanted "unauthenticated", there is ["authenticated", "x"].',
        ),
    ],
)
def test_each_element_that_does_not_fit_is_named(changed: dict[str, Any], reason: str) -> None:
    assert shortfalls(statement(**changed)) == [(1, False, reason)]


def test_a_deny_that_fits_is_named_and_one_that_does_not_is_none() -> None:
    away = {"Condition": {"StringEquals": {f"{COGNITO}:aud": "us-east-1:other"}}}

    found = shortfalls(statement(), statement(Effect="Deny"), statement(Effect="Deny", **away))

    assert found == [(2, True, "It denies this explicitly.")]


def test_a_session_with_tags_needs_a_right_more() -> None:
    found = shortfalls(statement(), action="sts:TagSession")

    assert found == [(1, False, f'Action "{ACTION}" does not cover sts:TagSession.')]
