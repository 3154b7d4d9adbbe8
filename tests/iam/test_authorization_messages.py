"""The sealed reasons of a refusal: who gets them, who may open them, what they say."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError

from identity.core import clock, tickets
from identity.iam import denials, managed_policies, policy
from identity.iam.rights import Rights
from identity.wire.rendering import AUTHORIZATION_MESSAGE_HEADER
from tests import aws
from tests.iam import world
from tests.iam.documents import allow, deny, document, trust

pytestmark = pytest.mark.core_suite


@pytest.fixture
def ben(db):
    """A user who is told that he may not look at user pools, and by which statement."""
    boundary = managed_policies.create("Bound", document(allow()))
    never = deny(["cognito-idp:List*"], Sid="Never", Condition={"Bool": {"aws:SecureTransport": "false"}})
    return world.user("ben", document(never, allow("sts:*")), permissions_boundary=boundary)


def refused(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response


def message_of(response):
    return response["ResponseMetadata"]["HTTPHeaders"].get(AUTHORIZATION_MESSAGE_HEADER)


def pools_of(key):
    return aws.client("cognito-idp", access_key=key.key_id, secret=key.secret)


def decoded(client, message):
    return json.loads(client.decode_authorization_message(EncodedMessage=message)["DecodedMessage"])


def test_an_explicit_deny_with_its_statement(ben, sts):
    user, key = ben
    response = refused(pools_of(key).list_user_pools, MaxResults=1)

    told = decoded(sts, message_of(response))

    assert response["Error"]["Message"].endswith("with an explicit deny in an identity-based policy")
    conditions = {
        item["key"]: [one["value"] for one in item["values"]["items"]]
        for item in told["context"].pop("conditions")["items"]
    }
    assert told == {
        "allowed": False,
        "explicitDeny": True,
        "matchedStatements": {
            "items": [
                {
                    "statementId": "Never",
                    "effect": "DENY",
                    "principals": {"items": [{"value": user.user_id}]},
                    "principalGroups": {"items": []},
                    "actions": {"items": [{"value": "cognito-idp:List*"}]},
                    "resources": {"items": [{"value": "*"}]},
                    "conditions": {
                        "items": [{"key": "aws:SecureTransport", "values": {"items": [{"value": "false"}]}}]
                    },
                }
            ]
        },
        "failures": {"items": []},
        "context": {
            "principal": {"id": user.user_id, "arn": user.arn},
            "action": "cognito-idp:ListUserPools",
            "resource": "*",
        },
    }
    assert conditions["aws:SourceIp"] == ["127.0.0.1"]
    assert conditions["aws:username"] == ["ben"]


def test_an_implicit_deny_matched_nothing(db, sts):
    _user, key = world.user("nobody")

    told = decoded(sts, message_of(refused(pools_of(key).list_user_pools, MaxResults=1)))

    assert told["explicitDeny"] is False
    assert told["matchedStatements"] == {"items": []}


def test_decoding_needs_its_own_permission(db):
    _user, key = world.user("nobody")
    message = message_of(refused(pools_of(key).list_user_pools, MaxResults=1))

    response = refused(world.sts_client(key).decode_authorization_message, EncodedMessage=message)

    assert response["Error"]["Code"] == "AccessDenied"
    assert "sts:DecodeAuthorizationMessage" in response["Error"]["Message"]


def test_the_query_protocol_has_the_header_too(db, sts):
    _user, key = world.user("nobody")
    response = refused(world.sts_client(key).get_access_key_info, AccessKeyId="A" * 20)

    assert decoded(sts, message_of(response))["context"]["action"] == "sts:GetAccessKeyInfo"


def test_a_refused_role_does_not_tell_whether_it_exists(db, sts):
    _user, key = world.user("ana", document(allow("sts:AssumeRole")))
    closed = world.role("closed", trust({"Service": "lambda.amazonaws.com"}), tags={"secret": "tag"})
    client = world.sts_client(key)

    def told(arn):
        response = refused(client.assume_role, RoleArn=arn, RoleSessionName="one")
        return message_of(response), decoded(sts, message_of(response))

    existing, unknown = told(closed.arn), told(closed.arn.replace("closed", "absent"))

    assert existing[1]["context"].pop("resource") != unknown[1]["context"].pop("resource")
    for _, message in (existing, unknown):
        message["context"]["conditions"]["items"] = [
            item for item in message["context"]["conditions"]["items"] if "Time" not in item["key"]
        ]
    assert existing[1] == unknown[1]
    assert "secret" not in json.dumps(existing[1])


def test_strangers_get_no_reasons(db):
    """Neither who is not authenticated, nor who comes with a token of some provider."""
    closed = world.role("closed", trust({"Service": "lambda.amazonaws.com"}))
    client = aws.client("sts")

    unsigned = aws.call_raw("AWSCognitoIdentityProviderService.ListUserPools", {"MaxResults": 1})
    token = refused(
        client.assume_role_with_web_identity,
        RoleArn=closed.arn,
        RoleSessionName="one",
        WebIdentityToken="x.y.z",
    )

    assert AUTHORIZATION_MESSAGE_HEADER not in unsigned
    assert message_of(token) is None


def test_scripts_in_a_browser_may_read_it(db):
    _user, key = world.user("nobody")
    headers = refused(pools_of(key).list_user_pools, MaxResults=1)["ResponseMetadata"]["HTTPHeaders"]

    assert AUTHORIZATION_MESSAGE_HEADER in headers["access-control-expose-headers"].split(",")


def test_nor_does_an_answer_that_is_no_refusal(sts):
    assert AUTHORIZATION_MESSAGE_HEADER not in sts.get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]


def test_it_can_be_opened_for_thirty_six_hours(db, sts):
    _user, key = world.user("nobody")
    message = message_of(refused(pools_of(key).list_user_pools, MaxResults=1))

    with time_machine.travel(clock.now() + timedelta(hours=35, minutes=59)):
        assert decoded(sts, message)
    with time_machine.travel(clock.now() + timedelta(hours=36, seconds=1)):
        assert refused(sts.decode_authorization_message, EncodedMessage=message)["Error"] == {
            "Type": "Sender",
            "Code": "InvalidAuthorizationMessageException",
            "Message": "Message is not valid",
        }


def test_only_our_own_messages_open(db, sts):
    _user, key = world.user("nobody")
    message = message_of(refused(pools_of(key).list_user_pools, MaxResults=1))
    raw = bytearray(base64.b64decode(message))
    raw[-1] ^= 1
    session_token = sts.get_session_token()["Credentials"]["SessionToken"]
    other_kind = tickets.issue("signin", {"d": ""}, lifetime=timedelta(hours=1))

    for text in ("x", "AYABe", base64.b64encode(raw).decode(), message[:-4], session_token, other_kind):
        error = refused(sts.decode_authorization_message, EncodedMessage=text)["Error"]
        assert error["Code"] == "InvalidAuthorizationMessageException"


def noise(length, seed=1):
    """Text that does not compress."""
    out = ""
    for _ in range(length):
        seed = (seed * 1103515245 + 12345) % 2**31
        out += chr(33 + (seed >> 8) % 90)
    return out


@pytest.mark.parametrize(
    ("statement", "context", "resource", "kept"),
    [
        (deny(), {"aws:SourceIp": "127.0.0.1"}, "arn:aws:s3:::x", (1, 1)),
        (deny(), {f"k{n}": noise(60, n) for n in range(100)}, "arn:aws:s3:::x", (1, 0)),
        (
            deny(resource=["*", *(f"arn:aws:s3:::{noise(20, n)}" for n in range(300))]),
            {"k": "v"},
            "arn:aws:s3:::x",
            (0, 0),
        ),
        (deny(), {"k": noise(5000)}, "arn:aws:s3:::" + noise(5000, 7), (0, 0)),
    ],
)
def test_it_never_grows_past_a_header(statement, context, resource, kept, db):
    principal = policy.Principal(policy.PrincipalKind.USER, "arn:aws:iam::1:user/ana")
    held = Rights(principal, (policy.parse(document(statement), limit=100_000),))
    request = policy.Request("s3:Get", resource, context, principal)

    encoded = denials.encode(request, held, "AIDAX")

    told = json.loads(denials.decode(encoded))
    assert len(encoded) <= 4_096
    assert encoded.isascii()
    assert told["explicitDeny"]
    assert len(told["matchedStatements"]["items"]) == kept[0]
    assert len(told["context"]["conditions"]["items"]) == kept[1]
