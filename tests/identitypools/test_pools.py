"""Identity pools over the wire: made, described, replaced, listed, deleted."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.core import clock
from identity.core.models import Event
from identity.iam import oidc_providers
from identity.identitypools import identities, pools
from identity.identitypools.errors import ConcurrentModification
from identity.identitypools.models import Identity, IdentityPool, Login
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import NOBODY, limited, refusal, update


def test_what_was_set_comes_back_and_nothing_else(cognito_identity: Any) -> None:
    made = cognito_identity.create_identity_pool(
        IdentityPoolName="bare", AllowUnauthenticatedIdentities=False
    )

    del made["ResponseMetadata"]
    assert made == {
        "IdentityPoolId": made["IdentityPoolId"],
        "IdentityPoolName": "bare",
        "AllowUnauthenticatedIdentities": False,
        "IdentityPoolTags": {},
    }
    assert made["IdentityPoolId"].startswith("us-east-1:")
    assert len(made["IdentityPoolId"]) == len("us-east-1:") + 36


def test_every_member_is_stored_and_described(cognito_identity: Any, user_pool: world.UserPool) -> None:
    provider = oidc_providers.create("https://login.example/notes", ["app"])
    members = {
        "IdentityPoolName": "All of it, + = @ . -",
        "AllowUnauthenticatedIdentities": True,
        "AllowClassicFlow": True,
        "SupportedLoginProviders": {"accounts.google.com": "1.apps.googleusercontent.com"},
        "DeveloperProviderName": "login.notes",
        "OpenIdConnectProviderARNs": [provider.arn],
        "CognitoIdentityProviders": [
            {"ProviderName": user_pool.own_name, "ClientId": world.CLIENT, "ServerSideTokenCheck": True},
            {"ProviderName": user_pool.provider, "ClientId": world.OTHER_CLIENT},
        ],
        "IdentityPoolTags": {"stage": "test"},
    }

    made = cognito_identity.create_identity_pool(**members)
    described = cognito_identity.describe_identity_pool(IdentityPoolId=made["IdentityPoolId"])

    for shape in (made, described):
        assert {name: shape[name] for name in members} == members
    assert list(Event.objects.filter(tag="identitypools:pool:created").values_list("content", flat=True)) == [
        {"pool_id": made["IdentityPoolId"], "name": "All of it, + = @ . -"}
    ]


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        (
            {"CognitoIdentityProviders": [{"ProviderName": "us-east-1_Example01", "ClientId": world.CLIENT}]},
            "InvalidParameterException",
            "Invalid Cognito Identity Provider",
        ),
        (
            {"CognitoIdentityProviders": [{"ClientId": world.CLIENT}]},
            "InvalidParameterException",
            "Invalid Cognito Identity Provider",
        ),
        (
            {"CognitoIdentityProviders": [{"ProviderName": "testserver/us-east-1_Example01"}]},
            "InvalidParameterException",
            "Invalid Cognito Identity Provider",
        ),
        (
            {
                "CognitoIdentityProviders": [
                    {"ProviderName": "testserver/us-east-1_Unknown", "ClientId": world.CLIENT}
                ]
            },
            "InvalidParameterException",
            "Invalid Cognito Identity Provider",
        ),
        (
            {
                "CognitoIdentityProviders": [
                    {"ProviderName": "testserver/us-east-1_Example01", "ClientId": "stranger"}
                ]
            },
            "InvalidParameterException",
            "Invalid Cognito Identity Provider",
        ),
        (
            {
                "CognitoIdentityProviders": [
                    {"ProviderName": "testserver/us-east-1_Example01", "ClientId": world.CLIENT},
                    {
                        "ProviderName": "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01",
                        "ClientId": world.CLIENT,
                    },
                ]
            },
            "ResourceConflictException",
            "A provider is given twice.",
        ),
        (
            {"OpenIdConnectProviderARNs": ["arn:aws:iam::000000000000:oidc-provider/unknown.example"]},
            "InvalidParameterException",
            "Invalid identity provider ARN: arn:aws:iam::000000000000:oidc-provider/unknown.example",
        ),
        (
            {"SamlProviderARNs": ["arn:aws:iam::000000000000:saml-provider/corp"]},
            "InvalidParameterException",
            "Invalid identity provider ARN: arn:aws:iam::000000000000:saml-provider/corp",
        ),
        (
            {"SupportedLoginProviders": {"login.example": "app"}},
            "InvalidParameterException",
            "(login.example) is not a supported login provider.",
        ),
    ],
)
def test_providers_must_exist(
    cognito_identity: Any, user_pool: world.UserPool, members: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(cognito_identity.exceptions.ClientError) as refused:
        cognito_identity.create_identity_pool(
            IdentityPoolName="notes", AllowUnauthenticatedIdentities=True, **members
        )

    assert refusal(refused) == (code, message)
    assert not IdentityPool.objects.exists()


def test_an_oidc_provider_given_twice_conflicts(cognito_identity: Any) -> None:
    arn = oidc_providers.create("https://login.example", ["app"]).arn

    with pytest.raises(cognito_identity.exceptions.ResourceConflictException):
        cognito_identity.create_identity_pool(
            IdentityPoolName="notes",
            AllowUnauthenticatedIdentities=True,
            OpenIdConnectProviderARNs=[arn, arn],
        )


def test_at_most_fifty_user_pool_clients(cognito_identity: Any, user_pool: world.UserPool) -> None:
    with pytest.raises(cognito_identity.exceptions.LimitExceededException):
        cognito_identity.create_identity_pool(
            IdentityPoolName="notes",
            AllowUnauthenticatedIdentities=True,
            CognitoIdentityProviders=[user_pool.entry()] * 51,
        )


def test_the_account_has_a_limit_of_pools(
    cognito_identity: Any, make_pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "MOST_POOLS", 1)
    make_pool()

    with pytest.raises(cognito_identity.exceptions.LimitExceededException):
        make_pool()


def test_an_update_replaces_the_whole_document(cognito_identity: Any, make_pool: Any) -> None:
    pool_id = make_pool(
        AllowClassicFlow=True, IdentityPoolTags={"stage": "test"}, DeveloperProviderName="login.notes"
    )

    updated = cognito_identity.update_identity_pool(
        IdentityPoolId=pool_id, IdentityPoolName="renamed", AllowUnauthenticatedIdentities=False
    )

    del updated["ResponseMetadata"]
    assert updated == {
        "IdentityPoolId": pool_id,
        "IdentityPoolName": "renamed",
        "AllowUnauthenticatedIdentities": False,
        "DeveloperProviderName": "login.notes",
        "IdentityPoolTags": {},
    }


def test_a_developer_provider_keeps_its_name(cognito_identity: Any, make_pool: Any) -> None:
    pool_id = make_pool(DeveloperProviderName="login.notes")

    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        cognito_identity.update_identity_pool(
            IdentityPoolId=pool_id,
            IdentityPoolName="notes",
            AllowUnauthenticatedIdentities=True,
            DeveloperProviderName="login.other",
        )


def test_of_two_changes_made_from_the_same_state_one_is_refused(pool_id: str) -> None:
    mine, theirs = pools.get(pool_id), pools.get(pool_id)
    form = pools.PoolForm("mine", {"AllowUnauthenticatedIdentities": True}, {})

    pools.replace(mine, form)

    with pytest.raises(ConcurrentModification):
        pools.set_roles(theirs, {"Roles": {}})
    assert pools.get(pool_id).name == "mine"


def test_pools_are_listed_page_by_page(cognito_identity: Any, make_pool: Any) -> None:
    made = sorted(make_pool(IdentityPoolName=f"pool {number}") for number in range(5))
    aws_elsewhere = make_pool()
    IdentityPool.objects.filter(pk=aws_elsewhere).update(id=aws_elsewhere.replace("us-east-1", "eu-west-1"))

    listed, token = [], {}
    while True:
        page = cognito_identity.list_identity_pools(MaxResults=2, **token)
        listed += [pool["IdentityPoolId"] for pool in page["IdentityPools"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert listed == made


def test_a_page_token_of_elsewhere_is_refused(cognito_identity: Any) -> None:
    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        cognito_identity.list_identity_pools(MaxResults=2, NextToken="invented")


def test_a_deleted_pool_takes_its_identities_along(cognito_identity: Any, anyone: Any, pool_id: str) -> None:
    identity_id = anyone.get_id(IdentityPoolId=pool_id)["IdentityId"]

    cognito_identity.delete_identity_pool(IdentityPoolId=pool_id)

    assert not Identity.objects.exists()
    with pytest.raises(anyone.exceptions.ResourceNotFoundException) as refused:
        anyone.get_credentials_for_identity(IdentityId=identity_id)
    assert refusal(refused)[1] == f"Identity '{identity_id}' not found."


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("describe_identity_pool", {}),
        ("delete_identity_pool", {}),
        ("update_identity_pool", {"IdentityPoolName": "x", "AllowUnauthenticatedIdentities": True}),
        ("get_identity_pool_roles", {}),
        ("set_identity_pool_roles", {"Roles": {}}),
        ("get_id", {}),
    ],
)
def test_an_unknown_pool_is_not_found(cognito_identity: Any, operation: str, members: dict[str, Any]) -> None:
    with pytest.raises(cognito_identity.exceptions.ResourceNotFoundException) as refused:
        getattr(cognito_identity, operation)(IdentityPoolId=NOBODY, **members)

    assert refusal(refused) == ("ResourceNotFoundException", f"IdentityPool '{NOBODY}' not found.")


def test_a_pool_lives_in_its_region_only(admin_key: tuple[str, str], pool_id: str) -> None:
    elsewhere = aws.client(
        "cognito-identity", access_key=admin_key[0], secret=admin_key[1], region="eu-west-1"
    )

    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException):
        elsewhere.describe_identity_pool(IdentityPoolId=pool_id)


def test_making_a_pool_with_tags_needs_a_right_of_its_own(db: None) -> None:
    client = limited({"Action": "cognito-identity:CreateIdentityPool", "Resource": "*"})
    plain = {"IdentityPoolName": "notes", "AllowUnauthenticatedIdentities": True}

    client.create_identity_pool(**plain)

    with pytest.raises(client.exceptions.ClientError) as refused:
        client.create_identity_pool(**plain, IdentityPoolTags={"stage": "test"})
    code, message = refusal(refused)
    assert code == "AccessDeniedException"
    assert "is not authorized to perform: cognito-identity:TagResource" in message


def test_rights_on_one_pool_are_no_rights_on_another(make_pool: Any) -> None:
    mine, other = make_pool(), make_pool()
    arn = f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{mine}"
    client = limited({"Action": "cognito-identity:*", "Resource": arn})

    assert client.describe_identity_pool(IdentityPoolId=mine)["IdentityPoolName"] == "notes"
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.describe_identity_pool(IdentityPoolId=other)
    assert refusal(refused)[0] == "AccessDeniedException"
    with pytest.raises(client.exceptions.ClientError):
        client.list_identity_pools(MaxResults=1)
    with pytest.raises(client.exceptions.ClientError):
        client.set_identity_pool_roles(IdentityPoolId=mine, Roles={})


# What two kinds of providers may not share


def test_an_oidc_provider_cannot_take_the_developers_name_later(
    cognito_identity: Any, make_pool: Any
) -> None:
    pool_id = make_pool(DeveloperProviderName="login.example")
    arn = oidc_providers.create("https://login.example", ["app"]).arn

    # The name is kept where a request leaves it out.
    for members in ({}, {"DeveloperProviderName": "login.example"}):
        with pytest.raises(cognito_identity.exceptions.InvalidParameterException) as refused:
            update(cognito_identity, pool_id, OpenIdConnectProviderARNs=[arn], **members)
        assert refusal(refused)[1] == "(login.example) is the name of a public provider."
    assert "OpenIdConnectProviderARNs" not in IdentityPool.objects.get(pk=pool_id).settings


def test_a_developer_cannot_take_over_the_users_of_a_provider_that_was(
    cognito_identity: Any, make_pool: Any
) -> None:
    pool_id, other = make_pool(), make_pool()
    now = clock.now()
    identity = Identity.objects.create(
        id="us-east-1:1", pool_id=pool_id, state="authenticated", created_at=now, modified_at=now
    )
    Login.objects.create(
        pool_id=pool_id, identity=identity, provider="login.example", user_id="ana", created_at=now
    )

    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        update(cognito_identity, pool_id, DeveloperProviderName="login.example")
    assert IdentityPool.objects.get(pk=pool_id).developer_provider is None

    update(cognito_identity, other, DeveloperProviderName="login.example")
    update(cognito_identity, pool_id, DeveloperProviderName="login.other")
    Login.objects.create(
        pool_id=pool_id,
        identity=identity,
        provider="login.other",
        user_id="ana",
        public=False,
        created_at=now,
    )
    update(cognito_identity, pool_id, DeveloperProviderName="login.other")  # its own users are no hindrance


@pytest.mark.parametrize("what", ["pool", "identity"])
def test_deleting_takes_no_longer_where_there_are_many(make_pool: Any, what: str) -> None:
    """100,000 guests kept every writer of the pool waiting for half a minute."""
    now, counts = clock.now(), []
    for many in (2, 400):
        pool_id = make_pool()
        ids = [f"{pool_id}{number}" for number in range(many)]
        common = {"pool_id": pool_id, "created_at": now, "modified_at": now}
        first = Identity.objects.create(id=ids[0], state="authenticated", **common)
        Identity.objects.bulk_create(
            Identity(id=one, state="disabled", merged_into=first, **common) for one in ids[1:]
        )
        Login.objects.bulk_create(
            Login(pool_id=pool_id, identity=first, provider=f"p{one}", user_id="ana", created_at=now)
            for one in ids
        )
        with CaptureQueriesContext(connection) as captured:
            if what == "pool":
                pools.delete(pools.get(pool_id))
            else:
                identities.delete(ids[0])
        counts.append(len(captured))
        assert not Identity.objects.exists()
        assert not Login.objects.exists()

    assert counts[0] == counts[1]
