"""Tags of identity pools: the pool is named by its ARN, as policies name it."""

from typing import Any

import pytest

from tests import aws
from tests.identitypools.world import NOBODY, limited

pytestmark = pytest.mark.core_suite


def arn_of(pool_id: str) -> str:
    return f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{pool_id}"


def tags(client: Any, pool_id: str) -> dict[str, str]:
    found: dict[str, str] = client.list_tags_for_resource(ResourceArn=arn_of(pool_id))["Tags"]
    return found


def test_tags_are_added_overwritten_and_removed(cognito_identity: Any, make_pool: Any) -> None:
    pool_id = make_pool(IdentityPoolTags={"stage": "test", "owner": "ana"})

    cognito_identity.tag_resource(ResourceArn=arn_of(pool_id), Tags={"stage": "live", "cost": ""})
    assert tags(cognito_identity, pool_id) == {"stage": "live", "owner": "ana", "cost": ""}

    cognito_identity.untag_resource(ResourceArn=arn_of(pool_id), TagKeys=["owner", "cost", "unheard"])
    assert tags(cognito_identity, pool_id) == {"stage": "live"}
    described = cognito_identity.describe_identity_pool(IdentityPoolId=pool_id)
    assert described["IdentityPoolTags"] == {"stage": "live"}


def test_the_answers_body_is_an_empty_object(admin_key: tuple[str, str], make_pool: Any) -> None:
    body = f'{{"ResourceArn":"{arn_of(make_pool())}","Tags":{{"a":"b"}}}}'

    answered = aws.call_signed("cognito-identity", "AWSCognitoIdentityService.TagResource", body, admin_key)

    assert answered.content == b"{}"


def test_at_most_fifty_tags_and_none_of_awss_own(cognito_identity: Any, make_pool: Any) -> None:
    pool_id = make_pool(IdentityPoolTags={f"key {number}": "x" for number in range(50)})
    many = {f"key {number}": "x" for number in range(51)}

    for call in (
        lambda: cognito_identity.tag_resource(ResourceArn=arn_of(pool_id), Tags={"one": "more"}),
        lambda: cognito_identity.tag_resource(ResourceArn=arn_of(pool_id), Tags={"AWS:x": "y"}),
        lambda: make_pool(IdentityPoolTags=many),
    ):
        assert aws.refusal(call)[0] == "InvalidParameterException"
    cognito_identity.tag_resource(ResourceArn=arn_of(pool_id), Tags={"key 1": "y"})
    assert len(tags(cognito_identity, pool_id)) == 50


def test_what_is_no_pools_arn_is_denied_even_to_the_administrator(
    cognito_identity: Any, make_pool: Any
) -> None:
    pool_id = make_pool()

    for wrong in (
        pool_id,
        arn_of(pool_id).replace("identitypool", "userpool"),
        arn_of(pool_id).replace("000000000000", "111111111111"),
        arn_of(pool_id).replace("us-east-1", "eu-west-1", 1),
    ):
        code, message = aws.refusal(cognito_identity.list_tags_for_resource, ResourceArn=wrong)
        assert code == "AccessDeniedException"
        assert message.endswith(
            f"is not authorized to perform: cognito-identity:ListTagsForResource on resource: {wrong}"
        )


def test_a_pool_that_is_not_there(cognito_identity: Any) -> None:
    for call in (
        lambda: tags(cognito_identity, NOBODY),
        lambda: cognito_identity.tag_resource(ResourceArn=arn_of(NOBODY), Tags={"a": "b"}),
        lambda: cognito_identity.untag_resource(ResourceArn=arn_of(NOBODY), TagKeys=["a"]),
    ):
        assert aws.refusal(call) == ("ResourceNotFoundException", f"IdentityPool '{NOBODY}' not found.")


def test_policies_may_bound_pools_and_tags(make_pool: Any) -> None:
    mine, other = make_pool(), make_pool()
    client = limited(
        {
            "Action": "cognito-identity:TagResource",
            "Resource": arn_of(mine),
            "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}},
        }
    )

    client.tag_resource(ResourceArn=arn_of(mine), Tags={"stage": "live"})
    for pool_id, given in ((other, {"stage": "live"}), (mine, {"owner": "ana"})):
        denied = aws.refusal(client.tag_resource, ResourceArn=arn_of(pool_id), Tags=given)
        assert denied[0] == "AccessDeniedException"


def test_tags_that_differ_in_case_only_are_refused_before_policies_are_asked(
    admin_key: tuple[str, str], make_pool: Any
) -> None:
    """Of two alike a policy would see one, and the other would be set unseen."""
    pool_id = make_pool()
    blue = {"StringEqualsIfExists": {"aws:RequestTag/project": "blue"}}
    client = limited({"Action": "cognito-identity:*", "Resource": "*", "Condition": blue})
    alike = {"project": "red", "Project": "blue"}

    for deed, given in (
        (client.tag_resource, {"ResourceArn": arn_of(pool_id), "Tags": alike}),
        (
            client.create_identity_pool,
            {
                "IdentityPoolName": "app",
                "AllowUnauthenticatedIdentities": True,
                "IdentityPoolTags": alike,
            },
        ),
    ):
        with pytest.raises(client.exceptions.ClientError) as caught:
            deed(**given)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
    client.tag_resource(ResourceArn=arn_of(pool_id), Tags={"Project": "blue", "stage": "x"})
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.tag_resource(ResourceArn=arn_of(pool_id), Tags={"project": "blue"})


UPDATE = {"Action": "cognito-identity:UpdateIdentityPool", "Resource": "*"}


def update(client: Any, pool_id: str, tags: dict[str, str]) -> Any:
    return client.update_identity_pool(
        IdentityPoolId=pool_id,
        IdentityPoolName="notes",
        AllowUnauthenticatedIdentities=True,
        IdentityPoolTags=tags,
    )


def test_tags_change_with_the_pool_for_who_may_tag_it(cognito_identity: Any, make_pool: Any) -> None:
    before = {"stage": "test", "owner": "ana"}
    pool_id = make_pool(IdentityPoolTags=before)
    client = limited(UPDATE)

    update(client, pool_id, before)
    for changed, action in (
        ({**before, "stage": "live"}, "TagResource"),
        ({**before, "cost": "1"}, "TagResource"),
        ({"stage": "test"}, "UntagResource"),
        ({}, "UntagResource"),
    ):
        code, message = aws.refusal(update, client=client, pool_id=pool_id, tags=changed)
        assert code == "AccessDeniedException"
        assert f"perform: cognito-identity:{action} on resource: {arn_of(pool_id)}" in message
    assert tags(cognito_identity, pool_id) == before


def test_which_tags_change_with_the_pool_is_what_policies_are_asked(make_pool: Any) -> None:
    pool_id = make_pool(IdentityPoolTags={"stage": "test", "owner": "ana"})
    only_stage = {"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}}
    client = limited(
        UPDATE,
        {
            "Action": "cognito-identity:TagResource",
            "Resource": arn_of(pool_id),
            "Condition": {**only_stage, "StringEquals": {"aws:RequestTag/stage": "live"}},
        },
        {"Action": "cognito-identity:UntagResource", "Resource": arn_of(pool_id), "Condition": only_stage},
    )

    update(client, pool_id, {"stage": "live", "owner": "ana"})
    for changed in ({"stage": "gone", "owner": "ana"}, {"stage": "live", "owner": "ben"}, {"stage": "live"}):
        assert aws.refusal(update, client=client, pool_id=pool_id, tags=changed)[0] == "AccessDeniedException"
    update(client, pool_id, {"owner": "ana"})


def test_policies_may_ask_for_the_tags_that_a_pool_has(make_pool: Any) -> None:
    mine = make_pool(IdentityPoolTags={"team": "notes"})
    others = [make_pool(IdentityPoolTags={"team": "mail"}), make_pool()]
    condition = {"StringEquals": {"aws:ResourceTag/team": "notes"}}
    client = limited({"Action": "cognito-identity:*", "Resource": "*", "Condition": condition})

    client.describe_identity_pool(IdentityPoolId=mine)
    client.list_identities(IdentityPoolId=mine, MaxResults=1)
    update(client, mine, {"team": "notes", "stage": "live"})
    client.tag_resource(ResourceArn=arn_of(mine), Tags={"a": "b"})
    client.untag_resource(ResourceArn=arn_of(mine), TagKeys=["a"])
    for pool_id in (*others, NOBODY):
        for denied in (
            aws.refusal(client.describe_identity_pool, IdentityPoolId=pool_id),
            aws.refusal(client.list_tags_for_resource, ResourceArn=arn_of(pool_id)),
            aws.refusal(client.tag_resource, ResourceArn=arn_of(pool_id), Tags={"team": "notes"}),
        ):
            assert denied[0] == "AccessDeniedException"
    client.untag_resource(ResourceArn=arn_of(mine), TagKeys=["team"])
    assert aws.refusal(client.describe_identity_pool, IdentityPoolId=mine)[0] == "AccessDeniedException"
