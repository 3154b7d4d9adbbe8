"""Which documents are policies at all."""

import json

import pytest

from identity.iam import policy
from identity.iam.policy import MalformedPolicy, compiled
from tests.iam.documents import allow, document, trust

pytestmark = pytest.mark.core_suite

CONDITION = {"StringEquals": {"aws:username": "ana"}}


def refused(given, kind="identity", **options):
    with pytest.raises(MalformedPolicy) as caught:
        policy.parse(given, kind=kind, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        document(allow()),
        {"Statement": allow()},
        document(allow(), version="2008-10-17"),
        document(allow("s3:Get*", ["arn:aws:s3:::a", "arn:aws:s3:::b/*"], Sid="One", Condition=CONDITION)),
        document({"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::a"}),
        document(allow(Condition={})),
        document(allow(Condition={"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"x": 3}})),
        document(allow("*:*")),
    ],
)
def test_well_formed_documents_parse(given):
    policy.parse(given)
    policy.parse(json.dumps(given, indent=4))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[]", "must be an object"),
        ("[" * 5000, "not valid JSON"),
        ('{"Statement": NaN}', "not valid JSON"),
        ('{"Statement": ' + "9" * 5000 + "}", "not valid JSON"),
        ("null", "must be an object"),
        ("{}", "Statement"),
        ('{"Statement": []}', "Statement"),
        ('{"Statement": ["x"]}', "Statement"),
        ({"Version": "2012-10-18", "Statement": [allow()]}, "Version"),
        ({"Version": None, "Statement": [allow()]}, "Version"),
        ({"version": "2012-10-17", "Statement": [allow()]}, "'version'"),
        ({"Id": "x", "Statement": [allow()]}, "'Id'"),
        (document({**allow(), "Extra": 1}), "'Extra'"),
        (document(allow(Sid="not alnum")), "alpha-numeric"),
        (document(allow(Sid=7)), "alpha-numeric"),
        (document(allow(Sid="A"), allow(Sid="A")), "unique"),
        (document({**allow(), "Effect": "allow"}), "Effect"),
        (document({"Action": "*", "Resource": "*"}), "Effect"),
        (document({"Effect": "Allow", "Resource": "*"}), "actions"),
        (document(allow(action=[])), "actions"),
        (document({**allow(), "NotAction": "*"}), "exclude"),
        (document({"Effect": "Allow", "Action": "*"}), "resources"),
        (document(allow(resource=[])), "resources"),
        (document({**allow(), "NotResource": "*"}), "exclude"),
        (document(allow(action=3)), "Action"),
        (document(allow(action="ListBuckets")), "prefaced by a vendor"),
        (document(allow(action="s3:")), "prefaced by a vendor"),
        (document(allow(action="s3:Get:x")), "one colon"),
        (document(allow(resource={"a": 1})), "Resource"),
        (document(allow(resource="bucket")), "ARN format"),
        (document(allow(resource="arn")), "ARN format"),
        (document(allow(resource="arn:aws:s*:::a")), "service"),
        (document(allow(resource="arn:aws:*")), "service"),
        (document(allow(resource="arn:aws:s3:${aws:RequestedRegion}::a")), "fifth colon"),
        (document(allow(resource="arn:aws:s3:::${aws:username")), "variable"),
        (document(allow(resource="arn:aws:s3:::${}")), "variable"),
        (document(allow(Principal="*")), "should not specify a principal"),
        (document(allow(NotPrincipal="*")), "should not specify a principal"),
        (document(allow(Condition=[])), "Condition"),
        (document(allow(Condition={"StringEquals": "x"})), "Condition"),
        (document(allow(Condition={"StringEquals": {"k": {"a": 1}}})), "Condition"),
        (document(allow(Condition={"StringEquals": {"k": None}})), "Condition"),
        (document(allow(Condition={"StringMatches": {"k": "x"}})), "StringMatches"),
        (document(allow(Condition={"ForSomeValues:StringEquals": {"k": "x"}})), "ForSomeValues"),
        (document(allow(Condition={"NullIfExists": {"k": "true"}})), "NullIfExists"),
        (document(allow(Condition={"Null": {"k": "maybe"}})), "Null"),
        (document(allow(Condition={"NumericEquals": {"k": "ten"}})), "'ten'"),
        (document(allow(Condition={"DateLessThan": {"k": "yesterday"}})), "'yesterday'"),
        (document(allow(Condition={"DateLessThan": {"k": "9" * 30}})), "Invalid value"),
        (document(allow(Condition={"IpAddress": {"k": "10.0.0.0/33"}})), "10.0.0.0/33"),
        (document(allow(Condition={"BinaryEquals": {"k": "?"}})), "Invalid value"),
        (document(allow(Condition={"StringEquals": {"k": "${aws:username, ana}"}})), "variable"),
    ],
)
def test_malformed_documents_are_refused_by_name(given, words):
    assert words in refused(given)


def test_duplicate_keys_are_malformed_at_any_depth():
    text = json.dumps(document(allow()))

    assert "duplicate key 'Action'" in refused(text.replace('"Resource"', '"Action": "s3:*", "Resource"'))
    assert "duplicate key 'Version'" in refused('{"Version": "2012-10-17",' + text[1:])


@pytest.mark.parametrize(
    ("kind", "limit"), [("identity", 10_240), ("trust", 4_096), ("session", 2_048), ("boundary", 6_144)]
)
def test_size_counts_without_white_space(kind, limit):
    statement = allow("sts:AssumeRole")
    if kind == "trust":
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}
    bare = document({**statement, "Sid": ""})
    room = limit - policy.size(json.dumps(bare))
    bare["Statement"][0]["Sid"] = "a" * room

    policy.parse(json.dumps(bare, indent=30), kind=kind)
    bare["Statement"][0]["Sid"] += "a"
    assert str(limit) in refused(json.dumps(bare), kind=kind)
    policy.parse(json.dumps(bare), kind=kind, limit=limit + 1)


def test_a_huge_document_of_white_space_is_refused():
    assert "larger" in refused(json.dumps(document(allow())) + " " * 200_000)


def test_resource_policies_need_a_principal_and_may_carry_any_sid_and_an_id():
    policy.parse(
        {"Id": "x", **document(allow(Principal={"AWS": "*"}, Sid="with blanks"))},
        kind="resource",
    )
    policy.parse(document(allow(NotPrincipal={"AWS": "123456789012"})), kind="resource")

    assert "principal" in refused(document(allow()), kind="resource")
    assert "resources" in refused(
        document({"Effect": "Allow", "Principal": "*", "Action": "*"}), kind="resource"
    )


@pytest.mark.parametrize(
    "principal",
    [
        {},
        [],
        "someone",
        {"Aws": "*"},
        {"AWS": []},
        {"AWS": [7]},
        {"AWS": "12345"},
        {"AWS": "arn:aws:iam::123456789012:role/*"},
        {"AWS": "arn:aws:iam::123456789012:group/x"},
        {"AWS": "arn:aws:sts::123456789012:assumed-role/x"},
        {"AWS": "arn:aws:iam::123456789012:user/a?"},
        {"Federated": "*"},
        {"Federated": ""},
        {"Service": "*.amazonaws.com"},
    ],
)
def test_unusable_principals_are_refused(principal):
    words = refused(document(allow(Principal=principal)), kind="resource")

    assert "principal" in words


def test_trust_policies_name_a_principal_and_no_resource():
    policy.parse(trust({"AWS": "123456789012"}), kind="trust")
    policy.parse(
        trust({"Service": "lambda.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"]), kind="trust"
    )

    assert "prohibited field Resource" in refused(
        document(allow("sts:AssumeRole", Principal="*")), kind="trust"
    )
    assert "prohibited field NotPrincipal" in refused(
        document({"Effect": "Deny", "Action": "sts:AssumeRole", "NotPrincipal": "*"}), kind="trust"
    )
    assert "only specify STS" in refused(trust("*", "s3:GetObject"), kind="trust")
    assert "principal" in refused(document({"Effect": "Allow", "Action": "sts:AssumeRole"}), kind="trust")


def test_trusting_identity_pools_needs_a_condition_on_the_pool():
    cognito = {"Federated": "cognito-identity.amazonaws.com"}
    action = "sts:AssumeRoleWithWebIdentity"
    key = "cognito-identity.amazonaws.com:AUD"

    policy.parse(trust(cognito, action, StringEquals={key: "us-east-1:x"}), kind="trust")
    policy.parse(trust(cognito, action, effect="Deny"), kind="trust")
    assert "aud" in refused(trust(cognito, action), kind="trust")
    assert "aud" in refused(
        trust(cognito, action, StringEquals={"cognito-identity.amazonaws.com:sub": "x"}), kind="trust"
    )


def test_one_text_is_compiled_once_and_the_cache_is_bounded():
    text = json.dumps(document(allow("once:Only")))

    assert policy.parse(text) is policy.parse(text)
    info = compiled._remembered.cache_info()
    assert info.maxsize == compiled.CACHED_POLICIES


def test_a_document_padded_beyond_reason_is_not_kept():
    padded = json.dumps(document(allow())) + " " * compiled.CACHED_LENGTH

    assert policy.parse(padded) is not policy.parse(padded)


def test_what_strangers_bring_takes_no_place_in_the_cache():
    text = json.dumps(document(allow("strangers:Only")))

    before = compiled._remembered.cache_info().currsize
    policy.parse(text, remember=False)

    assert compiled._remembered.cache_info().currsize == before


@pytest.mark.parametrize("element", ['"Principal": %s', '"Principal": {"AWS": %s}', '"Condition": %s'])
def test_no_depth_of_nesting_is_more_than_refused(element):
    """Python's limits on recursion differ for reading JSON and for showing it."""
    for depth in range(8, 1_000, 8):
        deep = "[" * depth + "]" * depth
        text = f'{{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole", {element % deep}}}}}'
        with pytest.raises(policy.MalformedPolicy):
            policy.parse(text, kind="trust")
