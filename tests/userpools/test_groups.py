"""Groups and memberships."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.iam import keys, users
from identity.userpools import accounts, groups, pools, quotas
from identity.userpools.errors import ResourceNotFound
from tests import aws

pytestmark = pytest.mark.django_db

ROLE = "arn:aws:iam::000000000000:role/writer"


@pytest.fixture
def pool_id(cognito: Any) -> str:
    pool_id = str(cognito.create_user_pool(PoolName="people")["UserPool"]["Id"])
    for name in ("ana", "bob"):
        cognito.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
    return pool_id


def make(cognito: Any, pool_id: str, name: str = "editors", **members: Any) -> dict[str, Any]:
    group: dict[str, Any] = cognito.create_group(UserPoolId=pool_id, GroupName=name, **members)["Group"]
    return group


def join(cognito: Any, pool_id: str, name: str, group: str) -> None:
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=group)


def names_of(cognito: Any, pool_id: str, user: str) -> list[str]:
    listed = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=user)["Groups"]
    return [group["GroupName"] for group in listed]


def test_a_group_shows_only_what_was_set(cognito: Any, pool_id: str) -> None:
    bare = make(cognito, pool_id)
    full = make(cognito, pool_id, "writers", Description="Those who write", RoleArn=ROLE, Precedence=0)

    assert set(bare) == {"GroupName", "UserPoolId", "LastModifiedDate", "CreationDate"}
    assert full["Description"] == "Those who write"
    assert full["RoleArn"] == ROLE
    assert full["Precedence"] == 0
    assert cognito.get_group(UserPoolId=pool_id, GroupName="writers")["Group"] == full


def test_a_name_is_taken_once(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id)

    with pytest.raises(cognito.exceptions.GroupExistsException) as caught:
        make(cognito, pool_id)

    assert caught.value.response["Error"]["Message"] == "A group with the name already exists"
    make(cognito, pool_id, "Editors")


def test_an_update_sets_what_it_names(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id, Description="old", Precedence=3)

    updated = cognito.update_group(UserPoolId=pool_id, GroupName="editors", RoleArn=ROLE, Precedence=0)

    assert updated["Group"]["Description"] == "old"
    assert updated["Group"]["RoleArn"] == ROLE
    assert updated["Group"]["Precedence"] == 0


def test_an_unknown_group_is_not_found(cognito: Any, pool_id: str) -> None:
    for call, members in (
        (cognito.get_group, {}),
        (cognito.update_group, {}),
        (cognito.delete_group, {}),
        (cognito.list_users_in_group, {}),
        (cognito.admin_add_user_to_group, {"Username": "ana"}),
        (cognito.admin_remove_user_from_group, {"Username": "ana"}),
    ):
        with pytest.raises(cognito.exceptions.ResourceNotFoundException) as caught:
            call(UserPoolId=pool_id, GroupName="nobody", **members)
        assert caught.value.response["Error"]["Message"] == "Group not found."


def test_an_unknown_user_is_not_found(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id)

    for call, members in (
        (cognito.admin_add_user_to_group, {"GroupName": "editors"}),
        (cognito.admin_remove_user_from_group, {"GroupName": "editors"}),
        (cognito.admin_list_groups_for_user, {}),
    ):
        with pytest.raises(cognito.exceptions.UserNotFoundException) as caught:
            call(UserPoolId=pool_id, Username="nobody", **members)
        assert caught.value.response["Error"]["Message"] == "User does not exist."


def test_joining_and_leaving_may_be_repeated(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id)

    for _ in range(2):
        join(cognito, pool_id, "ana", "editors")
    users = cognito.list_users_in_group(UserPoolId=pool_id, GroupName="editors")["Users"]
    for _ in range(2):
        cognito.admin_remove_user_from_group(UserPoolId=pool_id, Username="ana", GroupName="editors")

    assert [user["Username"] for user in users] == ["ana"]
    assert users[0]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert {each["Name"] for each in users[0]["Attributes"]} == {"sub"}
    assert cognito.list_users_in_group(UserPoolId=pool_id, GroupName="editors")["Users"] == []


def test_groups_of_a_user_stand_best_first(cognito: Any, pool_id: str) -> None:
    for name, precedence in (("none", None), ("five-b", 5), ("zero", 0), ("five-a", 5)):
        make(cognito, pool_id, name, **({} if precedence is None else {"Precedence": precedence}))
        join(cognito, pool_id, "ana", name)

    assert names_of(cognito, pool_id, "ana") == ["zero", "five-a", "five-b", "none"]
    user = accounts.get_as_admin(pools.get(pool_id), "ana")
    assert [group.name for group in groups.of_user(user)] == ["zero", "five-a", "five-b", "none"]
    assert names_of(cognito, pool_id, "bob") == []


def test_groups_of_a_user_come_in_pages(cognito: Any, pool_id: str) -> None:
    for name, precedence in (("none", None), ("five", 5), ("zero", 0)):
        make(cognito, pool_id, name, **({} if precedence is None else {"Precedence": precedence}))
        join(cognito, pool_id, "ana", name)

    seen, token = [], None
    for _ in range(3):
        page = cognito.admin_list_groups_for_user(
            UserPoolId=pool_id, Username="ana", Limit=1, **({"NextToken": token} if token else {})
        )
        seen += [group["GroupName"] for group in page["Groups"]]
        token = page.get("NextToken")

    assert seen == ["zero", "five", "none"]
    assert token is None


def test_a_page_token_of_another_user_is_refused(cognito: Any, pool_id: str) -> None:
    for name in ("a", "b"):
        make(cognito, pool_id, name)
        join(cognito, pool_id, "ana", name)
    token = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username="ana", Limit=1)["NextToken"]

    with pytest.raises(cognito.exceptions.InvalidParameterException) as caught:
        cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username="bob", NextToken=token)

    assert caught.value.response["Error"]["Message"] == "Invalid pagination token"


def test_a_limit_of_nought_is_the_default(cognito: Any, pool_id: str) -> None:
    for name in ("b", "a"):
        make(cognito, pool_id, name)

    listed = cognito.list_groups(UserPoolId=pool_id, Limit=0)

    assert [group["GroupName"] for group in listed["Groups"]] == ["a", "b"]
    assert "NextToken" not in listed


def test_members_come_in_pages_with_one_query_a_page(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id)
    for name in ("ana", "bob"):
        join(cognito, pool_id, name, "editors")

    first = cognito.list_users_in_group(UserPoolId=pool_id, GroupName="editors", Limit=1)
    rest = cognito.list_users_in_group(
        UserPoolId=pool_id, GroupName="editors", Limit=1, NextToken=first["NextToken"]
    )

    names = [user["Username"] for page in (first, rest) for user in page["Users"]]
    assert sorted(names) == ["ana", "bob"]
    assert "NextToken" not in rest
    group = groups.get(pools.get(pool_id), "editors")
    with CaptureQueriesContext(connection) as queries:
        groups.members(group, limit=60, token=None)
    assert len(queries) == 1


def test_a_group_is_deleted_with_members_who_stay(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id)
    join(cognito, pool_id, "ana", "editors")

    cognito.delete_group(UserPoolId=pool_id, GroupName="editors")

    assert names_of(cognito, pool_id, "ana") == []
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ana")["Username"] == "ana"


def test_a_deleted_user_leaves_the_groups(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id)
    join(cognito, pool_id, "ana", "editors")

    cognito.admin_delete_user(UserPoolId=pool_id, Username="ana")

    assert cognito.list_users_in_group(UserPoolId=pool_id, GroupName="editors")["Users"] == []


def test_there_are_only_so_many_groups(cognito: Any, pool_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "GROUPS_PER_POOL", 2)
    monkeypatch.setattr(quotas, "GROUPS_PER_USER", 1)
    for name in ("a", "b"):
        make(cognito, pool_id, name)
    join(cognito, pool_id, "ana", "a")

    with pytest.raises(cognito.exceptions.LimitExceededException):
        make(cognito, pool_id, "c")
    with pytest.raises(cognito.exceptions.LimitExceededException):
        join(cognito, pool_id, "ana", "b")
    join(cognito, pool_id, "ana", "a")


def test_what_was_deleted_meanwhile_is_not_found(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id)
    pool = pools.get(pool_id)
    group, user = groups.get(pool, "editors"), accounts.get_as_admin(pool, "ana")
    cognito.delete_group(UserPoolId=pool_id, GroupName="editors")

    with pytest.raises(ResourceNotFound):
        groups.update(group, description="late")
    groups.remove(group, user)


def test_a_role_is_given_to_a_group_only_by_those_who_may_pass_it(cognito: Any, pool_id: str) -> None:
    """Whoever could would else come to act by any role, through an identity pool."""
    limited = users.create("limited")
    statement = {"Effect": "Allow", "Action": "cognito-idp:*", "Resource": "*"}
    users.put_policy(limited, "pools", {"Version": "2012-10-17", "Statement": [statement]})
    key = keys.create(limited)
    theirs = aws.client("cognito-idp", access_key=key.key_id, secret=key.secret)

    make(theirs, pool_id, "plain")
    for call in (theirs.create_group, theirs.update_group):
        with pytest.raises(theirs.exceptions.ClientError) as caught:
            call(UserPoolId=pool_id, GroupName="plain", RoleArn=ROLE)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
        assert f"iam:PassRole on resource: {ROLE}" in caught.value.response["Error"]["Message"]

    assert "RoleArn" not in cognito.get_group(UserPoolId=pool_id, GroupName="plain")["Group"]
