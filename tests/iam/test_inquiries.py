"""GetAccessKeyInfo, and the operations that an account has to switch on first."""

import pytest

from identity.iam import names
from tests import conftest
from tests.aws import refusal
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, document

pytestmark = pytest.mark.core_suite


@pytest.mark.parametrize("prefix", ["AKIA", "ASIA"])
def test_a_key_id_carries_its_account_whether_it_exists_or_not(sts, settings, prefix):
    settings.IDENTITY = {**settings.IDENTITY, "ACCOUNT_ID": "123456789012"}
    key_id = names.new_access_key_id(prefix)
    settings.IDENTITY = {**settings.IDENTITY, "ACCOUNT_ID": ACCOUNT}

    assert sts.get_access_key_info(AccessKeyId=key_id)["Account"] == "123456789012"
    assert sts.get_access_key_info(AccessKeyId=f"{key_id}AAAA")["Account"] == "123456789012"


def test_an_administrators_key_of_another_form_is_ours(sts):
    assert sts.get_access_key_info(AccessKeyId=conftest.ADMIN_KEY_ID)["Account"] == ACCOUNT


def test_what_is_no_key_id(sts):
    code, words = refusal(sts.get_access_key_info, AccessKeyId="AKIA" + "0" * 16)

    assert code == "ValidationError"
    assert words == "AKIA0000000000000000 is not a valid access key id"


def test_it_needs_a_permission(db):
    _user, key = world.user("nobody")

    assert (
        refusal(world.sts_client(key).get_access_key_info, AccessKeyId="AKIA" + "A" * 16)[0] == "AccessDenied"
    )


ROOT_TASK = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}


def test_what_is_switched_off_says_so(sts):
    target = f"arn:aws:iam::{ACCOUNT}:root"

    assert refusal(sts.assume_root, TargetPrincipal=target, TaskPolicyArn=ROOT_TASK) == (
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:user/administrator is not authorized to perform: sts:AssumeRoot "
        f"on resource: {target}",
    )
    assert refusal(sts.get_web_identity_token, Audience=["a"], SigningAlgorithm="RS256") == (
        "OutboundWebIdentityFederationDisabledException",
        "The outbound web identity federation feature is not enabled for this account.",
    )
    assert refusal(sts.get_delegated_access_token, TradeInToken="token")[0] == "AccessDenied"


def test_and_to_nobody_who_may_not_ask(db):
    _user, key = world.user("ben", document(allow("notes:*")))
    client = world.sts_client(key)

    code, words = refusal(client.get_web_identity_token, Audience=["a"], SigningAlgorithm="RS256")

    assert code == "AccessDenied"
    assert words.endswith("because no identity-based policy allows the sts:GetWebIdentityToken action")
