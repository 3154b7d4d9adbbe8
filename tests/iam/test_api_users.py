"""IAM users, their policies and their access keys by the IAM API, with boto3."""

import json

import pytest

from identity.iam import keys, users
from identity.iam.models import AccessKey, User
from tests import aws
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, document, trust
from tests.iam.world import refused

pytestmark = pytest.mark.core_suite

READ = json.dumps(document(allow("notes:Read")))
SELF = f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"


@pytest.fixture
def ana(iam):
    return iam.create_user(UserName="ana")["User"]


@pytest.fixture
def managed(iam):
    return iam.create_policy(PolicyName="most", PolicyDocument=READ)["Policy"]["Arn"]


def client_of(key):
    return aws.client("iam", access_key=key["AccessKeyId"], secret=key["SecretAccessKey"])


def test_a_user_is_made_and_read(iam, managed):
    made = iam.create_user(
        UserName="ana", Path="/team/", PermissionsBoundary=managed, Tags=[{"Key": "a", "Value": "b"}]
    )["User"]

    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/ana"
    assert made["UserId"].startswith("AIDA")
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == managed
    assert iam.get_user(UserName="ana")["User"] == made
    assert [one["UserName"] for one in iam.list_users(PathPrefix="/team/")["Users"]] == ["ana"]


@pytest.mark.parametrize("name", ["ana", "Ana"])
def test_a_name_is_taken_whatever_its_case(iam, ana, name):
    text = refused(iam, "EntityAlreadyExists", iam.create_user, UserName=name)

    assert text == f"User with name {name} already exists."


def test_who_names_nobody_means_themselves(iam, ana):
    iam.put_user_policy(
        UserName="ana", PolicyName="self", PolicyDocument=json.dumps(document(allow("iam:*", SELF)))
    )
    mine = client_of(iam.create_access_key(UserName="ana")["AccessKey"])

    assert mine.get_user()["User"]["UserName"] == "ana"
    second = mine.create_access_key()["AccessKey"]
    assert second["UserName"] == "ana"
    assert len(mine.list_access_keys()["AccessKeyMetadata"]) == 2
    mine.update_access_key(AccessKeyId=second["AccessKeyId"], Status="Inactive")
    mine.delete_access_key(AccessKeyId=second["AccessKeyId"])
    assert len(mine.list_access_keys()["AccessKeyMetadata"]) == 1


def test_a_session_of_a_role_is_no_user(iam):
    role = world.pool_role("app", document(allow("iam:*")))
    of_role = world.session_client("iam", world.session(role))

    text = refused(of_role, "ValidationError", of_role.get_user)

    assert text == "Must specify userName when calling with non-User credentials"
    refused(of_role, "ValidationError", of_role.create_access_key)


def test_a_renamed_user_keeps_id_keys_and_policies(iam, ana):
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    iam.put_user_policy(
        UserName="ana", PolicyName="self", PolicyDocument=json.dumps(document(allow("iam:GetUser", SELF)))
    )

    iam.update_user(UserName="ana", NewUserName="anna")

    renamed = client_of(key).get_user()["User"]
    assert (renamed["UserName"], renamed["UserId"]) == ("anna", ana["UserId"])
    iam.update_user(UserName="anna", NewPath="/x/")
    assert iam.get_user(UserName="anna")["User"]["Arn"].endswith(":user/x/anna")


def test_a_user_is_not_renamed_to_another(iam, ana):
    iam.create_user(UserName="ben")

    refused(iam, "EntityAlreadyExists", iam.update_user, UserName="ben", NewUserName="ANA")

    assert set(User.objects.values_list("name", flat=True)) == {"administrator", "ana", "ben"}


def test_who_takes_over_a_name_is_not_let_in_by_it(iam, ana):
    arn = ana["Arn"]
    iam.create_role(
        RoleName="app",
        AssumeRolePolicyDocument=json.dumps(trust({"AWS": arn})),
    )
    iam.update_user(UserName="ana", NewUserName="anna")
    iam.create_user(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    other = aws.client("sts", access_key=key["AccessKeyId"], secret=key["SecretAccessKey"])

    with pytest.raises(other.exceptions.ClientError, match="not authorized"):
        other.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/app", RoleSessionName="session")


def test_inline_and_managed_policies(iam, ana, managed):
    iam.put_user_policy(UserName="ana", PolicyName="read", PolicyDocument=READ)
    iam.attach_user_policy(UserName="ana", PolicyArn=managed)

    one = iam.get_user_policy(UserName="ana", PolicyName="read")
    assert (one["UserName"], one["PolicyDocument"]) == ("ana", json.loads(READ))
    assert iam.list_user_policies(UserName="ana")["PolicyNames"] == ["read"]
    assert iam.list_attached_user_policies(UserName="ana")["AttachedPolicies"] == [
        {"PolicyName": "most", "PolicyArn": managed}
    ]
    text = refused(
        iam, "LimitExceeded", iam.put_user_policy, UserName="ana", PolicyName="p", PolicyDocument="x" * 2049
    )
    assert text == "Maximum policy size of 2048 bytes exceeded for user ana"
    iam.detach_user_policy(UserName="ana", PolicyArn=managed)
    iam.delete_user_policy(UserName="ana", PolicyName="read")
    text = refused(iam, "NoSuchEntity", iam.get_user_policy, UserName="ana", PolicyName="read")
    assert text == "The user policy with name read cannot be found."


def test_a_boundary_is_put_and_taken_away(iam, ana, managed):
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=managed)
    assert iam.get_user(UserName="ana")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == managed

    iam.delete_user_permissions_boundary(UserName="ana")
    assert "PermissionsBoundary" not in iam.get_user(UserName="ana")["User"]


def test_tags(iam, ana):
    iam.tag_user(UserName="ana", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_user(UserName="ana", TagKeys=["A"])

    assert iam.list_user_tags(UserName="ana")["Tags"] == [{"Key": "b", "Value": "2"}]


def test_a_user_is_deleted_once_nothing_hangs_on_them(iam, ana, managed):
    key = iam.create_access_key(UserName="ana")["AccessKey"]["AccessKeyId"]
    iam.attach_user_policy(UserName="ana", PolicyArn=managed)

    text = refused(iam, "DeleteConflict", iam.delete_user, UserName="ana")
    assert text == "Cannot delete entity, must delete access keys first."
    iam.delete_access_key(UserName="ana", AccessKeyId=key)
    text = refused(iam, "DeleteConflict", iam.delete_user, UserName="ana")
    assert text == "Cannot delete entity, must detach all policies first."
    iam.detach_user_policy(UserName="ana", PolicyArn=managed)
    assert iam.list_groups_for_user(UserName="ana")["Groups"] == []
    iam.delete_user(UserName="ana")

    assert not User.objects.filter(name="ana").exists()


def test_a_key_works_as_soon_as_it_is_made_and_its_secret_is_shown_once(iam, ana):
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    identity = aws.client(
        "sts", access_key=key["AccessKeyId"], secret=key["SecretAccessKey"]
    ).get_caller_identity()

    assert identity["Arn"] == ana["Arn"]
    assert (key["Status"], len(key["SecretAccessKey"])) == ("Active", 40)
    listed = iam.list_access_keys(UserName="ana")["AccessKeyMetadata"]
    assert [set(one) for one in listed] == [{"UserName", "AccessKeyId", "Status", "CreateDate"}]


def test_a_user_has_two_keys_at_most_through_the_api(iam, ana):
    iam.create_access_key(UserName="ana")
    iam.create_access_key(UserName="ana")

    text = refused(iam, "LimitExceeded", iam.create_access_key, UserName="ana")

    assert text == "Cannot exceed quota for AccessKeysPerUser: 2"
    assert AccessKey.objects.filter(user__name="ana").count() == 2


def test_a_key_is_switched_off_and_on(iam, ana):
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    sts = aws.client("sts", access_key=key["AccessKeyId"], secret=key["SecretAccessKey"])

    iam.update_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with pytest.raises(sts.exceptions.ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.update_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert sts.get_caller_identity()
    refused(
        iam,
        "InvalidInput",
        iam.update_access_key,
        UserName="ana",
        AccessKeyId=key["AccessKeyId"],
        Status="Expired",
    )


@pytest.mark.parametrize(
    ("deed", "given"), [("update_access_key", {"Status": "Inactive"}), ("delete_access_key", {})]
)
def test_the_key_of_another_user_is_not_there(iam, ana, deed, given):
    _, key = world.user("ben")

    text = refused(iam, "NoSuchEntity", getattr(iam, deed), UserName="ana", AccessKeyId=key.key_id, **given)

    assert text == f"The Access Key with id {key.key_id} cannot be found."
    assert AccessKey.objects.get(pk=key.key_id).status == "Active"


def test_when_a_key_was_last_used(iam, ana):
    key = iam.create_access_key(UserName="ana")["AccessKey"]

    never = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    aws.client("sts", access_key=key["AccessKeyId"], secret=key["SecretAccessKey"]).get_caller_identity()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])

    assert never["UserName"] == used["UserName"] == "ana"
    assert never["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    assert "LastUsedDate" in used["AccessKeyLastUsed"]
    refused(iam, "NoSuchEntity", iam.get_access_key_last_used, AccessKeyId="AKIA" + "A" * 16)


@pytest.mark.parametrize(
    ("deed", "given"),
    [
        ("get_user", {}),
        ("delete_user", {}),
        ("update_user", {"NewUserName": "x"}),
        ("put_user_policy", {"PolicyName": "p", "PolicyDocument": READ}),
        ("list_user_policies", {}),
        ("attach_user_policy", {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p"}),
        ("list_attached_user_policies", {}),
        ("delete_user_permissions_boundary", {}),
        ("tag_user", {"Tags": []}),
        ("untag_user", {"TagKeys": ["k"]}),
        ("list_user_tags", {}),
        ("list_groups_for_user", {}),
        ("create_access_key", {}),
        ("list_access_keys", {}),
        ("delete_access_key", {"AccessKeyId": "AKIA" + "A" * 16}),
    ],
)
def test_a_user_who_is_not_there(iam, deed, given):
    text = refused(iam, "NoSuchEntity", getattr(iam, deed), UserName="nobody", **given)

    assert text == "The user with name nobody cannot be found."


def test_deleted_keys_are_told_of(iam, ana, django_capture_on_commit_callbacks):
    from identity.core.models.events import Event

    key = iam.create_access_key(UserName="ana")["AccessKey"]["AccessKeyId"]
    iam.delete_access_key(UserName="ana", AccessKeyId=key)

    event = Event.objects.get(tag="iam:access_key:deleted")
    assert event.content == {"key_id": key, "user": "ana"}


def test_the_verb_makes_as_many_keys_as_an_administrator_wants(db):
    made = users.create("ana")

    assert len({keys.create(made).key_id for _ in range(3)}) == 3


def test_the_account_in_numbers(iam, ana):
    summary = iam.get_account_summary()["SummaryMap"]

    assert (summary["Users"], summary["Roles"], summary["AccessKeysPerUserQuota"]) == (2, 0, 2)
    assert iam.list_account_aliases()["AccountAliases"] == []


@pytest.mark.parametrize("name", ["administrator", "Administrator"])
def test_the_administrators_name_is_taken_before_it_is_used(iam, name):
    User.objects.filter(name="administrator").update(name="chief")
    users.create("ana")
    words = f"User with name {name} already exists."

    assert refused(iam, "EntityAlreadyExists", iam.create_user, UserName=name) == words
    assert refused(iam, "EntityAlreadyExists", iam.update_user, UserName="ana", NewUserName=name) == words
