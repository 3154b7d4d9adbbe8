"""Whatever changes who may do what is told of, by the API and in the admin."""

import json

import pytest
from django.urls import reverse

from identity.core.models import Event
from identity.iam import managed_policies
from identity.iam.models import ManagedPolicy, OidcProvider, Role, User
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, document, trust

pytestmark = pytest.mark.core_suite

TRUST = json.dumps(trust({"AWS": ACCOUNT}))
READ = json.dumps(document(allow("notes:Read")))
EMPTY = {"inline_policies-TOTAL_FORMS": 0, "inline_policies-INITIAL_FORMS": 0}
KEYS = {"access_keys-TOTAL_FORMS": 0, "access_keys-INITIAL_FORMS": 0}


@pytest.fixture
def told(admin_key):
    """What was told since it was asked last."""
    known = set(Event.objects.values_list("pk", flat=True))

    def since():
        rows = list(Event.objects.exclude(pk__in=known).order_by("pk"))
        known.update(row.pk for row in rows)
        # In the order of the letters: of a JSON column the databases keep the members as they like.
        return [
            (row.tag.removeprefix("iam:"), *(row.content[name] for name in sorted(row.content)))
            for row in rows
        ]

    return since


def test_a_roles_life(iam, told):
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    iam.update_assume_role_policy(RoleName="app", PolicyDocument=TRUST)
    iam.update_role(RoleName="app", MaxSessionDuration=7200)
    iam.update_role(RoleName="app")
    iam.delete_role(RoleName="app")

    assert told() == [
        ("role:created", "app"),
        ("role:trust_changed", "app"),
        ("role:updated", "app"),
        ("role:deleted", "app"),
    ]


def test_a_users_life(iam, told):
    iam.create_user(UserName="ana")
    iam.update_user(UserName="ana", NewUserName="ben")
    iam.delete_user(UserName="ben")

    arn = f"arn:aws:iam::{ACCOUNT}:user/"
    assert told() == [
        ("user:created", "ana"),
        ("user:renamed", f"{arn}ana", f"{arn}ben"),
        ("user:deleted", "ben"),
    ]


def test_what_somebody_may_do(iam, told):
    world.user("ana")
    policy = managed_policies.create("notes", READ)
    told()
    for _ in range(2):  # attaching again changes nothing
        iam.attach_user_policy(UserName="ana", PolicyArn=policy.arn)
    iam.put_user_policy(UserName="ana", PolicyName="own", PolicyDocument=READ)
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=policy.arn)
    iam.delete_user_permissions_boundary(UserName="ana")
    iam.delete_user_policy(UserName="ana", PolicyName="own")
    iam.detach_user_policy(UserName="ana", PolicyArn=policy.arn)

    assert told() == [
        ("permissions:changed", change, "user", "ana", named)
        for change, named in (
            ("attached", policy.arn),
            ("put", "own"),
            ("bounded", policy.arn),
            ("unbounded", ""),
            ("deleted", "own"),
            ("detached", policy.arn),
        )
    ]


def test_a_managed_policys_life(iam, told):
    arn = iam.create_policy(PolicyName="notes", PolicyDocument=READ)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ, SetAsDefault=True)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    for version in ("v2", "v3"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.delete_policy(PolicyArn=arn)

    assert told() == [
        ("policy:created", arn),
        ("policy:changed", arn, 3),
        ("policy:changed", arn, 1),
        ("policy:deleted", arn),
    ]


def test_an_oidc_providers_life(iam, told):
    url = "https://idp.example.com"
    arn = iam.create_open_id_connect_provider(Url=url)["OpenIDConnectProviderArn"]
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="app")
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="app")
    for _ in range(2):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    assert told() == [
        ("oidc_provider:created", url),
        ("oidc_provider:updated", url),
        ("oidc_provider:updated", url),
        ("oidc_provider:deleted", url),
    ]


def test_the_admins_pages_tell_the_same(admin_client, told):
    def post(model, kind, *args, **form):
        address = reverse(f"admin:identity_iam_{model.__name__.lower()}_{kind}", args=args)
        assert admin_client.post(address, form).status_code == 302

    policy = managed_policies.create("notes", READ)
    told()
    form = {
        "name": "app",
        "path": "/",
        "trust_policy": TRUST,
        "max_session_duration": 3600,
        "tags": "{}",
    } | EMPTY
    post(Role, "add", **form)
    role = Role.objects.get()
    post(Role, "change", role.pk, **form)
    assert told() == [("role:created", "app")]

    other = json.dumps(trust({"AWS": "1" * 12}))
    post(
        Role,
        "change",
        role.pk,
        **{**form, "trust_policy": other, "description": "new", "attached_policies": policy.pk},
    )
    assert told() == [
        ("role:trust_changed", "app"),
        ("role:updated", "app"),
        ("permissions:changed", "edited", "role", "app", ""),
    ]

    post(User, "add", name="ana", path="/", tags="{}", **EMPTY, **KEYS)
    post(User, "delete", User.objects.get(name="ana").pk, post="yes")
    post(Role, "delete", role.pk, post="yes")
    post(ManagedPolicy, "delete", policy.pk, post="yes")
    post(OidcProvider, "add", url="https://idp.example.com", client_ids='["one"]', tags="{}")
    provider = OidcProvider.objects.get()
    post(OidcProvider, "change", provider.pk, client_ids='["two"]', tags="{}")
    post(OidcProvider, "delete", provider.pk, post="yes")
    assert [one[0] for one in told()] == [
        "user:created",
        "user:deleted",
        "role:deleted",
        "policy:deleted",
        "oidc_provider:created",
        "oidc_provider:updated",
        "oidc_provider:deleted",
    ]
