"""Managed policies and their versions by the IAM API, with boto3."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.iam import managed_policies, tags
from identity.iam.errors import NoSuchEntity
from identity.iam.models import ManagedPolicy, PolicyVersion, Role, User
from tests import aws
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, deny, document, trust
from tests.iam.world import refused

pytestmark = pytest.mark.core_suite

READ = json.dumps(document(allow("notes:Read")))
WRITE = json.dumps(document(allow("notes:Write")))
TRUST = json.dumps(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def arn(iam):
    return iam.create_policy(PolicyName="notes", PolicyDocument=READ)["Policy"]["Arn"]


def versions(iam, arn):
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    return {one["VersionId"]: one["IsDefaultVersion"] for one in listed}


def test_a_policy_is_made_and_read(iam):
    made = iam.create_policy(
        PolicyName="notes",
        Path="/team/",
        PolicyDocument=READ,
        Description="reads",
        Tags=[{"Key": "team", "Value": "a"}],
    )["Policy"]

    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:policy/team/notes"
    assert made["PolicyId"].startswith("ANPA")
    assert made["Tags"] == [{"Key": "team", "Value": "a"}]
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["IsAttachable"]) == ("v1", 0, True)
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"] == made


@pytest.mark.parametrize("name", ["notes", "Notes"])
def test_a_name_is_taken_whatever_its_case_and_path(iam, arn, name):
    text = refused(
        iam, "EntityAlreadyExists", iam.create_policy, PolicyName=name, Path="/x/", PolicyDocument=READ
    )

    assert text == f"A policy called {name} already exists. Duplicate names are not allowed."


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("{}", "MalformedPolicyDocument"),
        (TRUST, "MalformedPolicyDocument"),
        (json.dumps(document(allow("notes:" + "x" * 7000))), "LimitExceeded"),
    ],
)
def test_a_document_that_is_none_is_refused(iam, arn, given, code):
    refused(iam, code, iam.create_policy, PolicyName="other", PolicyDocument=given)
    refused(iam, code, iam.create_policy_version, PolicyArn=arn, PolicyDocument=given)
    refused(iam, code, iam.create_policy_version, PolicyArn=arn, PolicyDocument=given, SetAsDefault=True)

    assert versions(iam, arn) == {"v1": True}


def test_lists_show_scope_path_and_use(iam, arn):
    iam.create_policy(PolicyName="other", Path="/x/", PolicyDocument=READ)
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)

    def names(**given):
        return [one["PolicyName"] for one in iam.list_policies(**given)["Policies"]]

    assert names() == ["AdministratorAccess", "notes", "other"]
    assert names(Scope="Local") == ["notes", "other"]
    assert names(Scope="AWS") == ["AdministratorAccess"]
    assert names(PathPrefix="/x/") == ["other"]
    assert names(Scope="Local", OnlyAttached=True) == ["notes"]
    assert names(PolicyUsageFilter="PermissionsBoundary") == ["notes"]
    assert names(PolicyUsageFilter="PermissionsPolicy") == ["AdministratorAccess"]
    assert iam.list_policies(MaxItems=1)["IsTruncated"]


def test_who_uses_a_policy(iam, arn):
    iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    iam.create_role(RoleName="app", Path="/x/", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="app", PolicyArn=arn)
    iam.create_user(UserName="ana")
    iam.attach_user_policy(UserName="ana", PolicyArn=arn)

    def entities(**given):
        found = iam.list_entities_for_policy(PolicyArn=arn, **given)
        return [one["UserName"] for one in found["PolicyUsers"]] + [
            one["RoleName"] for one in found["PolicyRoles"]
        ]

    assert entities() == ["ana", "app", "bounded"]
    assert entities(EntityFilter="Role") == ["app", "bounded"]
    assert entities(EntityFilter="Group") == []
    assert entities(PathPrefix="/x/") == ["app"]
    assert entities(PolicyUsageFilter="PermissionsBoundary") == ["bounded"]
    pages = iam.get_paginator("list_entities_for_policy").paginate(
        PolicyArn=arn, PaginationConfig={"PageSize": 2}
    )
    assert [(len(page["PolicyUsers"]), len(page["PolicyRoles"])) for page in pages] == [(1, 1), (0, 1)]
    shown = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (shown["AttachmentCount"], shown["PermissionsBoundaryUsageCount"]) == (2, 1)


def test_a_version_counts_once_it_is_the_default_one(iam, arn):
    user, _ = world.user("ana")
    iam.attach_user_policy(UserName="ana", PolicyArn=arn)

    def may_write():
        answer = iam.simulate_principal_policy(PolicySourceArn=user.arn, ActionNames=["notes:Write"])
        return answer["EvaluationResults"][0]["EvalDecision"] == "allowed"

    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"], may_write()) == ("v2", False, False)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert may_write()
    assert versions(iam, arn) == {"v1": False, "v2": True}

    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == json.loads(
        READ
    )
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert not may_write()


def test_numbers_are_not_used_again(iam, arn):
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE, SetAsDefault=True)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v3")

    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ)["PolicyVersion"]

    assert made["VersionId"] == "v4"
    assert versions(iam, arn) == {"v1": False, "v2": True, "v4": False}


def test_a_policy_has_five_versions_at_most(iam, arn):
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE, SetAsDefault=True)

    text = refused(iam, "LimitExceeded", iam.create_policy_version, PolicyArn=arn, PolicyDocument=READ)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ)

    assert text.startswith("A managed policy can have up to 5 versions.")
    assert sorted(versions(iam, arn)) == ["v2", "v3", "v4", "v5", "v6"]


def test_the_default_version_is_not_deleted(iam, arn):
    text = refused(iam, "DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v1")

    assert text == "Cannot delete the default version of a policy."


@pytest.mark.parametrize(
    "deed", ["get_policy_version", "delete_policy_version", "set_default_policy_version"]
)
def test_a_version_that_is_not_there(iam, arn, deed):
    text = refused(iam, "NoSuchEntity", getattr(iam, deed), PolicyArn=arn, VersionId="v9")

    assert text == f"Policy {arn} version v9 does not exist or is not attachable."


def test_a_policy_in_use_or_with_versions_is_not_deleted(iam, arn):
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE)
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    in_use = "Cannot delete a policy attached to entities."

    assert refused(iam, "DeleteConflict", iam.delete_policy, PolicyArn=arn) == in_use
    iam.delete_role_permissions_boundary(RoleName="app")
    iam.attach_role_policy(RoleName="app", PolicyArn=arn)
    assert refused(iam, "DeleteConflict", iam.delete_policy, PolicyArn=arn) == in_use
    iam.detach_role_policy(RoleName="app", PolicyArn=arn)
    assert "more than one version" in refused(iam, "DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)

    assert not ManagedPolicy.objects.filter(name="notes").exists()
    assert not PolicyVersion.objects.exists()


@pytest.mark.parametrize(
    ("deed", "given"),
    [
        ("create_policy_version", {"PolicyDocument": READ}),
        ("set_default_policy_version", {"VersionId": "v1"}),
        ("delete_policy_version", {"VersionId": "v1"}),
        ("delete_policy", {}),
        ("tag_policy", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_policy", {"TagKeys": ["a"]}),
    ],
)
def test_the_products_own_policy_is_not_changed_even_by_administrators(iam, deed, given):
    refused_403 = pytest.raises(iam.exceptions.ClientError, match="is not authorized to perform: iam:")
    with refused_403:
        getattr(iam, deed)(PolicyArn=ADMINISTRATOR, **given)

    assert iam.get_policy(PolicyArn=ADMINISTRATOR)["Policy"]["DefaultVersionId"] == "v1"


@pytest.mark.parametrize(
    ("deed", "given"),
    [
        ("get_policy", {}),
        ("delete_policy", {}),
        ("create_policy_version", {"PolicyDocument": READ}),
        ("get_policy_version", {"VersionId": "v1"}),
        ("list_policy_versions", {}),
        ("delete_policy_version", {"VersionId": "v1"}),
        ("set_default_policy_version", {"VersionId": "v1"}),
        ("list_entities_for_policy", {}),
        ("tag_policy", {"Tags": []}),
        ("untag_policy", {"TagKeys": ["k"]}),
        ("list_policy_tags", {}),
    ],
)
def test_a_policy_that_is_not_there(iam, deed, given):
    arn = f"arn:aws:iam::{ACCOUNT}:policy/nothing"

    assert (
        refused(iam, "NoSuchEntity", getattr(iam, deed), PolicyArn=arn, **given)
        == f"Policy {arn} was not found."
    )


@pytest.mark.parametrize(
    "deed",
    [
        managed_policies.delete,
        lambda policy: managed_policies.set_default(policy, "v1"),
        lambda policy: tags.add(policy, [("team", "red")]),
    ],
    ids=["delete", "set default", "tag"],
)
def test_a_policy_that_another_call_deleted_meanwhile_is_told_of_alike(db, deed):
    policy = managed_policies.create("gone", document(allow()))
    managed_policies.delete(managed_policies.get(policy.arn))

    with pytest.raises(NoSuchEntity) as caught:
        deed(policy)

    assert caught.value.message == f"Policy arn:aws:iam::{ACCOUNT}:policy/gone was not found."


def test_another_path_is_another_arn(iam, arn):
    refused(iam, "NoSuchEntity", iam.get_policy, PolicyArn=arn.replace("policy/", "policy/x/"))


def test_tags(iam, arn):
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["A"])

    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_a_document_replaced_in_the_admin_is_a_new_version(iam, arn, admin_client):
    managed = managed_policies.get(arn)
    form = {"description": "", "document": WRITE, "tags": "{}"}

    admin_client.post(f"/admin/identity_iam/managedpolicy/{managed.pk}/change/", form)

    assert versions(iam, arn) == {"v1": False, "v2": True}
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == json.loads(
        READ
    )
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == json.loads(
        WRITE
    )


def test_replacing_the_document_drops_the_oldest_version_where_there_is_no_room(iam, arn):
    managed = managed_policies.get(arn)

    for _ in range(6):
        managed_policies.set_document(managed, document(deny()))

    assert sorted(versions(iam, arn)) == ["v3", "v4", "v5", "v6", "v7"]
    assert managed.version == 7


@pytest.mark.parametrize("name", ["AdministratorAccess", "ADMINISTRATORACCESS"])
def test_the_products_own_name_is_taken_before_it_is_used(db, name):
    _, key = world.user("ana", document(allow("iam:CreatePolicy")))
    iam = aws.client("iam", access_key=key.key_id, secret=key.secret)

    text = refused(iam, "EntityAlreadyExists", iam.create_policy, PolicyName=name, PolicyDocument=READ)

    assert text == f"A policy called {name} already exists. Duplicate names are not allowed."


def test_counts_are_not_multiplied_by_one_another(iam, arn):
    """Each kind of use is counted apart: joined, a policy of many roles and many users would take forever."""
    managed = managed_policies.get(arn)
    roles = [
        Role(name=f"r{number}", trust_policy=TRUST, permissions_boundary=managed) for number in range(60)
    ]
    users = [User(name=f"u{number}", permissions_boundary=managed) for number in range(60)]
    managed.roles.set(Role.objects.bulk_create(roles))
    managed.users.set(User.objects.bulk_create(users[:40]))

    with CaptureQueriesContext(connection) as asked:
        shown = iam.get_policy(PolicyArn=arn)["Policy"]
    statements = [one["sql"] or "" for one in asked]  # before the next request forgets them
    listed = iam.list_policies(OnlyAttached=True, Scope="Local")["Policies"]

    assert (shown["AttachmentCount"], shown["PermissionsBoundaryUsageCount"]) == (100, 100)
    assert [one["AttachmentCount"] for one in listed] == [100]
    assert any("COUNT" in one for one in statements)
    assert not any("LEFT OUTER JOIN" in one for one in statements)
