"""Roles and their policies by the IAM API, with boto3."""

import json

import pytest

from identity.iam import holders
from identity.iam.models import Role
from tests.iam.documents import ACCOUNT, allow, document, pool_trust, trust
from tests.iam.world import refused

pytestmark = pytest.mark.core_suite

TRUST = json.dumps(pool_trust())
READ = json.dumps(document(allow("notes:Read")))
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/most"


@pytest.fixture
def role(iam):
    return iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)["Role"]


@pytest.fixture
def managed(iam):
    return iam.create_policy(PolicyName="most", PolicyDocument=READ)["Policy"]["Arn"]


def test_a_role_is_made_and_read(iam, managed):
    made = iam.create_role(
        RoleName="app",
        Path="/team/",
        AssumeRolePolicyDocument=TRUST,
        Description="what the app may do",
        MaxSessionDuration=7200,
        PermissionsBoundary=managed,
        Tags=[{"Key": "team", "Value": "a + b"}],
    )["Role"]
    read = iam.get_role(RoleName="app")["Role"]

    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/team/app"
    assert made["RoleId"].startswith("AROA")
    assert read.pop("RoleLastUsed") == {}
    assert read == made
    assert read["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert read["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": managed,
    }
    assert read["Tags"] == [{"Key": "team", "Value": "a + b"}]
    assert (read["Description"], read["MaxSessionDuration"]) == ("what the app may do", 7200)


@pytest.mark.parametrize("name", ["app", "APP"])
def test_a_name_is_taken_whatever_its_case(iam, role, name):
    text = refused(iam, "EntityAlreadyExists", iam.create_role, RoleName=name, AssumeRolePolicyDocument=TRUST)

    assert text == f"Role with name {name} already exists."
    assert Role.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "[]",
        "x",
        json.dumps(document(allow())),
        json.dumps(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"})),
        json.dumps(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a\x00b"})),
        json.dumps(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a\ud800"})),
        "[" * 100_000,
        '{"Version":"2012-10-17","Statement":' + "9" * 5000 + "}",
    ],
)
def test_a_trust_policy_that_is_none_is_refused(iam, role, given):
    code = "LimitExceeded" if len(given) > 4096 else "MalformedPolicyDocument"

    refused(iam, code, iam.create_role, RoleName="other", AssumeRolePolicyDocument=given)
    refused(iam, code, iam.update_assume_role_policy, RoleName="app", PolicyDocument=given)

    assert list(Role.objects.values_list("name", "trust_policy")) == [("app", TRUST)]


def test_a_boundary_that_does_not_exist_is_refused(iam):
    text = refused(
        iam,
        "NoSuchEntity",
        iam.create_role,
        RoleName="app",
        AssumeRolePolicyDocument=TRUST,
        PermissionsBoundary=BOUNDARY,
    )

    assert text == f"Scope ARN: {BOUNDARY} does not exist or is not attachable."
    assert not Role.objects.exists()


def test_tags_of_a_new_role_are_checked_first(iam):
    twins = [{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}]
    for tags in (twins, [{"Key": "aws:team", "Value": "a"}]):
        refused(
            iam, "InvalidInput", iam.create_role, RoleName="app", AssumeRolePolicyDocument=TRUST, Tags=tags
        )

    assert not Role.objects.exists()


def test_lists_come_in_pages_by_name_and_path(iam):
    for path, name in (("/", "a"), ("/x/", "b"), ("/x/y/", "c"), ("/xy/", "d")):
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)

    def names(**given):
        pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}, **given)
        return [[role["RoleName"] for role in page["Roles"]] for page in pages]

    assert names() == [["a", "b"], ["c", "d"]]
    assert names(PathPrefix="/x/") == [["b", "c"]]


def test_a_marker_of_another_list_is_refused(iam):
    for name in "abc":
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    marker = iam.list_roles(MaxItems=1)["Marker"]

    assert (
        refused(iam, "ValidationError", iam.list_roles, PathPrefix="/x/", Marker=marker) == "Invalid Marker."
    )
    assert refused(iam, "ValidationError", iam.list_users, Marker=marker) == "Invalid Marker."
    assert refused(iam, "ValidationError", iam.list_role_tags, RoleName="a", Marker="x" * 300)


def test_what_an_update_leaves_out_stays(iam, role):
    iam.update_role(RoleName="app", Description="new")
    iam.update_role(RoleName="app", MaxSessionDuration=3601)
    changed = iam.update_role_description(RoleName="app", Description="newer")["Role"]

    assert (changed["Description"], changed["MaxSessionDuration"]) == ("newer", 3601)
    assert changed["AssumeRolePolicyDocument"] == json.loads(TRUST)


def test_the_trust_policy_is_replaced(iam, role):
    new = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})

    iam.update_assume_role_policy(RoleName="app", PolicyDocument=json.dumps(new))

    assert iam.get_role(RoleName="app")["Role"]["AssumeRolePolicyDocument"] == new


def test_inline_policies(iam, role):
    iam.put_role_policy(RoleName="app", PolicyName="read", PolicyDocument=READ)
    iam.put_role_policy(RoleName="app", PolicyName="all", PolicyDocument=json.dumps(document(allow())))
    iam.put_role_policy(RoleName="app", PolicyName="all", PolicyDocument=READ)

    one = iam.get_role_policy(RoleName="app", PolicyName="all")
    assert (one["RoleName"], one["PolicyName"], one["PolicyDocument"]) == ("app", "all", json.loads(READ))
    assert iam.list_role_policies(RoleName="app")["PolicyNames"] == ["all", "read"]

    iam.delete_role_policy(RoleName="app", PolicyName="all")
    assert iam.list_role_policies(RoleName="app")["PolicyNames"] == ["read"]
    for deed in (iam.get_role_policy, iam.delete_role_policy):
        text = refused(iam, "NoSuchEntity", deed, RoleName="app", PolicyName="all")
        assert text == "The role policy with name all cannot be found."


def test_inline_policies_share_a_limit(iam, role):
    large = json.dumps(document(allow("notes:" + "x" * 5_000)))
    iam.put_role_policy(RoleName="app", PolicyName="one", PolicyDocument=large)
    iam.put_role_policy(RoleName="app", PolicyName="two", PolicyDocument=large)

    for given in (large, "x" * 10_241):
        text = refused(
            iam,
            "LimitExceeded",
            iam.put_role_policy,
            RoleName="app",
            PolicyName="three",
            PolicyDocument=given,
        )
        assert text == "Maximum policy size of 10240 bytes exceeded for role app"
    iam.put_role_policy(RoleName="app", PolicyName="one", PolicyDocument=READ)  # replacing makes room


def test_an_inline_policy_names_no_principal(iam, role):
    text = refused(
        iam,
        "MalformedPolicyDocument",
        iam.put_role_policy,
        RoleName="app",
        PolicyName="p",
        PolicyDocument=TRUST,
    )

    assert "principal" in text


def test_managed_policies_are_attached_and_detached(iam, role, managed):
    iam.attach_role_policy(RoleName="app", PolicyArn=managed)
    iam.attach_role_policy(RoleName="app", PolicyArn=managed)

    listed = iam.list_attached_role_policies(RoleName="app")
    assert listed["AttachedPolicies"] == [{"PolicyName": "most", "PolicyArn": managed}]
    assert iam.list_attached_role_policies(RoleName="app", PathPrefix="/x/")["AttachedPolicies"] == []

    iam.detach_role_policy(RoleName="app", PolicyArn=managed)
    text = refused(iam, "NoSuchEntity", iam.detach_role_policy, RoleName="app", PolicyArn=managed)
    assert text == f"Policy {managed} was not found."


def test_only_policies_that_exist_are_attached(iam, role):
    nothing = f"arn:aws:iam::{ACCOUNT}:policy/nothing"

    text = refused(iam, "NoSuchEntity", iam.attach_role_policy, RoleName="app", PolicyArn=nothing)
    assert text == f"Policy {nothing} does not exist or is not attachable."
    text = refused(
        iam, "InvalidInput", iam.attach_role_policy, RoleName="app", PolicyArn="not an arn, not at all"
    )
    assert text == "ARN not an arn, not at all is not valid."


def test_the_products_own_policy_can_be_attached(iam, role):
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"

    iam.attach_role_policy(RoleName="app", PolicyArn=arn)

    assert iam.list_attached_role_policies(RoleName="app")["AttachedPolicies"][0]["PolicyArn"] == arn


def test_so_many_policies_are_attached_to_one_role(iam, role):
    made = [
        iam.create_policy(PolicyName=f"p{number}", PolicyDocument=READ)["Policy"]["Arn"]
        for number in range(holders.MOST_ATTACHED + 1)
    ]
    for arn in made[:-1]:
        iam.attach_role_policy(RoleName="app", PolicyArn=arn)

    text = refused(iam, "LimitExceeded", iam.attach_role_policy, RoleName="app", PolicyArn=made[-1])
    iam.attach_role_policy(RoleName="app", PolicyArn=made[0])  # is attached already

    assert text == "Cannot exceed quota for PoliciesPerRole: 10"


def test_a_role_with_policies_is_not_deleted(iam, role, managed):
    iam.attach_role_policy(RoleName="app", PolicyArn=managed)
    iam.put_role_policy(RoleName="app", PolicyName="read", PolicyDocument=READ)

    attached = refused(iam, "DeleteConflict", iam.delete_role, RoleName="app")
    iam.detach_role_policy(RoleName="app", PolicyArn=managed)
    inline = refused(iam, "DeleteConflict", iam.delete_role, RoleName="app")
    iam.delete_role_policy(RoleName="app", PolicyName="read")
    assert iam.list_instance_profiles_for_role(RoleName="app")["InstanceProfiles"] == []
    iam.delete_role(RoleName="app")

    assert attached == "Cannot delete entity, must detach all policies first."
    assert inline == "Cannot delete entity, must delete policies first."
    assert not Role.objects.exists()


def test_a_boundary_is_put_and_taken_away(iam, role, managed):
    iam.put_role_permissions_boundary(RoleName="app", PermissionsBoundary=managed)
    bounded = iam.get_role(RoleName="app")["Role"]
    iam.delete_role_permissions_boundary(RoleName="app")

    assert bounded["PermissionsBoundary"]["PermissionsBoundaryArn"] == managed
    assert "PermissionsBoundary" not in iam.get_role(RoleName="app")["Role"]
    missing = f"arn:aws:iam::{ACCOUNT}:policy/nothing"
    refused(
        iam,
        "NoSuchEntity",
        iam.put_role_permissions_boundary,
        RoleName="app",
        PermissionsBoundary=missing,
    )


def test_tags_are_set_replaced_and_taken_away_whatever_their_case(iam, role):
    iam.tag_role(RoleName="app", Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": ""}])
    iam.tag_role(RoleName="app", Tags=[{"Key": "B", "Value": "2"}])
    listed = iam.list_role_tags(RoleName="app")["Tags"]
    iam.untag_role(RoleName="app", TagKeys=["b", "zzz"])

    assert listed == [{"Key": "B", "Value": "2"}, {"Key": "a", "Value": ""}]
    assert iam.list_role_tags(RoleName="app")["Tags"] == [{"Key": "a", "Value": ""}]


def test_a_role_has_fifty_tags_at_most_shown_in_pages(iam, role):
    iam.tag_role(RoleName="app", Tags=[{"Key": f"k{number:02}", "Value": ""} for number in range(50)])

    text = refused(iam, "LimitExceeded", iam.tag_role, RoleName="app", Tags=[{"Key": "more", "Value": ""}])
    pages = list(
        iam.get_paginator("list_role_tags").paginate(RoleName="app", PaginationConfig={"PageSize": 30})
    )

    assert text == "The number of tags has reached the maximum limit."
    assert [len(page["Tags"]) for page in pages] == [30, 20]


@pytest.mark.parametrize(
    ("deed", "given"),
    [
        ("get_role", {}),
        ("delete_role", {}),
        ("update_role", {"Description": "x"}),
        ("update_role_description", {"Description": "x"}),
        ("update_assume_role_policy", {"PolicyDocument": TRUST}),
        ("put_role_policy", {"PolicyName": "p", "PolicyDocument": READ}),
        ("get_role_policy", {"PolicyName": "p"}),
        ("list_role_policies", {}),
        ("delete_role_policy", {"PolicyName": "p"}),
        ("attach_role_policy", {"PolicyArn": BOUNDARY}),
        ("detach_role_policy", {"PolicyArn": BOUNDARY}),
        ("list_attached_role_policies", {}),
        ("put_role_permissions_boundary", {"PermissionsBoundary": BOUNDARY}),
        ("delete_role_permissions_boundary", {}),
        ("tag_role", {"Tags": []}),
        ("untag_role", {"TagKeys": ["k"]}),
        ("list_role_tags", {}),
        ("list_instance_profiles_for_role", {}),
    ],
)
def test_a_role_that_is_not_there(iam, deed, given):
    text = refused(iam, "NoSuchEntity", getattr(iam, deed), RoleName="nobody", **given)

    assert text == "The role with name nobody cannot be found."


def test_documents_are_url_encoded_on_the_wire(iam, role):
    bodies = []
    iam.meta.events.register(
        "response-received.*", lambda response_dict, **_: bodies.append(response_dict["body"])
    )

    iam.get_role(RoleName="app")

    assert b"<AssumeRolePolicyDocument>%7B%22Version%22%3A%20%222012-10-17%22" in bodies[0]


def test_a_deleted_row_takes_the_policies_along(iam, role):
    iam.put_role_policy(RoleName="app", PolicyName="read", PolicyDocument=READ)

    Role.objects.get().delete()

    assert not Role.objects.exists()
