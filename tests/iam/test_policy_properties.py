"""The engine against a second, naive reading of the language."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.iam import policy
from identity.iam.policy import Request, decide
from tests.iam import naive_policy

pytestmark = pytest.mark.core_suite

LETTERS = "ab*?[.$/"
NAMES = st.text("abAB", min_size=1, max_size=3)
GLOBS = st.text("abAB*?", min_size=1, max_size=4)
ACTIONS = st.builds("{}:{}".format, st.sampled_from(["s", "t"]), NAMES)
ACTION_GLOBS = st.one_of(st.just("*"), st.builds("{}:{}".format, st.sampled_from(["s", "t", "*"]), GLOBS))
KEYS = ["k", "L", "aws:m"]
VARIABLES = st.sampled_from(
    ["${k}", "${l}", "${AWS:m}", "${gone}", "${gone, 'a'}", "${k, 'b'}", "${*}", "${?}", "${$}"]
)
TEXTS = st.lists(st.one_of(st.text(LETTERS.replace("$", ""), max_size=2), VARIABLES), max_size=3).map("".join)
RESOURCES = st.one_of(
    st.just("*"),
    st.builds(
        "arn:aws:s:{}:{}:{}".format,
        st.sampled_from(["", "r"]),
        st.sampled_from(["", "1"]),
        st.text("ab*:/", max_size=4),
    ),
)
RESOURCE_GLOBS = st.one_of(
    st.just("*"),
    st.just("arn:aws:s"),
    st.just("arn:*:s:r*"),
    st.builds(
        "arn:aws:s:{}:{}:{}".format,
        st.sampled_from(["", "r", "*", "?"]),
        st.sampled_from(["", "1", "*"]),
        TEXTS,
    ),
)
STRING_OPERATORS = [
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
]  # fmt: skip
NUMERIC_OPERATORS = [
    "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
    "NumericGreaterThanEquals",
]  # fmt: skip
PREFIXES = st.sampled_from(["", "ForAllValues:", "ForAnyValue:"])
SUFFIXES = st.sampled_from(["", "IfExists"])


def one_or_many(strategy):
    return st.one_of(strategy, st.lists(strategy, min_size=1, max_size=3))


def blocks(operators, values):
    name = st.builds("{}{}{}".format, PREFIXES, st.sampled_from(operators), SUFFIXES)
    return st.dictionaries(
        name, st.dictionaries(st.sampled_from(KEYS), one_or_many(values), max_size=2), max_size=2
    )


CONDITIONS = st.builds(
    lambda *all_blocks: {name: keys for block in all_blocks for name, keys in block.items()},
    blocks(STRING_OPERATORS, TEXTS),
    blocks(NUMERIC_OPERATORS, st.sampled_from(["1", "2", "2.0", "-3"])),
    st.dictionaries(
        st.just("Null"),
        st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["true", "false"]), max_size=1),
        max_size=1,
    ),
)
CONTEXTS = st.dictionaries(
    st.sampled_from(["K", "l", "aws:M"]),
    st.one_of(
        st.text("abAB*?1", min_size=1, max_size=3),
        st.sampled_from(["1", "2", "-3"]),
        st.lists(st.text("ab12*", min_size=1, max_size=2), max_size=3),
    ),
)
STATEMENTS = st.builds(
    lambda effect, action, actions, resource, resources, condition: {
        "Effect": effect, action: actions, resource: resources, **({"Condition": condition} if condition else {})
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Action", "Action", "NotAction"]),
    one_or_many(ACTION_GLOBS),
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    one_or_many(RESOURCE_GLOBS),
    CONDITIONS,
)  # fmt: skip
POLICIES = st.builds(
    lambda version, statements: {"Version": version, "Statement": statements},
    st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
    st.lists(STATEMENTS, min_size=1, max_size=3),
)
REQUESTS = st.tuples(ACTIONS, RESOURCES, CONTEXTS)


@settings(max_examples=200)
@given(REQUESTS, POLICIES)
def test_one_policy(request, one):
    expected = naive_policy.allowed(request, [one])

    assert decide(Request(*request), identity=[policy.parse(one)]).allowed is expected


@settings(max_examples=100)
@given(
    REQUESTS, st.lists(POLICIES, max_size=2), st.none() | POLICIES, st.none() | st.lists(POLICIES, max_size=2)
)
def test_all_layers(request, identity, boundary, sessions):
    expected = naive_policy.allowed(request, identity, boundary, sessions)

    decision = decide(
        Request(*request),
        identity=[policy.parse(one) for one in identity],
        boundary=policy.parse(boundary, kind="boundary") if boundary else None,
        sessions=None if sessions is None else [policy.parse(one, kind="session") for one in sessions],
    )

    assert decision.allowed is expected


@given(REQUESTS, st.lists(POLICIES, max_size=2), POLICIES)
def test_a_boundary_and_session_policies_never_add_rights(request, identity, extra):
    asked, held = Request(*request), [policy.parse(one) for one in identity]
    plain = decide(asked, identity=held).allowed

    assert not decide(asked, identity=held, boundary=policy.parse(extra)).allowed or plain
    assert not decide(asked, identity=held, sessions=[policy.parse(extra)]).allowed or plain


@given(st.text(max_size=60))
def test_parse_refuses_or_takes_but_never_breaks(text):
    with contextlib.suppress(policy.MalformedPolicy):
        policy.parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["Version", "Statement", "Effect", "Action", "Resource", "Condition", "Principal", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from(["identity", "resource", "trust", "session", "boundary"]))
def test_parse_survives_any_json(value, kind):
    document = {"Version": "2012-10-17", "Statement": value}
    with contextlib.suppress(policy.MalformedPolicy):
        policy.parse(document, kind=kind)
