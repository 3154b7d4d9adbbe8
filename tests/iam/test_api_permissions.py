"""Who may call the IAM API: on which resource each operation is asked about, and with which condition keys."""

import json

import pytest

from identity.iam import managed_policies, oidc_providers, roles, users
from identity.iam.models import AccessKey, ManagedPolicy, Role, RolePolicy, User, UserPolicy
from identity.wire import service
from tests import aws
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, deny, document, trust
from tests.iam.saml_idp import Idp

pytestmark = pytest.mark.core_suite

TRUST = json.dumps(trust({"AWS": ACCOUNT}))
READ = json.dumps(document(allow("notes:Read")))
EVERYTHING = json.dumps(document(allow()))
ARN = f"arn:aws:iam::{ACCOUNT}"
METADATA = Idp().metadata()


def client_of(*statements, **options):
    _, key = world.user("caller", *([document(*statements)] if statements else []), **options)
    return aws.client("iam", access_key=key.key_id, secret=key.secret)


def is_denied(iam, deed, **given):
    try:
        getattr(iam, deed)(**given)
    except iam.exceptions.ClientError as error:
        answer = error.response
        assert answer["Error"]["Code"] == "AccessDenied", answer
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
        return True
    return False


def test_every_operation_is_checked():
    """None is open to whoever has a key: IAM gives away rights."""
    iam = service.services()["iam"]

    assert [one.name for one in iam if one.unchecked or one.unsigned] == []


def test_who_has_no_policies_may_do_nothing(db):
    world.role("app", trust({"AWS": ACCOUNT}))
    caller = client_of()
    before = Role.objects.count(), User.objects.count(), ManagedPolicy.objects.count()

    for deed, given in (
        ("create_role", {"RoleName": "x", "AssumeRolePolicyDocument": TRUST}),
        ("put_role_policy", {"RoleName": "app", "PolicyName": "p", "PolicyDocument": EVERYTHING}),
        (
            "attach_role_policy",
            {"RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        ("update_assume_role_policy", {"RoleName": "app", "PolicyDocument": TRUST}),
        ("put_user_policy", {"UserName": "caller", "PolicyName": "p", "PolicyDocument": EVERYTHING}),
        (
            "attach_user_policy",
            {"UserName": "caller", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        ("create_access_key", {}),
        ("create_access_key", {"UserName": "administrator"}),
        ("create_user", {"UserName": "x"}),
        ("update_user", {"UserName": "caller", "NewUserName": "administrator"}),
        ("create_policy", {"PolicyName": "x", "PolicyDocument": EVERYTHING}),
        ("get_user", {}),
        ("list_roles", {}),
        ("get_account_summary", {}),
        ("simulate_custom_policy", {"PolicyInputList": [READ], "ActionNames": ["notes:Read"]}),
        (
            "simulate_principal_policy",
            {"PolicySourceArn": f"{ARN}:user/caller", "ActionNames": ["notes:Read"]},
        ),
    ):
        assert is_denied(caller, deed, **given), deed

    assert (Role.objects.count(), User.objects.count(), ManagedPolicy.objects.count()) == before
    assert not RolePolicy.objects.exists()
    assert not UserPolicy.objects.exists()
    assert AccessKey.objects.count() == 1


def test_a_stranger_does_not_learn_what_there_is(db):
    world.role("there", trust({"AWS": ACCOUNT}), path="/secret/")
    caller = client_of()

    for name in ("there", "not-there"):
        with pytest.raises(caller.exceptions.ClientError) as caught:
            caller.get_role(RoleName=name)
        assert caught.value.response["Error"]["Message"] == (
            f"User: {ARN}:user/caller is not authorized to perform: iam:GetRole on resource: role {name} "
            "because no identity-based policy allows the iam:GetRole action"
        )


def test_roles_are_told_apart_by_path_and_name(db):
    caller = client_of(allow("iam:*", f"{ARN}:role/team/*"))
    world.role("outside", trust({"AWS": ACCOUNT}))

    caller.create_role(RoleName="inside", Path="/team/", AssumeRolePolicyDocument=TRUST)
    assert not is_denied(caller, "put_role_policy", RoleName="inside", PolicyName="p", PolicyDocument=READ)
    assert not is_denied(caller, "list_roles", PathPrefix="/team/")

    assert is_denied(caller, "create_role", RoleName="x", AssumeRolePolicyDocument=TRUST)
    assert is_denied(caller, "put_role_policy", RoleName="outside", PolicyName="p", PolicyDocument=READ)
    assert is_denied(caller, "delete_role", RoleName="outside")
    assert is_denied(caller, "list_roles")


def test_managed_policies_and_providers_are_told_apart(db):
    managed_policies.create("mine", document(allow("notes:Read")), path="/team/")
    managed_policies.create("other", document(allow("notes:Read")))
    caller = client_of(allow("iam:*", [f"{ARN}:policy/team/*", f"{ARN}:oidc-provider/idp.example.com/*"]))

    mine, other = f"{ARN}:policy/team/mine", f"{ARN}:policy/other"
    assert not is_denied(caller, "create_policy_version", PolicyArn=mine, PolicyDocument=EVERYTHING)
    assert is_denied(caller, "create_policy_version", PolicyArn=other, PolicyDocument=EVERYTHING)
    assert is_denied(caller, "set_default_policy_version", PolicyArn=other, VersionId="v1")
    assert not is_denied(caller, "create_open_id_connect_provider", Url="https://idp.example.com/a")
    assert is_denied(caller, "create_open_id_connect_provider", Url="https://evil.example.com/a")


def test_renaming_needs_both_names(db):
    caller = client_of(allow("iam:UpdateUser", f"{ARN}:user/ana*"))
    users.create("ana")

    assert is_denied(caller, "update_user", UserName="ana", NewUserName="boss")
    assert is_denied(caller, "update_user", UserName="ana", NewPath="/x/")
    assert not is_denied(caller, "update_user", UserName="ana", NewUserName="anastasia")


def test_delegation_under_a_boundary(db):
    """The known pattern: whoever may only make roles under a boundary can't hand on more than it."""
    managed_policies.create("most", document(allow("notes:*")))
    managed_policies.create("more", document(allow()))
    bounded = {"StringEquals": {"iam:PermissionsBoundary": f"{ARN}:policy/most"}}
    deeds = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"]
    caller = client_of(allow(deeds, Condition=bounded))
    role = {"RoleName": "app", "AssumeRolePolicyDocument": TRUST}
    most, more = f"{ARN}:policy/most", f"{ARN}:policy/more"

    assert is_denied(caller, "create_role", **role)
    assert is_denied(caller, "create_role", **role, PermissionsBoundary=more)
    assert not is_denied(caller, "create_role", **role, PermissionsBoundary=most)
    assert not is_denied(caller, "put_role_policy", RoleName="app", PolicyName="p", PolicyDocument=EVERYTHING)
    assert is_denied(caller, "put_role_permissions_boundary", RoleName="app", PermissionsBoundary=more)
    assert is_denied(caller, "delete_role_permissions_boundary", RoleName="app")
    roles.create("free", TRUST)
    assert is_denied(caller, "put_role_policy", RoleName="free", PolicyName="p", PolicyDocument=READ)
    assert is_denied(caller, "attach_role_policy", RoleName="free", PolicyArn=more)


def test_only_these_policies_may_be_attached(db):
    managed_policies.create("readers", document(allow("notes:Read")))
    managed_policies.create("writers", document(allow("notes:Write")))
    users.create("ana")
    readers = {"ArnEquals": {"iam:PolicyARN": f"{ARN}:policy/readers"}}
    caller = client_of(allow("iam:AttachUserPolicy", Condition=readers))

    assert not is_denied(caller, "attach_user_policy", UserName="ana", PolicyArn=f"{ARN}:policy/readers")
    assert is_denied(caller, "attach_user_policy", UserName="ana", PolicyArn=f"{ARN}:policy/writers")


@pytest.mark.parametrize(
    "arn", ["arn:aws-cn:iam::aws:policy/", "arn:aws:iam:us-east-1:aws:policy/", "arn:aws:iam::aws:policy/x/"]
)
def test_a_denied_policy_is_not_attached_by_another_spelling(db, arn):
    users.create("ana")
    administrator = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}
    caller = client_of(allow(), deny("iam:Attach*", Condition=administrator))

    with pytest.raises(caller.exceptions.NoSuchEntityException):
        caller.attach_user_policy(UserName="ana", PolicyArn=f"{arn}AdministratorAccess")
    assert is_denied(
        caller, "attach_user_policy", UserName="ana", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    assert not User.objects.get(name="ana").attached_policies.exists()


def test_tags_of_providers_count_however_their_address_is_spelt(db):
    oidc_providers.create("https://idp.example.com/a/", [], tags={"locked": "yes"})
    locked = {"StringEquals": {"aws:ResourceTag/locked": "yes"}}
    caller = client_of(allow(), deny("iam:Delete*", Condition=locked))

    arn = f"{ARN}:oidc-provider/idp.example.com/a"
    assert is_denied(caller, "delete_open_id_connect_provider", OpenIDConnectProviderArn=arn)


def test_tags_of_the_request_and_of_the_resource(db):
    red = {"StringEquals": {"aws:RequestTag/team": "red"}}
    mine = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    caller = client_of(
        allow(["iam:CreateRole", "iam:TagRole"], Condition=red),
        allow("iam:DeleteRole", Condition=mine),
        tags={"team": "red"},
    )
    roles.create("blue", TRUST, tags={"team": "blue"})

    def tagged(value):
        return {
            "RoleName": f"of-{value}",
            "AssumeRolePolicyDocument": TRUST,
            "Tags": [{"Key": "team", "Value": value}],
        }

    assert is_denied(caller, "create_role", **tagged("blue"))
    assert not is_denied(caller, "create_role", **tagged("red"))
    assert is_denied(caller, "delete_role", RoleName="blue")
    assert not is_denied(caller, "delete_role", RoleName="of-red")


@pytest.mark.parametrize(
    ("deed", "tagging", "given"),
    [
        ("create_user", "iam:TagUser", {"UserName": "new"}),
        ("create_role", "iam:TagRole", {"RoleName": "new", "AssumeRolePolicyDocument": TRUST}),
        ("create_policy", "iam:TagPolicy", {"PolicyName": "new", "PolicyDocument": READ}),
        (
            "create_open_id_connect_provider",
            "iam:TagOpenIDConnectProvider",
            {"Url": "https://idp.example.com"},
        ),
        ("create_saml_provider", "iam:TagSAMLProvider", {"Name": "new", "SAMLMetadataDocument": METADATA}),
    ],
)
def test_what_is_made_with_tags_takes_the_right_to_tag_it_too(db, deed, tagging, given):
    caller = client_of(
        allow("iam:Create*"),
        allow(tagging, f"{ARN}:*/*", Condition={"StringEquals": {"aws:RequestTag/team": "red"}}),
    )

    assert is_denied(caller, deed, **given, Tags=[{"Key": "team", "Value": "blue"}])
    assert not is_denied(caller, deed, **given, Tags=[{"Key": "team", "Value": "red"}])


def test_what_is_made_without_tags_takes_no_right_to_tag(db):
    caller = client_of(allow("iam:CreateUser"), deny("iam:Tag*"))

    assert not is_denied(caller, "create_user", UserName="new")
    assert is_denied(caller, "create_user", UserName="other", Tags=[{"Key": "team", "Value": "red"}])


def test_a_denial_counts_for_administrators_too(db):
    caller = client_of(allow(), deny("iam:*AccessKey*", f"{ARN}:user/administrator"))
    users.create("administrator")

    assert is_denied(caller, "create_access_key", UserName="administrator")
    assert not is_denied(caller, "create_access_key", UserName="caller")


def test_whose_key_decides_who_may_look_at_it(db):
    _, key = world.user("ana")
    caller = client_of(allow("iam:GetAccessKeyLastUsed", f"{ARN}:user/ana"))
    _, other = world.user("ben")

    assert not is_denied(caller, "get_access_key_last_used", AccessKeyId=key.key_id)
    assert is_denied(caller, "get_access_key_last_used", AccessKeyId=other.key_id)
    assert is_denied(caller, "get_access_key_last_used", AccessKeyId="AKIA" + "A" * 16)


def test_whose_policies_are_simulated_decides_who_may(db):
    users.create("ana")
    caller = client_of(allow("iam:Simulate*", f"{ARN}:user/ana"))
    actions = {"ActionNames": ["notes:Read"]}

    assert not is_denied(caller, "simulate_principal_policy", PolicySourceArn=f"{ARN}:user/ana", **actions)
    assert is_denied(caller, "simulate_principal_policy", PolicySourceArn=f"{ARN}:user/caller", **actions)
    assert is_denied(caller, "simulate_principal_policy", PolicySourceArn=f"{ARN}:user/x/ana", **actions)


def test_sessions_of_roles_may_call_by_the_roles_policies(db):
    role = world.pool_role("app", document(allow("iam:ListRoles")))
    session = world.session_client("iam", world.session(role))

    assert not is_denied(session, "list_roles")
    assert is_denied(session, "list_users")


def test_sessions_of_users_may_not_call_iam(db):
    """What GetSessionToken and GetFederationToken give can't make itself lasting."""
    _, key = world.user("ana", document(allow()))
    sts_client = world.sts_client(key)

    for given in (
        sts_client.get_session_token()["Credentials"],
        sts_client.get_federation_token(Name="guest", Policy=EVERYTHING)["Credentials"],
    ):
        session = world.session_client("iam", given)
        assert is_denied(session, "list_users")
        assert is_denied(session, "create_access_key", UserName="ana")
        assert is_denied(session, "get_user")


def test_sessions_of_users_may_pass_roles(db):
    """The permission is asked for by other services: no operation of IAM is called."""
    _, key = world.user("ana", document(allow()))
    given = world.sts_client(key).get_session_token()["Credentials"]
    cognito_identity = world.session_client("cognito-identity", given)
    pool_id = cognito_identity.create_identity_pool(
        IdentityPoolName="app", AllowUnauthenticatedIdentities=True
    )["IdentityPoolId"]
    role = world.pool_role("guests")

    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": role.arn})

    roles_set = cognito_identity.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    assert roles_set == {"unauthenticated": role.arn}
    assert is_denied(world.session_client("iam", given), "get_role", RoleName="guests")


def test_keys_of_the_account_itself(settings, db):
    """A site without IAM's policies has one key from its settings, which may do everything."""
    settings.IDENTITY = {
        **settings.IDENTITY,
        "CALLERS": "identity.wire.callers.SettingsCallers",
        "ADMIN_ACCESS_KEY_ID": "AKIAROOTROOTROOTROOT",
        "ADMIN_SECRET_ACCESS_KEY": "a-secret-of-the-account-itself",
    }
    root = aws.client("iam", access_key="AKIAROOTROOTROOTROOT", secret="a-secret-of-the-account-itself")

    shown = root.get_user()["User"]
    assert (shown["Arn"], shown["UserId"]) == (f"{ARN}:root", ACCOUNT)
    root.create_user(UserName="ana")
