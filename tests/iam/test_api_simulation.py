"""Simulations by the IAM API, with boto3: decisions, the statements that made them, what is missing."""

import json

import pytest

from identity.iam import holders, managed_policies, roles, users
from identity.iam.models import RolePolicy
from identity.iam.policy import positions
from tests import aws
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, deny, document, trust
from tests.iam.world import refused

pytestmark = pytest.mark.core_suite

NOTE = "arn:aws:notes:us-east-1:000000000000:note/1"
OTHER = "arn:aws:notes:us-east-1:000000000000:note/2"
FOREIGN = "arn:aws:notes:us-east-1:111111111111:note/1"


def text(*statements):
    return json.dumps(document(*statements))


def custom(iam, *policies, action="notes:Read", **given):
    answer = iam.simulate_custom_policy(PolicyInputList=list(policies), ActionNames=[action], **given)
    return answer["EvaluationResults"][0]


def principal(iam, arn, action="notes:Read", **given):
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], **given)
    return answer["EvaluationResults"][0]


def resource_policy(principal, effect="Allow"):
    return text({"Effect": effect, "Principal": principal, "Action": "notes:*", "Resource": "*"})


def decisions(result):
    return [each["EvalResourceDecision"] for each in result["ResourceSpecificResults"]]


@pytest.fixture
def ana(db):
    return world.user("ana", document(allow("notes:Read", NOTE)), tags={"team": "red"})[0]


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ([text(allow("notes:*"))], "allowed"),
        ([text(allow("other:*"))], "implicitDeny"),
        ([text(allow("*")), text(deny("notes:Read"))], "explicitDeny"),
    ],
)
def test_a_decision(iam, policies, expected):
    assert custom(iam, *policies)["EvalDecision"] == expected


def test_the_statement_that_decided_is_shown_with_its_place(iam):
    lines = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
    lines += '      "Action": "*",\n      "Resource": "*"\n    }\n  ]\n}'

    result = custom(iam, text(allow("other:*")), lines)

    assert result["MatchedStatements"] == [
        {
            "SourcePolicyId": "PolicyInputList.2",
            "SourcePolicyType": "IAM Policy",
            "StartPosition": {"Line": 3, "Column": 17},
            "EndPosition": {"Line": 8, "Column": 6},
        }
    ]


def test_of_a_denial_only_the_denying_statements_are_shown(iam):
    result = custom(iam, text(allow("*"), deny("notes:Write"), deny("notes:Read")))

    (only,) = result["MatchedStatements"]
    source = text(allow("*"), deny("notes:Write"), deny("notes:Read"))
    place, end = only["StartPosition"]["Column"] - 1, only["EndPosition"]["Column"] - 1
    assert json.loads(source[place:end]) == deny("notes:Read")


def test_every_resource_has_its_own_decision_and_the_strictest_is_on_top(iam):
    result = custom(iam, text(allow("notes:*", NOTE)), ResourceArns=[NOTE, OTHER])

    assert decisions(result) == ["allowed", "implicitDeny"]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MatchedStatements"] == []
    assert [len(each["MatchedStatements"]) for each in result["ResourceSpecificResults"]] == [1, 0]
    assert [each["EvalResourceName"] for each in result["ResourceSpecificResults"]] == [NOTE, OTHER]
    assert result["EvalDecisionDetails"] == {}
    assert "ResourceSpecificResults" not in custom(iam, text(allow("notes:*")))


def test_what_the_policies_ask_for_and_nobody_gave(iam):
    condition = {"StringEquals": {"notes:Owner": "${aws:username}"}}
    guarded = text(allow("notes:Read", Condition=condition))

    missing = custom(iam, guarded)
    entries = [
        {"ContextKeyName": "notes:owner", "ContextKeyValues": ["ana"], "ContextKeyType": "string"},
        {"ContextKeyName": "aws:username", "ContextKeyValues": ["ana"], "ContextKeyType": "string"},
    ]
    given = custom(iam, guarded, ContextEntries=entries)

    assert (missing["EvalDecision"], missing["MissingContextValues"]) == (
        "implicitDeny",
        ["notes:Owner", "aws:username"],
    )
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])


def test_lists_and_single_values_are_told_apart(iam):
    everyone = text(allow(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}))

    def given(kind, values):
        entry = {"ContextKeyName": "aws:TagKeys", "ContextKeyValues": values, "ContextKeyType": kind}
        return custom(iam, everyone, ContextEntries=[entry])["EvalDecision"]

    assert given("stringList", ["a", "b"]) == "allowed"
    assert given("stringList", ["a", "c"]) == "implicitDeny"
    entry = {"ContextKeyName": "aws:TagKeys", "ContextKeyValues": ["a", "b"], "ContextKeyType": "string"}
    refused(
        iam,
        "InvalidInput",
        iam.simulate_custom_policy,
        PolicyInputList=[everyone],
        ActionNames=["a:B"],
        ContextEntries=[entry],
    )


def test_a_boundary_is_told_of(iam):
    narrow, wide = text(allow("other:*")), text(allow("*"))

    inside = custom(iam, text(allow("notes:*")), PermissionsBoundaryPolicyInputList=[wide])
    outside = custom(iam, text(allow("notes:*")), PermissionsBoundaryPolicyInputList=[narrow])

    assert (inside["EvalDecision"], outside["EvalDecision"]) == ("allowed", "implicitDeny")
    assert inside["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    assert outside["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert [each["SourcePolicyType"] for each in inside["MatchedStatements"]] == [
        "IAM Policy",
        "Permissions Boundary Policy",
    ]


def test_a_users_policies_as_they_stand(iam, ana):
    managed = managed_policies.create("writers", document(allow("notes:Write")))
    users.attach(ana, managed)

    read = principal(iam, ana.arn, ResourceArns=[NOTE, OTHER])
    write = principal(iam, ana.arn, "notes:Write")

    assert decisions(read) == ["allowed", "implicitDeny"]
    (inline,) = read["ResourceSpecificResults"][0]["MatchedStatements"]
    assert inline["SourcePolicyId"] == "user_ana_policy0"
    assert [each["SourcePolicyId"] for each in write["MatchedStatements"]] == ["writers"]


def test_who_they_are_is_known(iam, ana):
    condition = {"StringEquals": {"aws:username": "ana", "aws:PrincipalTag/team": "red"}}
    guarded = text(allow("notes:Write", Condition=condition))
    blue = [
        {"ContextKeyName": "AWS:principaltag/TEAM", "ContextKeyValues": ["blue"], "ContextKeyType": "string"}
    ]

    assert principal(iam, ana.arn, "notes:Write", PolicyInputList=[guarded])["EvalDecision"] == "allowed"
    assert (
        principal(iam, ana.arn, "notes:Write", PolicyInputList=[guarded], ContextEntries=blue)["EvalDecision"]
        == "implicitDeny"
    )


def test_a_role_with_its_boundary(iam):
    boundary = managed_policies.create("most", document(allow("notes:Read")))
    role = world.pool_role("app", document(allow("notes:*")), permissions_boundary=boundary)

    assert principal(iam, role.arn)["EvalDecision"] == "allowed"
    outside = principal(iam, role.arn, "notes:Write")
    assert outside["EvalDecision"] == "implicitDeny"
    assert outside["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    other = principal(
        iam, role.arn, "notes:Write", PermissionsBoundaryPolicyInputList=[text(allow("notes:Write"))]
    )
    assert other["EvalDecision"] == "allowed"


@pytest.mark.parametrize(
    ("exclusion", "left"),
    [
        ({"PolicyType": "inline"}, {"user-managed", "aws-managed"}),
        ({"PolicyType": "user-managed"}, {"inline", "aws-managed"}),
        ({"PolicyType": "aws-managed"}, {"inline", "user-managed"}),
        ({"PolicyType": "scp"}, {"inline", "user-managed", "aws-managed"}),
        ({"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/read*"}, {"inline", "aws-managed"}),
        (
            {
                "InlinePolicyIdentifier": {
                    "PolicyName": "policy0",
                    "AttachmentType": "role",
                    "AttachmentName": "a?p",
                }
            },
            {"user-managed", "aws-managed"},
        ),
        (
            {
                "InlinePolicyIdentifier": {
                    "PolicyName": "policy0",
                    "AttachmentType": "user",
                    "AttachmentName": "*",
                }
            },
            {"inline", "user-managed", "aws-managed"},
        ),
    ],
)
def test_policies_can_be_left_out(iam, exclusion, left):
    role = world.pool_role("app", document(allow("notes:Read")))
    holders.attach(role, managed_policies.create("readers", document(allow("notes:Read"))))
    holders.attach(role, managed_policies.administrator_access())
    names = {"role_app_policy0": "inline", "readers": "user-managed", "AdministratorAccess": "aws-managed"}

    result = principal(iam, role.arn, PolicyExclusionList=[exclusion])

    assert {names[each["SourcePolicyId"]] for each in result["MatchedStatements"]} == left


@pytest.mark.parametrize(
    "exclusion",
    [
        {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/a*b*"},
        {"PolicyArn": "arn:aws:iam::*:policy/readers"},
        {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:role/readers"},
        {"PolicyArn": "x" * 20},
    ],
)
def test_an_exclusion_that_is_malformed(iam, ana, exclusion):
    refused(
        iam,
        "InvalidInput",
        iam.simulate_principal_policy,
        PolicySourceArn=ana.arn,
        ActionNames=["a:B"],
        PolicyExclusionList=[exclusion],
    )


def test_an_exclusion_is_of_one_kind(admin_key, ana):
    unchecked = aws.client("iam", access_key=admin_key[0], secret=admin_key[1], checked=False)
    both = {"PolicyType": "inline", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/a"}

    refused(
        unchecked,
        "InvalidInput",
        unchecked.simulate_principal_policy,
        PolicySourceArn=ana.arn,
        ActionNames=["a:B"],
        PolicyExclusionList=[both],
    )


def test_a_boundary_can_be_left_out(iam):
    boundary = managed_policies.create("most", document(allow("other:*")))
    role = world.pool_role("app", document(allow("notes:*")), permissions_boundary=boundary)

    result = principal(iam, role.arn, PolicyExclusionList=[{"PolicyType": "permission-boundary"}])

    assert result["EvalDecision"] == "allowed"
    assert "PermissionsBoundaryDecisionDetail" not in result


def test_a_resource_policy_lets_its_principal_in(iam, ana):
    naming = principal(
        iam, ana.arn, "notes:Write", ResourceArns=[NOTE], ResourcePolicy=resource_policy({"AWS": ana.arn})
    )
    other, _ = world.user("ben")
    naming_another = principal(
        iam, ana.arn, "notes:Write", ResourceArns=[NOTE], ResourcePolicy=resource_policy({"AWS": other.arn})
    )
    as_ben = principal(
        iam,
        ana.arn,
        "notes:Write",
        ResourceArns=[NOTE],
        ResourcePolicy=resource_policy({"AWS": other.arn}),
        CallerArn=other.arn,
    )

    assert (naming["EvalDecision"], naming_another["EvalDecision"]) == ("allowed", "implicitDeny")
    assert as_ben["EvalDecision"] == "allowed"
    assert [each["SourcePolicyType"] for each in naming["MatchedStatements"]] == ["Resource Policy"]


def test_of_the_caller_who_is_named_no_more_is_known_than_the_name(db):
    """Who may only simulate must not read others' tags and ids by their answers, nor who there is."""
    ana, _ = world.user("ana", tags={"team": "red"})
    _, key = world.user("low", document(allow("iam:SimulateCustomPolicy")))
    iam = aws.client("iam", access_key=key.key_id, secret=key.secret)

    def decided(condition, caller=ana.arn):
        guarded = text(allow("notes:Read", Condition={"StringEquals": condition}))
        return custom(iam, guarded, CallerArn=caller)["EvalDecision"]

    assert decided({"aws:username": "ana", "aws:PrincipalArn": ana.arn}) == "allowed"
    assert decided({"aws:PrincipalTag/team": "red"}) == "implicitDeny"
    assert decided({"aws:userid": ana.user_id}) == "implicitDeny"
    ghost = f"arn:aws:iam::{ACCOUNT}:role/ghost"
    assert decided({"aws:PrincipalArn": ghost}, ghost) == "allowed"


def test_whose_policies_are_asked_about_may_be_named_as_caller_too(iam, ana):
    guarded = text(allow("notes:Write", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}))

    result = principal(iam, ana.arn, "notes:Write", PolicyInputList=[guarded], CallerArn=ana.arn)

    assert result["EvalDecision"] == "allowed"


def test_across_accounts_both_have_to_allow(iam, ana):
    def asked(action, resource_policy):
        return principal(
            iam,
            ana.arn,
            action,
            ResourceArns=[FOREIGN],
            ResourcePolicy=resource_policy,
            ResourceOwner="1" * 12,
        )

    mine = text(allow("notes:*"))
    users.put_policy(ana, "policy0", mine)
    both = asked("notes:Read", resource_policy({"AWS": ana.arn}))
    only_theirs = asked("other:Read", resource_policy({"AWS": ana.arn}).replace("notes:*", "*"))
    only_mine = asked("notes:Read", resource_policy({"AWS": ACCOUNT}, effect="Deny"))

    assert (both["EvalDecision"], both["EvalDecisionDetails"]) == (
        "allowed",
        {"IAM Policy": "allowed", "Resource Policy": "allowed"},
    )
    assert only_theirs["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    assert only_mine["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "explicitDeny"}
    assert (only_theirs["EvalDecision"], only_mine["EvalDecision"]) == ("implicitDeny", "explicitDeny")


def test_a_missing_key_is_named_once_as_it_is_first_written(iam, ana):
    def asks_for(key):
        return {"StringEquals": {key: "x"}}

    result = principal(
        iam,
        ana.arn,
        "notes:Read",
        PolicyInputList=[text(allow("notes:*", Condition=asks_for("notes:Owner")))],
        ResourceArns=[FOREIGN],
        ResourcePolicy=text({**allow("notes:*", Condition=asks_for("notes:owner")), "Principal": "*"}),
        ResourceOwner="1" * 12,
    )

    assert result["MissingContextValues"] == ["notes:Owner"]
    assert result["ResourceSpecificResults"][0]["MissingContextValues"] == ["notes:Owner"]


def test_results_come_in_pages(iam):
    actions = [f"notes:A{number}" for number in range(5)]
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[text(allow())], ActionNames=actions, PaginationConfig={"PageSize": 2}
    )

    shown = [[each["EvalActionName"] for each in page["EvaluationResults"]] for page in pages]
    assert shown == [actions[:2], actions[2:4], actions[4:]]


def test_a_page_holds_a_bounded_number_of_decisions(iam):
    answer = iam.simulate_custom_policy(
        PolicyInputList=[text(allow())],
        ActionNames=[f"notes:A{number}" for number in range(10)],
        ResourceArns=[f"arn:aws:notes:::{number}" for number in range(200)],
    )

    assert [len(one["ResourceSpecificResults"]) for one in answer["EvaluationResults"]] == [200, 200]
    assert answer["IsTruncated"]


def test_a_page_of_large_policies_holds_fewer_decisions_and_reads_each_document_once(iam, monkeypatch):
    read = []
    monkeypatch.setattr(
        positions, "_members", lambda text, of=positions._members: read.append(text) or of(text)
    )
    large = [text(*[allow("notes:*")] * 100, allow(f"other:{number}")) for number in range(10)]

    answer = iam.simulate_custom_policy(
        PolicyInputList=large, ActionNames=[f"notes:A{number}" for number in range(100)]
    )

    shown = len(answer["EvaluationResults"])
    assert 1 < shown < 20
    assert answer["IsTruncated"]
    assert [len(one["MatchedStatements"]) for one in answer["EvaluationResults"]] == [1_000] * shown
    assert sorted(read) == sorted(large)


@pytest.mark.parametrize(
    "given",
    [
        {"PolicyInputList": ["{}"]},
        {"PolicyInputList": ["[" * 5000]},
        {"PolicyInputList": [text(allow("x" * 11_000))]},
        {"ActionNames": ["Read"]},
        {"ActionNames": ["notes:*"]},
        {"ResourceArns": ["note/1"]},
        {"ResourcePolicy": resource_policy("*")},
        {"ResourcePolicy": "{}", "CallerArn": f"arn:aws:iam::{ACCOUNT}:user/administrator"},
        {"CallerArn": f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b"},
        {"CallerArn": "nobody"},
        {"PolicyInputList": [text(allow()) + " " * 70_000] * 2},
        {"ResourceArns": [f"arn:aws:notes:::{number}" for number in range(501)]},
        {
            "PolicyInputList": [text(*[allow()] * 150)] * 10,
            "ResourceArns": [f"arn:aws:notes:::{number}" for number in range(50)],
        },
        {
            "PolicyInputList": [text(*[allow()] * 150)] * 10,
            "ContextEntries": [
                {"ContextKeyName": "a:key", "ContextKeyValues": ["v"] * 500, "ContextKeyType": "stringList"}
            ],
        },
        {"ResourceOwner": "me"},
        {"PermissionsBoundaryPolicyInputList": [text(allow()), text(allow())]},
        {"OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": [text(allow())]}]},
    ],
)
def test_what_can_not_be_simulated(iam, given):
    good = {"PolicyInputList": [text(allow())], "ActionNames": ["notes:Read"]}

    refused(iam, "InvalidInput", iam.simulate_custom_policy, **(good | given))


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/nobody", "NoSuchEntity"),
        (f"arn:aws:iam::{ACCOUNT}:user/x/ana", "NoSuchEntity"),
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "NoSuchEntity"),
        (f"arn:aws:iam::{ACCOUNT}:group/staff", "InvalidInput"),
        ("x" * 20, "InvalidInput"),
    ],
)
def test_whose_policies_are_not_there(iam, ana, arn, code):
    refused(iam, code, iam.simulate_principal_policy, PolicySourceArn=arn, ActionNames=["a:B"])
    refused(iam, code, iam.get_context_keys_for_principal_policy, PolicySourceArn=arn)


def test_a_stored_document_that_can_not_be_read_denies_here_too(iam):
    role = world.pool_role("app", document(allow()))
    RolePolicy.objects.update(document="{")

    result = principal(iam, role.arn)

    assert result["EvalDecision"] == "explicitDeny"
    assert result["MatchedStatements"] == [
        {"SourcePolicyId": "role_app_policy0", "SourcePolicyType": "IAM Policy"}
    ]


def test_the_condition_keys_that_policies_refer_to(iam):
    first = text(
        allow("notes:*", "arn:aws:notes:::${aws:username}", Condition={"Bool": {"notes:Own": "true"}})
    )
    second = text(allow(Condition={"StringEquals": {"NOTES:own": "${aws:userid}"}}))
    role = world.pool_role("app", document(allow(Condition={"Null": {"aws:SourceIp": "true"}})))

    names = iam.get_context_keys_for_custom_policy(PolicyInputList=[first, second])["ContextKeyNames"]
    of_role = iam.get_context_keys_for_principal_policy(PolicySourceArn=role.arn, PolicyInputList=[first])

    assert names == ["aws:userid", "aws:username", "notes:Own"]
    assert of_role["ContextKeyNames"] == ["aws:SourceIp", "aws:username", "notes:Own"]
    refused(iam, "InvalidInput", iam.get_context_keys_for_custom_policy, PolicyInputList=["{}"])


def test_the_simulation_decides_as_requests_are_decided(iam):
    """The same role, asked and really called: one verdict."""
    role = world.pool_role("app", document(allow("iam:ListUsers"), deny("iam:ListRoles")))
    session = world.session_client("iam", world.session(role))

    for action, deed in (
        ("iam:ListUsers", session.list_users),
        ("iam:ListRoles", session.list_roles),
        ("iam:ListPolicies", session.list_policies),
    ):
        simulated = principal(iam, role.arn, action)["EvalDecision"] == "allowed"
        try:
            deed()
            called = True
        except session.exceptions.ClientError:
            called = False
        assert simulated is called


def test_trust_is_another_question(iam):
    """Who may assume a role is not among what its sessions may do."""
    role = roles.create("app", trust({"AWS": ACCOUNT}))

    assert principal(iam, role.arn, "sts:AssumeRole")["EvalDecision"] == "implicitDeny"
