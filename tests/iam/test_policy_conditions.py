"""Every condition operator, with its wildcards, sets, absent keys and ``IfExists``."""

from datetime import UTC, datetime

import pytest

from identity.iam.policy.conditions import OPERATORS
from tests.iam.documents import allow, holds, is_allowed

pytestmark = pytest.mark.core_suite

ROLE = "arn:aws:iam::123456789012:role/team/Admin"

TABLE = [
    # operator, policy values, request value, holds
    ("StringEquals", "ana", "ana", True),
    ("StringEquals", "ana", "Ana", False),
    ("StringEquals", "a*", "ana", False),
    ("StringEquals", ["ben", "ana"], "ana", True),
    ("StringEquals", [], "ana", False),
    ("StringNotEquals", "ana", "ana", False),
    ("StringNotEquals", "ana", "ben", True),
    ("StringNotEquals", ["ana", "ben"], "ben", False),
    ("StringNotEquals", [], "ben", True),
    ("StringEqualsIgnoreCase", "ANA", "ana", True),
    ("StringEqualsIgnoreCase", "ANA", "ben", False),
    ("StringNotEqualsIgnoreCase", "ANA", "ana", False),
    ("StringNotEqualsIgnoreCase", "ANA", "ben", True),
    ("StringLike", "a*", "ana", True),
    ("StringLike", "a?a", "ana", True),
    ("StringLike", "A*", "ana", False),
    ("StringLike", "a.a", "ana", False),
    ("StringLike", "[a]na", "ana", False),
    ("StringNotLike", "a*", "ana", False),
    ("StringNotLike", "b*", "ana", True),
    ("NumericEquals", 10, "10.0", True),
    ("NumericEquals", "10", "1e1", True),
    ("NumericEquals", "10", "ten", False),
    ("NumericEquals", "0.1", "0.1", True),
    ("NumericEquals", "9007199254740993", "9007199254740992", False),
    ("NumericNotEquals", 10, "10", False),
    ("NumericNotEquals", 10, "11", True),
    ("NumericLessThan", 10, "9.99", True),
    ("NumericLessThan", 10, "10", False),
    ("NumericLessThanEquals", 10, "10", True),
    ("NumericGreaterThan", 10, "10", False),
    ("NumericGreaterThan", -1, "0", True),
    ("NumericGreaterThanEquals", 10, "10", True),
    ("NumericGreaterThanEquals", 10, 9, False),
    ("DateEquals", "2026-01-02T03:04:05Z", "1767323045", True),
    ("DateEquals", "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05Z", True),
    ("DateEquals", "2026", "2026-01-01", True),
    ("DateEquals", "2026-02", "2026-02-01T00:00:00Z", True),
    ("DateNotEquals", "2026-01-02", "2026-01-02T00:00:00Z", False),
    ("DateLessThan", "2026-01-02", "2026-01-01T23:59:59.999Z", True),
    ("DateLessThan", "2026-01-02", "2026-01-02", False),
    ("DateLessThan", "2026-01-02", datetime(2026, 1, 1, tzinfo=UTC), True),
    ("DateLessThanEquals", "2026-01-02", "2026-01-02", True),
    ("DateGreaterThan", "2026-01-02", "2026-01-03", True),
    ("DateGreaterThan", "2026-01-02", "garbage", False),
    ("DateGreaterThanEquals", "2026-01-02", "2026-01-02", True),
    ("Bool", "true", "true", True),
    ("Bool", True, "TRUE", True),
    ("Bool", "true", True, True),
    ("Bool", "false", "true", False),
    ("Bool", ["true", "false"], "true", True),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("BinaryEquals", "QmluYXJ5", "b3RoZXI=", False),
    ("BinaryEquals", "QmluYXJ5", "not base64!", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
    ("IpAddress", "203.0.113.7/24", "203.0.113.9", True),
    ("IpAddress", "203.0.113.9", "203.0.113.9", True),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", True),
    ("IpAddress", "2001:db8::1", "2001:db8::2", False),
    ("IpAddress", "203.0.113.0/24", "::ffff:203.0.113.9", True),
    ("IpAddress", "203.0.113.0/24", "nowhere", False),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("ArnEquals", ROLE, ROLE, True),
    ("ArnLike", "arn:aws:iam::123456789012:role/*", ROLE, True),
    ("ArnEquals", "arn:aws:iam::*:role/team/?dmin", ROLE, True),
    ("ArnLike", "arn:aws:iam::123456789012:role/admin", ROLE, False),
    ("ArnLike", "arn:aws:iam:*:role/team/Admin", ROLE, False),
    ("ArnLike", "arn:*", ROLE, True),
    ("ArnLike", "*", "not an arn", False),
    ("ArnNotEquals", "arn:aws:iam::123456789012:role/*", ROLE, False),
    ("ArnNotLike", "arn:aws:iam::123456789012:user/*", ROLE, True),
    ("Null", "true", "x", False),
    ("Null", "false", "x", True),
    ("Null", False, "x", True),
    ("Null", "true", "", True),
    ("Null", "true", [], True),
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), TABLE)
def test_operator(operator, wanted, given, expected):
    assert holds(operator, wanted, {"k": given}) is expected


def test_the_table_has_every_operator():
    assert {row[0] for row in TABLE} == {*OPERATORS, "Null"}


VALUES = {
    "Numeric": "10",
    "Date": "2026-01-01",
    "Bool": "true",
    "Binary": "QQ==",
    "Ip": "10.0.0.0/8",
    "NotIp": "10.0.0.0/8",
    "Arn": ROLE,
    "String": "x",
}


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_an_absent_key(operator):
    value = next(value for start, value in VALUES.items() if operator.startswith(start))
    negated = "Not" in operator

    assert holds(operator, value, {}) is negated
    assert holds(operator + "IfExists", value, {}) is True
    assert holds(f"ForAllValues:{operator}", value, {}) is True
    assert holds(f"ForAllValues:{operator}", value, {"k": []}) is True
    assert holds(f"ForAnyValue:{operator}", value, {}) is False
    assert holds(f"ForAnyValue:{operator}", value, {"k": []}) is False
    assert holds(f"ForAnyValue:{operator}IfExists", value, {}) is True
    assert holds("Null", "true", {}) is True
    assert holds("Null", "false", {}) is False


def test_if_exists_still_compares_what_exists():
    assert holds("StringEqualsIfExists", "x", {"k": "x"})
    assert not holds("StringEqualsIfExists", "x", {"k": "y"})
    assert not holds("ForAnyValue:StringLikeIfExists", "x*", {"k": ["y"]})


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["c", "d"], False),
        ("ForAllValues:StringNotEquals", ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["c", "a"], False),
        ("ForAnyValue:StringNotEquals", ["c", "a"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAllValues:StringLike", ["a", "b"], True),
        ("ForAnyValue:StringEquals", "b", True),
        ("ForAnyValue:StringEquals", "", False),
        ("ForAllValues:StringEquals", "", True),
        ("StringEquals", ["c", "b"], True),  # no set prefix: as ForAnyValue
        ("StringNotEquals", ["c", "b"], True),
        ("StringNotEquals", ["a", "b"], False),
    ],
)
def test_sets_of_values(operator, given, expected):
    assert holds(operator, ["a", "b"], {"k": given}) is expected


def test_all_operators_and_keys_of_a_block_must_hold():
    block = {"StringEquals": {"a": "1", "b": ["2", "3"]}, "Bool": {"c": "true"}}
    statement = allow(Condition=block)

    assert is_allowed(statement, context={"a": "1", "b": "3", "c": "true"})
    for broken in ({"a": "2"}, {"b": "1"}, {"c": "false"}):
        assert not is_allowed(statement, context={"a": "1", "b": "3", "c": "true", **broken})


def test_key_names_ignore_case():
    assert holds("StringEquals", "x", {"AWS:UserName": "x"}, key="aws:username")
    assert holds("StringEquals", "x", {"aws:username": "x"}, key="aws:USERNAME")
