"""GetSessionToken and GetFederationToken: credentials out of a user's own key, their rights, their limits, their end."""

import json
from datetime import timedelta

import pytest
import time_machine

from identity.core import clock
from identity.iam import keys, managed_policies, policy, revocations, users
from identity.iam.callers import IamCallers, rights_of
from identity.iam.models import AccessKey
from identity.wire.callers import AccessDenied, ExpiredKey, UnknownKey
from tests import conftest
from tests.aws import refusal
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, deny, document, trust

pytestmark = pytest.mark.core_suite

callers = IamCallers()
ALL = document(allow())
SESSION_POLICY = json.dumps(document(allow("notes:Get*")))


@pytest.fixture
def ana(db):
    """A user who may do everything, and a client with her key."""
    made, key = world.user("ana", ALL, tags={"Team": "blue", "own": "1"})
    return made, key, world.sts_client(key, checked=False)


def caller_of(answer):
    given = answer["Credentials"]
    return callers.find_key(given["AccessKeyId"], given["SessionToken"], clock.now()).caller


def may(caller, action, resource="*", **context):
    try:
        callers.authorize(caller, action, resource, context)
    except AccessDenied:
        return False
    return True


# GetSessionToken


def test_a_users_session_is_the_user(ana):
    user, _key, sts = ana

    answer = sts.get_session_token()

    given = answer["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")
    assert timedelta(hours=11, minutes=59) < given["Expiration"] - clock.now() <= timedelta(hours=12)
    assert answer["SessionTokenSize"] == len(given["SessionToken"])
    me = world.session_client("sts", given).get_caller_identity()
    assert (me["Arn"], me["UserId"]) == (user.arn, user.user_id)


def test_its_context_is_the_users_with_the_marks_of_a_session(ana):
    user, _key, sts = ana

    context = caller_of(sts.get_session_token()).context

    assert context["aws:username"] == "ana"
    assert context["aws:PrincipalArn"] == user.arn
    assert context["aws:userid"] == user.user_id
    assert context["aws:PrincipalType"] == "User"
    assert context["aws:PrincipalTag/Team"] == "blue"
    assert context["aws:MultiFactorAuthPresent"] == "false"
    assert abs(context["aws:TokenIssueTime"] - clock.now()) < timedelta(minutes=1)


def test_no_policy_is_asked_about_it(db):
    _user, key = world.user("ben", document(deny()))

    assert world.sts_client(key).get_session_token(DurationSeconds=900)


def test_its_rights_are_the_users_of_the_moment(ana):
    user, _key, sts = ana
    caller = caller_of(sts.get_session_token())
    assert may(caller, "notes:Get")

    users.put_policy(user, "policy0", document(allow("other:*")))
    later = callers.find_key(*session_of(sts), clock.now()).caller

    assert not may(later, "notes:Get")


def session_of(sts):
    given = sts.get_session_token()["Credentials"]
    return given["AccessKeyId"], given["SessionToken"]


def test_a_boundary_bounds_its_sessions_too(db):
    boundary = managed_policies.create("Bound", document(allow("notes:*")))
    _user, key = world.user("ben", ALL, permissions_boundary=boundary)

    caller = caller_of(world.sts_client(key).get_session_token())

    assert may(caller, "notes:Get")
    assert not may(caller, "other:Get")


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("iam:CreateUser", False),
        ("IAM:createuser", False),
        ("sts:GetFederationToken", False),
        ("sts:DecodeAuthorizationMessage", False),
        ("sts:AssumeRole", True),
        ("notes:Get", True),
        ("cognito-idp:ListUserPools", True),
    ],
)
def test_without_mfa_it_may_not_call_iam_and_of_sts_assume_role_alone(ana, action, allowed):
    assert may(caller_of(ana[2].get_session_token()), action) is allowed


def test_the_limits_hold_over_the_wire(ana):
    session = world.session_client("sts", ana[2].get_session_token()["Credentials"])

    assert refusal(session.get_session_token) == (
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )
    assert refusal(session.get_federation_token, Name="bob") == (
        "AccessDenied",
        "Cannot call GetFederationToken with session credentials",
    )
    assert refusal(session.get_access_key_info, AccessKeyId="A" * 20) == (
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:user/ana is not authorized to perform: sts:GetAccessKeyInfo on resource: *",
    )


def test_a_role_sessions_key_makes_no_user_session(db):
    session = world.session_client("sts", world.session(world.pool_role("app")))

    assert refusal(session.get_session_token)[1] == "Cannot call GetSessionToken with session credentials"
    assert refusal(session.get_federation_token, Name="bob")[1].startswith("Cannot call GetFederationToken")


def test_a_users_session_assumes_roles_as_the_user_does_and_is_no_chain(ana):
    user, _key, sts = ana
    role = world.role("long", trust({"AWS": user.arn}), max_session_duration=7200)
    session = world.session_client("sts", sts.get_session_token()["Credentials"])

    assert session.assume_role(RoleArn=role.arn, RoleSessionName="one", DurationSeconds=7200)


@pytest.mark.parametrize("parameters", [{"SerialNumber": "GAHT12345678"}, {"TokenCode": "123456"}])
def test_there_are_no_mfa_devices(ana, parameters):
    assert refusal(ana[2].get_session_token, **parameters) == (
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code.",
    )


@pytest.mark.parametrize(
    ("seconds", "fragment"),
    [(899, "greater than or equal to 900"), (129_601, "less than or equal to 129600")],
)
def test_fifteen_minutes_to_thirty_six_hours(ana, seconds, fragment):
    for call, more in ((ana[2].get_session_token, {}), (ana[2].get_federation_token, {"Name": "bob"})):
        code, words = refusal(call, DurationSeconds=seconds, **more)
        assert code == "ValidationError"
        assert fragment in words


def test_the_longest_session_ends_then(ana):
    given = ana[2].get_session_token(DurationSeconds=129_600)["Credentials"]
    pair = given["AccessKeyId"], given["SessionToken"]

    with time_machine.travel(clock.now() + timedelta(hours=35, minutes=59)):
        assert callers.find_key(*pair, clock.now())
    with time_machine.travel(clock.now() + timedelta(hours=36, seconds=2)), pytest.raises(ExpiredKey):
        callers.find_key(*pair, clock.now())


def test_a_token_can_be_asked_to_be_long(ana):
    answer = ana[2].get_session_token(MinimumSessionTokenSize=2000)

    assert answer["SessionTokenSize"] >= 2000
    assert caller_of(answer)


def test_where_the_only_key_is_the_accounts_own_there_are_no_sessions(sts, settings):
    """A site whose callers come from the settings: its one key stands for the account's root."""
    settings.IDENTITY = {
        **settings.IDENTITY,
        "CALLERS": "identity.wire.callers.SettingsCallers",
        "ADMIN_ACCESS_KEY_ID": conftest.ADMIN_KEY_ID,
        "ADMIN_SECRET_ACCESS_KEY": conftest.ADMIN_SECRET,
    }

    for call, more in ((sts.get_session_token, {}), (sts.get_federation_token, {"Name": "bob"})):
        code, words = refusal(call, **more)
        assert code == "AccessDenied"
        assert words.startswith(f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: sts:Get")


# The end of both kinds


@pytest.fixture(params=["user", "federated"])
def given(request, ana):
    sts = ana[2]
    answer = sts.get_session_token() if request.param == "user" else sts.get_federation_token(Name="bob")
    return answer["Credentials"]


def found(given):
    return callers.find_key(given["AccessKeyId"], given["SessionToken"], clock.now())


def test_it_outlives_the_key_that_made_it(ana, given):
    row = AccessKey.objects.get(pk=ana[1].key_id)
    keys.set_status(row, AccessKey.Status.INACTIVE)
    assert found(given)

    row.delete()

    assert found(given)


def test_it_ends_with_the_user_and_not_with_a_namesake(ana, given):
    ana[0].delete()
    world.user("ana", ALL)

    with pytest.raises(UnknownKey):
        found(given)


def test_it_can_be_revoked_by_its_key_id(given):
    revocations.revoke_key(given["AccessKeyId"])

    with pytest.raises(ExpiredKey):
        found(given)


def test_its_token_fits_no_other_key(ana, given):
    other = ana[2].get_session_token()["Credentials"]

    with pytest.raises(UnknownKey):
        callers.find_key(other["AccessKeyId"], given["SessionToken"], clock.now())


# GetFederationToken


def test_a_federated_user_is_named_by_the_caller(ana):
    answer = ana[2].get_federation_token(Name="bob", Policy=SESSION_POLICY)

    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    assert answer["FederatedUser"] == {"FederatedUserId": f"{ACCOUNT}:bob", "Arn": arn}
    assert 0 < answer["PackedPolicySize"] < 100
    me = world.session_client("sts", answer["Credentials"]).get_caller_identity()
    assert me["Arn"] == arn
    assert me["UserId"] == f"{ACCOUNT}:bob"
    context = caller_of(answer).context
    assert context["aws:PrincipalArn"] == arn
    assert context["aws:PrincipalType"] == "FederatedUser"
    assert "aws:username" not in context


def test_it_may_do_what_the_user_and_its_session_policies_both_allow(db):
    _user, key = world.user("ben", document(allow(["notes:*", "sts:*"])))
    reading = managed_policies.create("Reading", document(allow("other:Get*")))
    sts = world.sts_client(key)

    caller = caller_of(
        sts.get_federation_token(Name="bob", Policy=SESSION_POLICY, PolicyArns=[{"arn": reading.arn}])
    )

    assert may(caller, "notes:GetNote")
    assert not may(caller, "notes:PutNote")
    assert not may(caller, "other:GetIt")


def test_without_a_session_policy_it_may_do_nothing(ana):
    answer = ana[2].get_federation_token(Name="bob")

    assert "PackedPolicySize" not in answer
    with pytest.raises(AccessDenied, match="because no session policy allows the notes:Get action"):
        callers.authorize(caller_of(answer), "notes:Get", "*", {})


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        (f"arn:aws:sts::{ACCOUNT}:federated-user/bob", True),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/eve", False),
        # naming the user behind it leaves the session within its policies
        (f"arn:aws:iam::{ACCOUNT}:user/ana", False),
    ],
)
def test_but_what_a_resources_own_policy_gives_to_it(ana, principal, allowed):
    held = rights_of(caller_of(ana[2].get_federation_token(Name="bob")))
    statement = allow("notes:Get", Principal={"AWS": principal})
    resource = policy.parse(document(statement), kind="resource", principal_ids={ana[0].arn: ana[0].user_id})

    decision = policy.decide(
        policy.Request("notes:Get", "arn:aws:notes:::x", {}, held.principal),
        identity=held.identity,
        boundary=held.boundary,
        sessions=held.sessions,
        resource_policies=[resource],
    )

    assert decision.allowed is allowed


@pytest.mark.parametrize("action", ["iam:GetUser", "sts:AssumeRole", "sts:GetAccessKeyInfo"])
def test_it_may_call_neither_iam_nor_sts(ana, action):
    everything = json.dumps(ALL)

    caller = caller_of(ana[2].get_federation_token(Name="bob", Policy=everything))

    assert may(caller, "notes:Get")
    assert not may(caller, action)


def test_it_assumes_no_role_even_if_trusted(ana):
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    role = world.role("open", trust({"AWS": arn}))
    answer = ana[2].get_federation_token(Name="bob", Policy=json.dumps(ALL))

    session = world.session_client("sts", answer["Credentials"])

    assert refusal(session.assume_role, RoleArn=role.arn, RoleSessionName="one") == (
        "AccessDenied",
        f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {role.arn}",
    )


def test_the_user_has_to_be_allowed_to_federate_under_this_name(db):
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/b*"
    _user, key = world.user("ben", document(allow("sts:GetFederationToken", arn)))
    sts = world.sts_client(key)

    assert sts.get_federation_token(Name="bob")
    assert refusal(sts.get_federation_token, Name="eve") == (
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:user/ben is not authorized to perform: sts:GetFederationToken "
        f"on resource: arn:aws:sts::{ACCOUNT}:federated-user/eve "
        "because no identity-based policy allows the sts:GetFederationToken action",
    )


def test_tags_win_over_the_users_and_need_tag_session(ana):
    tags = [{"Key": "team", "Value": "red"}]
    _ben, key = world.user("ben", document(allow("sts:GetFederationToken")))

    context = caller_of(ana[2].get_federation_token(Name="bob", Tags=tags)).context

    assert {k: v for k, v in context.items() if k.startswith("aws:PrincipalTag/")} == {
        "aws:PrincipalTag/own": "1",
        "aws:PrincipalTag/team": "red",
    }
    code, words = refusal(world.sts_client(key).get_federation_token, Name="bob", Tags=tags)
    assert code == "AccessDenied"
    assert "is not authorized to perform: sts:TagSession" in words


def test_tags_are_conditions(db):
    strict = allow(
        ["sts:GetFederationToken", "sts:TagSession"],
        Condition={"StringEquals": {"aws:RequestTag/team": "red"}},
    )
    _user, key = world.user("ben", document(strict))
    sts = world.sts_client(key)

    assert sts.get_federation_token(Name="bob", Tags=[{"Key": "team", "Value": "red"}])
    assert (
        refusal(sts.get_federation_token, Name="bob", Tags=[{"Key": "team", "Value": "x"}])[0]
        == "AccessDenied"
    )


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"Policy": "{"}, "MalformedPolicyDocument"),
        ({"Policy": json.dumps(document(allow(Principal="*")))}, "MalformedPolicyDocument"),
        (
            {"Policy": json.dumps(document(allow(resource=[f"arn:aws:s3:::b{n}" for n in range(200)])))},
            "ValidationError",
        ),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/Ghost"}]}, "ValidationError"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "InvalidParameterValue"),
        ({"Tags": [{"Key": "aws:a", "Value": "1"}]}, "InvalidParameterValue"),
        ({"Name": "b"}, "ValidationError"),
        ({"Name": "no blanks"}, "ValidationError"),
        ({"Name": "n" * 33}, "ValidationError"),
    ],
)
def test_what_cant_be_a_federated_session(ana, parameters, code):
    assert refusal(ana[2].get_federation_token, **{"Name": "bob", **parameters})[0] == code
