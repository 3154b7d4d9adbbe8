"""GetCallerIdentity: who am I, which no policy can deny."""

import pytest
from django.test import Client

from tests.iam import world
from tests.iam.documents import ACCOUNT, deny, document

pytestmark = pytest.mark.core_suite


def test_an_iam_user(sts):
    answer = sts.get_caller_identity()

    assert answer["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/administrator"
    assert answer["UserId"].startswith("AIDA")
    assert answer["Account"] == ACCOUNT


def test_a_path_is_part_of_the_arn_and_an_explicit_deny_does_not_count(db):
    user, key = world.user("bob", document(deny("*")), path="/team/blue/")

    answer = world.sts_client(key).get_caller_identity()

    assert answer["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/blue/bob"
    assert answer["UserId"] == user.user_id


def test_a_role_session(db):
    role = world.pool_role("app")

    answer = world.session_client("sts", world.session(role)).get_caller_identity()

    assert answer["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/CognitoIdentityCredentials"
    assert answer["UserId"] == f"{role.role_id}:CognitoIdentityCredentials"


def test_without_a_signature(db):
    form = Client().post(
        "/",
        "Action=GetCallerIdentity&Version=2011-06-15",
        content_type="application/x-www-form-urlencoded; charset=utf-8",
    )

    assert form.status_code == 403
    assert "<Code>MissingAuthenticationToken</Code>" in form.content.decode()
