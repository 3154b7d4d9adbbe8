"""Why a verdict is what it is: matched statements and missing context."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.iam import policy
from identity.iam.policy import Matched, PolicyType, Principal, PrincipalKind, Request, decide, explain
from tests.iam.documents import ACCOUNT, allow, deny, document, identity_policy
from tests.iam.test_policy_properties import POLICIES, REQUESTS

pytestmark = pytest.mark.core_suite

USER = Principal(PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/ana", ACCOUNT)
WEB = Principal(PrincipalKind.WEB_IDENTITY, "cognito-identity.amazonaws.com")
NOTE = "arn:aws:notes:us-east-1:000000000000:note/ana/1"


def ask(context=None, principal=USER, **policies):
    return explain(Request("notes:Get", NOTE, context or {}, principal), **policies)


def resource_policy(*statements):
    return policy.parse(document(*statements), kind="resource")


def test_every_statement_that_applies_is_named_with_its_place():
    explanation = ask(
        identity=[
            identity_policy(allow("other:*"), allow("notes:*", Sid="Notes")),
            identity_policy(deny("notes:Get", Sid="Never"), deny("notes:Put")),
        ],
        boundary=identity_policy(allow()),
        sessions=[identity_policy(allow("other:*")), identity_policy(allow("notes:Get"))],
        resource_policies=[resource_policy(allow(Principal="*"), allow(Principal={"AWS": "1" * 12}))],
    )

    assert explanation.matched == (
        Matched(PolicyType.IDENTITY, 0, 1, "Notes", allows=True),
        Matched(PolicyType.IDENTITY, 1, 0, "Never", allows=False),
        Matched(PolicyType.RESOURCE, 0, 0, "", allows=True),
        Matched(PolicyType.BOUNDARY, 0, 0, "", allows=True),
        Matched(PolicyType.SESSION, 1, 0, "", allows=True),
    )
    assert explanation.decision.explicit_deny
    assert explanation.decision.sid == "Never"


def test_nothing_applies():
    explanation = ask(identity=[identity_policy(allow("other:*"))])

    assert explanation.matched == ()
    assert explanation.missing_context == ()
    assert explanation.decision.ending == "because no identity-based policy allows the notes:Get action"


def test_everyone_does_not_mean_a_token_of_some_provider():
    everyone = resource_policy(allow(Principal="*"), deny("notes:Put", Principal="*"))

    assert ask(principal=WEB, resource_policies=[everyone]).matched == ()


@pytest.mark.parametrize(
    ("statement", "context", "missing"),
    [
        (allow(Condition={"StringEquals": {"aws:Tag/A": "1"}}), {}, ("aws:Tag/A",)),
        (allow(Condition={"StringEquals": {"aws:Tag/A": "1"}}), {"AWS:tag/a": "2"}, ()),
        (allow(Condition={"StringEqualsIfExists": {"k": "1"}, "Null": {"n": "true"}}), {}, ("k", "n")),
        (allow(Condition={"StringLike": {"k": "${v}-${w, 'd'}-${*}"}}), {"k": "x"}, ("v", "w")),
        (allow(Condition={"NumericEquals": {"k": 1}, "Bool": {"b": "${v}"}}), {}, ("k", "b")),
        (allow(resource="arn:aws:notes:*:*:note/${aws:username}/*"), {}, ("aws:username",)),
        (allow(resource="arn:aws:notes:*:*:note/${aws:username}/*"), {"aws:username": "ana"}, ()),
        (allow(resource="arn:aws:notes:*:*:note/${K}/${k}"), {}, ("K",)),
        # a resource that can't be meant, whatever the variable's value, asks for nothing
        (allow(resource="arn:aws:notes:*:*:book/${aws:username}"), {}, ()),
        (allow(resource=["arn:aws:notes:*:*:book/${v}", "arn:aws:notes:*:*:note/${w}"]), {}, ("w",)),
        (allow("notes:Put", Condition={"StringEquals": {"k": "1"}}), {}, ()),
        (
            {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:notes:*:*:book/${v}"},
            {},
            ("v",),
        ),
        (
            {"Effect": "Deny", "Action": "*", "NotResource": NOTE, "Condition": {"Null": {"k": "true"}}},
            {},
            (),
        ),
    ],
)
def test_context_that_was_asked_for_but_not_given(statement, context, missing):
    assert ask(context, identity=[identity_policy(statement)]).missing_context == missing


def test_the_old_version_knows_no_variables():
    old = identity_policy(allow(Condition={"StringEquals": {"k": "${v}"}}), version="2008-10-17")

    assert ask(identity=[old]).missing_context == ("k",)


def test_all_keys_of_a_document():
    keys = policy.context_keys(
        document(
            allow(resource="arn:aws:s3:::${aws:username}/${x, 'y'}"),
            deny(Condition={"StringLike": {"aws:UserName": "*", "s3:prefix": ["a", "${cognito:sub}/*"]}}),
        )
    )

    assert keys == {"aws:username", "x", "s3:prefix", "cognito:sub"}


def test_all_keys_of_a_trust_policy_and_of_no_policy():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    statement["Condition"] = {"StringEquals": {"sts:ExternalId": "1"}}

    assert policy.context_keys(document(statement), kind="trust") == {"sts:ExternalId"}
    with pytest.raises(policy.MalformedPolicy):
        policy.context_keys("{")


@settings(max_examples=100)
@given(
    REQUESTS, st.lists(POLICIES, max_size=2), st.none() | POLICIES, st.none() | st.lists(POLICIES, max_size=2)
)
def test_the_decision_is_decides_and_the_matches_bear_it_out(request, identity, boundary, sessions):
    asked = Request(*request)
    policies = {
        "identity": [policy.parse(one) for one in identity],
        "boundary": policy.parse(boundary) if boundary else None,
        "sessions": None if sessions is None else [policy.parse(one) for one in sessions],
    }

    explanation = explain(asked, **policies)

    decision = decide(asked, **policies)
    assert explanation.decision == decision
    assert decision.explicit_deny is any(not one.allows for one in explanation.matched)
    if decision.allowed:
        assert {PolicyType.IDENTITY} <= {one.type for one in explanation.matched}
