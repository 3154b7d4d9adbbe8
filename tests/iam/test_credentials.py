"""Temporary credentials: sealed, bound to their key, ending on time."""

import base64
from datetime import timedelta

import pytest
import time_machine

from identity.core import clock
from identity.iam import credentials, managed_policies, names, rights, roles, sts
from identity.iam.callers import IamCallers
from identity.iam.errors import IdpRejectedClaim, RoleRefused
from identity.iam.models import RolePolicy
from identity.iam.texts import text
from identity.wire.callers import AccessDenied, ExpiredKey, UnknownKey
from tests.iam import world
from tests.iam.documents import ACCOUNT, IDENTITY, POOL, allow, deny, document

pytestmark = pytest.mark.core_suite

callers = IamCallers()


def held_by(given):
    return callers.find_key(given.access_key_id, given.session_token, clock.now()).caller


def may(given, action, resource="*", **context):
    try:
        callers.authorize(held_by(given), action, resource, context)
    except AccessDenied:
        return False
    return True


def test_they_name_the_session_and_end_in_an_hour(db):
    role = world.pool_role("app", path="/apps/")
    with time_machine.travel("2026-03-01T12:00:00.750Z", tick=False):
        given = world.session(role)

    assert given.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/CognitoIdentityCredentials"
    assert given.assumed_role_id == f"{role.role_id}:CognitoIdentityCredentials"
    assert given.expiration.isoformat() == "2026-03-01T13:00:00+00:00"
    assert given.access_key_id.startswith("ASIA")
    assert names.account_of(given.access_key_id) == ACCOUNT
    assert len(given.secret_access_key) == 40


def test_a_token_is_base64_and_of_moderate_size(db):
    given = world.session(world.pool_role("app"))

    base64.b64decode(given.session_token, validate=True)
    assert len(given.session_token) < 1000


def test_the_secret_is_in_the_seal_only(db):
    given = world.session(world.pool_role("app"))

    assert given.secret_access_key.encode() not in base64.b64decode(given.session_token)
    assert given.secret_access_key not in repr(given)
    assert given.session_token not in repr(given)
    opened = credentials.open_session(given.access_key_id, given.session_token)
    assert opened.secret == given.secret_access_key
    assert opened.secret not in repr(opened)


def test_a_token_opens_only_whole_for_its_own_key_and_before_its_end(db):
    role = world.pool_role("app")
    one, two = world.session(role), world.session(role)
    raw = base64.b64decode(one.session_token)
    flipped = base64.b64encode(raw[:60] + bytes([raw[60] ^ 1]) + raw[61:]).decode()

    for key_id, token in [
        (two.access_key_id, one.session_token),
        (one.access_key_id, flipped),
        (one.access_key_id, one.session_token[:-8]),
        (one.access_key_id, "x"),
        (one.access_key_id, ""),
    ]:
        with pytest.raises(UnknownKey):
            callers.find_key(key_id, token, clock.now())
    with pytest.raises(UnknownKey):
        callers.find_key(one.access_key_id, None, clock.now())
    with time_machine.travel(clock.now() + timedelta(seconds=3599), tick=False):
        assert held_by(one)
    with time_machine.travel(clock.now() + timedelta(seconds=3601), tick=False), pytest.raises(ExpiredKey):
        held_by(one)


def test_verification_reads_the_role_only(db, django_assert_num_queries):
    role = world.pool_role("app", document(allow("notes:*")))
    role.attached_policies.add(managed_policies.create("Extra", document(allow("extra:*"))))
    role.permissions_boundary = managed_policies.create("Bound", document(allow("*")))
    role.save()
    given = world.session(role)
    held_by(given)  # takes the list of revocations

    with django_assert_num_queries(1):
        held = callers.find_key(given.access_key_id, given.session_token, clock.now())
        callers.authorize(held.caller, "extra:Do", "*", {})


def test_issuing_reads_the_role_and_writes_nothing(db, django_assert_num_queries):
    role = world.pool_role("app")

    with django_assert_num_queries(1):
        world.session(role)


def test_the_roles_policies_count_as_they_are_now(db):
    role = world.pool_role("app", document(allow("notes:*")))
    given = world.session(role)
    assert may(given, "notes:Get")

    roles.put_policy(role, "policy0", document(allow("notes:Put")))

    assert not may(given, "notes:Get")


def test_a_deleted_role_takes_its_sessions_along_and_a_namesake_brings_none_back(db):
    role = world.pool_role("app")
    given = world.session(role)
    role.delete()

    with pytest.raises(UnknownKey):
        held_by(given)
    world.pool_role("app")
    with pytest.raises(UnknownKey):
        held_by(given)


def test_the_boundary_bounds(db):
    role = world.pool_role("app", document(allow()))
    role.permissions_boundary = managed_policies.create(
        "Bound", document(allow("notes:*"), deny("notes:Delete"))
    )
    role.save()
    given = world.session(role)

    assert may(given, "notes:Get")
    assert not may(given, "notes:Delete")
    assert not may(given, "other:Get")


def test_session_policies_bound_as_a_union(db):
    role = world.pool_role("app", document(allow(["a:*", "b:*", "c:*"])))
    both = [text(document(allow("a:*"))), text(document(allow(["b:*", "d:*"])))]
    given = world.session(role, session_policies=both)

    assert may(given, "a:Do")
    assert may(given, "b:Do")
    assert not may(given, "d:Do")
    with pytest.raises(AccessDenied, match="because no session policy allows the c:Do action"):
        callers.authorize(held_by(given), "c:Do", "*", {})


def test_claims_live_on_as_condition_keys_and_variables(db):
    mine = "arn:aws:notes:*:*:note/${cognito-identity.amazonaws.com:sub}/*"
    role = world.pool_role(
        "app",
        document(
            allow("notes:*", mine),
            allow(
                "by:Method",
                Condition={
                    "ForAnyValue:StringEquals": {"cognito-identity.amazonaws.com:amr": "idp.example.com"}
                },
            ),
            allow(
                "by:Provider",
                Condition={"StringEquals": {"aws:FederatedProvider": "cognito-identity.amazonaws.com"}},
            ),
            allow("by:Pool", Condition={"StringEquals": {"cognito-identity.amazonaws.com:aud": POOL}}),
        ),
    )
    given = world.session(role)

    assert may(given, "notes:Get", f"arn:aws:notes:r:{ACCOUNT}:note/{IDENTITY}/1")
    assert not may(given, "notes:Get", f"arn:aws:notes:r:{ACCOUNT}:note/us-east-1:other/1")
    assert may(given, "by:Method")
    assert may(given, "by:Provider")
    assert may(given, "by:Pool")


def test_the_context_of_a_session(db):
    role = world.pool_role("app", path="/p/", tags={"Team": "blue", "keep": "1"}, tagging=True)
    tags = {"principal_tags": {"team": ["red"]}}
    given = world.session(role, claims={**world.CLAIMS, "https://aws.amazon.com/tags": tags})

    context = dict(held_by(given).context)

    issued = context.pop("aws:TokenIssueTime")
    assert abs(clock.now() - issued) < timedelta(minutes=1)
    assert context == {
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/p/app",
        "aws:userid": f"{role.role_id}:CognitoIdentityCredentials",
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:MultiFactorAuthPresent": "false",
        "aws:PrincipalTag/keep": "1",
        "aws:PrincipalTag/team": "red",
        "aws:FederatedProvider": "cognito-identity.amazonaws.com",
        "cognito-identity.amazonaws.com:aud": POOL,
        "cognito-identity.amazonaws.com:sub": IDENTITY,
        "cognito-identity.amazonaws.com:amr": ["authenticated", "idp.example.com"],
    }


def test_the_context_of_a_user_cannot_be_overridden_by_the_request(db):
    user, key = world.user(
        "ana", document(allow(Condition={"StringEquals": {"aws:username": "ben"}})), tags={"team": "blue"}
    )
    caller = callers.find_key(key.key_id, None, clock.now()).caller

    assert caller.context == {
        "aws:PrincipalArn": user.arn,
        "aws:userid": user.user_id,
        "aws:username": "ana",
        "aws:PrincipalType": "User",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalTag/team": "blue",
    }
    with pytest.raises(AccessDenied):
        callers.authorize(caller, "svc:Do", "*", {"aws:username": "ben"})


@pytest.mark.parametrize(
    ("policies", "ending"),
    [
        ([], "because no identity-based policy allows the notes:GetNote action"),
        ([document(allow(), deny("notes:*"))], "with an explicit deny in an identity-based policy"),
    ],
)
def test_refusals_read_as_iams(db, policies, ending):
    _, key = world.user("ana", *policies)
    caller = callers.find_key(key.key_id, None, clock.now()).caller

    with pytest.raises(AccessDenied) as caught:
        callers.authorize(caller, "notes:GetNote", "arn:aws:notes:r:1:note/1", {})

    assert caught.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/ana is not authorized to perform: notes:GetNote "
        f"on resource: arn:aws:notes:r:1:note/1 {ending}"
    )


def test_a_stored_document_that_cannot_be_read_denies_everything(db, caplog):
    role = world.pool_role("app", document(allow()))
    RolePolicy.objects.create(role=role, name="broken", document="{")

    assert not may(world.session(role), "svc:Do")
    assert "unreadable" in caplog.text


def test_tags_of_roles_survive_the_union_of_queries(db):
    role = world.pool_role("app", tags={"ключ": "значение", "quote": 'a"b'})

    loaded = rights.of_role(role.role_id)

    assert loaded is not None
    assert loaded.tags == {"ключ": "значение", "quote": 'a"b'}
    assert rights.of_role("AROANOBODY") is None


# The enhanced flow's own door


@pytest.mark.parametrize(
    "claims",
    [
        {**world.CLAIMS, "aud": "us-east-1:other"},
        {**world.CLAIMS, "amr": ["unauthenticated"]},
        {
            **world.CLAIMS,
            "https://aws.amazon.com/tags": {"principal_tags": {"a": ["b"]}},
        },  # TagSession is not allowed
    ],
)
def test_a_role_that_refuses_is_told_apart(db, claims):
    role = world.pool_role("app")

    with pytest.raises(RoleRefused):
        world.session(role, claims=claims)


def test_an_unknown_role_refuses_alike(db):
    for arn in (
        f"arn:aws:iam::{ACCOUNT}:role/none",
        "nonsense",
        f"arn:aws:iam::{ACCOUNT}:user/app",
        "arn:aws:iam::999999999999:role/app",
    ):
        with pytest.raises(RoleRefused):
            sts.for_identity(arn, claims=world.CLAIMS)


def test_malformed_tags_are_the_tokens_fault(db):
    role = world.pool_role("app", tagging=True)

    with pytest.raises(IdpRejectedClaim):
        world.session(
            role,
            claims={**world.CLAIMS, "https://aws.amazon.com/tags": {"principal_tags": {"a": ["b", "c"]}}},
        )


def test_the_enhanced_flows_hour_does_not_depend_on_the_role(db):
    given = world.session(world.pool_role("app"), duration=timedelta(hours=2))

    assert given.expiration - clock.now() > timedelta(minutes=119)
