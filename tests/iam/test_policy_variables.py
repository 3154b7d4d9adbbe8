"""Policy variables: where they stand, what they become, what happens without them."""

import pytest

from tests.iam.documents import allow, deny, holds, is_allowed

pytestmark = pytest.mark.core_suite

CONTEXT = {"aws:username": "ana", "aws:PrincipalTag/team": "blue", "many": ["a", "b"], "star": "a*"}
HOME = "arn:aws:s3:::home/${aws:username}/*"


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        (HOME, "arn:aws:s3:::home/ana/file", True),
        (HOME, "arn:aws:s3:::home/ben/file", False),
        ("arn:aws:s3:::${AWS:Username}", "arn:aws:s3:::ana", True),
        ("arn:aws:s3:::${aws:PrincipalTag/team}-${aws:username}", "arn:aws:s3:::blue-ana", True),
        ("arn:aws:s3:::${none, 'shared'}/x", "arn:aws:s3:::shared/x", True),
        ("arn:aws:s3:::${aws:username, 'shared'}/x", "arn:aws:s3:::ana/x", True),
        ("arn:aws:s3:::${none}", "arn:aws:s3:::${none}", False),
        ("arn:aws:s3:::${none}", "arn:aws:s3:::", False),
        ("arn:aws:s3:::${many}", "arn:aws:s3:::a", False),  # multi-valued keys can't be used
        ("arn:aws:s3:::${many, 'd'}", "arn:aws:s3:::d", True),
        ("arn:aws:s3:::${*}", "arn:aws:s3:::*", True),
        ("arn:aws:s3:::${*}", "arn:aws:s3:::x", False),
        ("arn:aws:s3:::${?}", "arn:aws:s3:::?", True),
        ("arn:aws:s3:::${?}", "arn:aws:s3:::x", False),
        ("arn:aws:s3:::${$}{aws:username}", "arn:aws:s3:::${aws:username}", True),
        ("arn:aws:s3:::${star}", "arn:aws:s3:::a*", True),
        ("arn:aws:s3:::${star}", "arn:aws:s3:::abc", False),  # its own star is literal
        ("arn:aws:s3:::$x", "arn:aws:s3:::$x", True),
    ],
)
def test_in_resources(pattern, resource, matches):
    assert is_allowed(allow(resource=pattern), resource=resource, context=CONTEXT) is matches


def test_an_unset_variable_excludes_nothing_from_not_resource():
    statement = {"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::${none}"]}

    assert not is_allowed(allow(), statement, resource="arn:aws:s3:::x", context=CONTEXT)


@pytest.mark.parametrize(
    ("operator", "value", "given", "expected"),
    [
        ("StringEquals", "${aws:username}", "ana", True),
        ("StringEquals", "x-${aws:username}", "x-ana", True),
        ("StringEquals", "${aws:username}", "ben", False),
        ("StringEquals", ["ben", "${aws:username}"], "ben", True),
        ("StringEqualsIgnoreCase", "${aws:username}", "ANA", True),
        ("StringLike", "${aws:username}*", "ana-1", True),
        ("StringLike", "${star}", "abc", False),
        ("StringLike", "${star}", "a*", True),
        ("StringLike", "a${*}", "a*", True),
        ("StringLike", "a${*}", "abc", False),
        ("StringEquals", "a${*}", "a*", True),
        ("StringEquals", "${none}", "", False),
        ("StringEquals", "${none, 'd'}", "d", True),
        ("StringNotEquals", "${none}", "x", True),
        ("StringNotLike", "${none}", "x", True),
        ("StringNotEquals", "${aws:username}", "ana", False),
        ("ArnLike", "arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/ana", True),
        ("ArnLike", "${arn}", "arn:aws:iam::1:user/x", True),
        ("ArnNotLike", "arn:aws:iam::1:user/${none}", "arn:aws:iam::1:user/ana", True),
        ("Bool", "${aws:username}", "ana", False),  # no variables there: literal text
    ],
)
def test_in_conditions(operator, value, given, expected):
    context = {**CONTEXT, "arn": "arn:aws:iam::1:user/x", "k": given}

    assert holds(operator, value, context) is expected


def test_the_old_version_takes_them_as_text():
    statement = allow(resource="arn:aws:s3:::${aws:username}")

    assert not is_allowed(statement, resource="arn:aws:s3:::ana", context=CONTEXT, version="2008-10-17")
    assert is_allowed(
        statement, resource="arn:aws:s3:::${aws:username}", context=CONTEXT, version="2008-10-17"
    )
    assert holds("StringEquals", "${aws:username}", {"k": "${aws:username}"}, version="2008-10-17")
    assert not holds("StringLike", "${aws:username}", {**CONTEXT, "k": "ana"}, version="2008-10-17")


def test_a_deny_with_a_variable_follows_the_caller():
    others = deny(resource="arn:aws:s3:::home/${aws:username}/locked")

    assert not is_allowed(allow(), others, resource="arn:aws:s3:::home/ana/locked", context=CONTEXT)
    assert is_allowed(allow(), others, resource="arn:aws:s3:::home/ben/locked", context=CONTEXT)
