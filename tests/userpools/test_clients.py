"""App clients through the wire, and the proof that a client knows its secret."""

from datetime import timedelta
from typing import Any

import pytest

from identity.core import clock, sealing
from identity.userpools import clients, pools
from identity.userpools.errors import NotAuthorized, ResourceNotFound
from identity.userpools.models import UserPoolClient, pool_settings

pytestmark = pytest.mark.django_db

CALLBACK = "https://app.example.com/callback"


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return str(cognito.create_user_pool(PoolName="people", Schema=[{"Name": "x"}])["UserPool"]["Id"])


def make(cognito: Any, pool_id: str, **members: Any) -> dict[str, Any]:
    client: dict[str, Any] = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app", **members)[
        "UserPoolClient"
    ]
    return client


def refused(cognito: Any, pool_id: str, code: str, **members: Any) -> str:
    with pytest.raises(cognito.exceptions.ClientError) as caught:
        make(cognito, pool_id, **members)
    assert caught.value.response["Error"]["Code"] == code
    assert not UserPoolClient.objects.filter(pool_id=pool_id).exists()
    return str(caught.value.response["Error"]["Message"])


def test_a_client_made_by_its_name_alone_has_cognitos_defaults(cognito: Any, pool_id: str) -> None:
    client = make(cognito, pool_id)

    assert len(client["ClientId"]) == 26
    assert client["CreationDate"] == client["LastModifiedDate"]
    for name in ("ClientId", "CreationDate", "LastModifiedDate"):
        del client[name]
    assert client == {
        "UserPoolId": pool_id,
        "ClientName": "app",
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
    }


def test_a_generated_secret_is_described_but_not_listed_and_sealed_at_rest(
    cognito: Any, pool_id: str
) -> None:
    client = make(cognito, pool_id, GenerateSecret=True)

    described = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])
    listed = cognito.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"]

    assert 50 <= len(client["ClientSecret"]) <= 52
    assert described["UserPoolClient"] == client
    assert listed == [{"ClientId": client["ClientId"], "UserPoolId": pool_id, "ClientName": "app"}]
    row = UserPoolClient.objects.get(pk=client["ClientId"])
    assert client["ClientSecret"] not in repr(row.__dict__)


def test_a_sealed_secret_opens_for_its_own_client_only(cognito: Any, pool_id: str) -> None:
    one, two = (make(cognito, pool_id, GenerateSecret=True) for _ in range(2))
    stolen = UserPoolClient.objects.get(pk=one["ClientId"])
    stolen.sealed_secrets = UserPoolClient.objects.get(pk=two["ClientId"]).sealed_secrets

    with pytest.raises(sealing.SealBroken):
        clients.secret_of(stolen)


def test_a_client_may_bring_its_own_secret(cognito: Any, pool_id: str) -> None:
    client = make(cognito, pool_id, ClientSecret="abcdefghijklmnopqrstuvwxyz")

    assert client["ClientSecret"] == "abcdefghijklmnopqrstuvwxyz"


def test_a_secret_is_given_or_generated_not_both(cognito: Any, pool_id: str) -> None:
    refused(
        cognito,
        pool_id,
        "InvalidParameterException",
        GenerateSecret=True,
        ClientSecret="abcdefghijklmnopqrstuvwxyz",
    )


def test_the_whole_of_a_client_comes_back(cognito: Any, pool_id: str) -> None:
    members = {
        "RefreshTokenValidity": 30,
        "AccessTokenValidity": 60,
        "IdTokenValidity": 60,
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "SupportedIdentityProviders": ["COGNITO"],
        "CallbackURLs": [CALLBACK],
        "LogoutURLs": ["https://app.example.com/bye"],
        "DefaultRedirectURI": CALLBACK,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": False,
        "EnablePropagateAdditionalUserContextData": True,
        "AuthSessionValidity": 15,
        "ReadAttributes": ["email", "custom:x"],
        "WriteAttributes": ["email"],
    }

    client = make(cognito, pool_id, GenerateSecret=True, **members)

    assert {name: client[name] for name in members} == members


def test_an_update_replaces_settings_and_keeps_secret_and_name(cognito: Any, pool_id: str) -> None:
    client = make(
        cognito,
        pool_id,
        GenerateSecret=True,
        PreventUserExistenceErrors="ENABLED",
        CallbackURLs=[CALLBACK],
        EnableTokenRevocation=False,
    )

    updated = cognito.update_user_pool_client(
        UserPoolId=pool_id, ClientId=client["ClientId"], RefreshTokenValidity=5
    )["UserPoolClient"]

    assert updated["RefreshTokenValidity"] == 5
    assert updated["EnableTokenRevocation"] is True
    assert "PreventUserExistenceErrors" not in updated
    assert "CallbackURLs" not in updated
    for name in ("ClientName", "ClientSecret", "CreationDate", "ClientId"):
        assert updated[name] == client[name]
    renamed = cognito.update_user_pool_client(
        UserPoolId=pool_id, ClientId=client["ClientId"], ClientName="new"
    )
    assert renamed["UserPoolClient"]["ClientName"] == "new"


def test_no_refresh_validity_or_zero_means_thirty_days(cognito: Any, pool_id: str) -> None:
    client = make(cognito, pool_id, RefreshTokenValidity=0, TokenValidityUnits={"RefreshToken": "minutes"})

    assert client["RefreshTokenValidity"] == 30
    assert client["TokenValidityUnits"] == {"RefreshToken": "days"}
    row = UserPoolClient.objects.get(pk=client["ClientId"])
    assert pool_settings.refresh_token_validity(row) == timedelta(days=30)


@pytest.mark.parametrize(
    "members",
    [
        {"AccessTokenValidity": 4, "TokenValidityUnits": {"AccessToken": "minutes"}},
        {"IdTokenValidity": 299, "TokenValidityUnits": {"IdToken": "seconds"}},
        {"AccessTokenValidity": 25},
        {"IdTokenValidity": 2, "TokenValidityUnits": {"IdToken": "days"}},
        {"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}},
        {"RefreshTokenValidity": 3651},
        {"RefreshTokenValidity": 315360000},
    ],
)
def test_token_lives_out_of_range_are_refused(cognito: Any, pool_id: str, members: dict[str, Any]) -> None:
    text = refused(cognito, pool_id, "InvalidParameterException", **members)

    assert text == "Invalid range for token validity."


@pytest.mark.parametrize(
    ("members", "access", "refresh"),
    [
        ({}, timedelta(hours=1), timedelta(days=30)),
        ({"AccessTokenValidity": 24}, timedelta(days=1), timedelta(days=30)),
        (
            {
                "AccessTokenValidity": 300,
                "RefreshTokenValidity": 60,
                "TokenValidityUnits": {"AccessToken": "seconds", "RefreshToken": "minutes"},
            },
            timedelta(minutes=5),
            timedelta(hours=1),
        ),
    ],
)
def test_units_say_what_a_validity_counts(
    cognito: Any, pool_id: str, members: dict[str, Any], access: timedelta, refresh: timedelta
) -> None:
    row = UserPoolClient.objects.get(pk=make(cognito, pool_id, **members)["ClientId"])

    assert pool_settings.access_token_validity(row) == access
    assert pool_settings.refresh_token_validity(row) == refresh


@pytest.mark.parametrize(
    "flows",
    [
        ["ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"],
        ["USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ["CUSTOM_AUTH_FLOW_ONLY", "ALLOW_CUSTOM_AUTH"],
    ],
)
def test_old_and_new_names_of_flows_do_not_mix(cognito: Any, pool_id: str, flows: list[str]) -> None:
    refused(cognito, pool_id, "InvalidParameterException", ExplicitAuthFlows=flows)


@pytest.mark.parametrize(
    ("flows", "allowed"),
    [
        (None, {"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}),
        (["ALLOW_USER_PASSWORD_AUTH"], {"ALLOW_USER_PASSWORD_AUTH"}),
        (
            ["USER_PASSWORD_AUTH"],
            {
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_CUSTOM_AUTH",
            },
        ),
        (["CUSTOM_AUTH_FLOW_ONLY"], {"ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}),
    ],
)
def test_what_flows_a_client_allows(
    cognito: Any, pool_id: str, flows: list[str] | None, allowed: set[str]
) -> None:
    client = make(cognito, pool_id, **({"ExplicitAuthFlows": flows} if flows else {}))

    row = UserPoolClient.objects.get(pk=client["ClientId"])
    assert pool_settings.auth_flows(row) == allowed
    assert ("ExplicitAuthFlows" in client) == (flows is not None)


def test_rotation_forbids_the_plain_refresh_flow(cognito: Any, pool_id: str) -> None:
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    refused(
        cognito,
        pool_id,
        "InvalidParameterException",
        RefreshTokenRotation=rotation,
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
    )

    client = make(cognito, pool_id, RefreshTokenRotation=rotation)

    row = UserPoolClient.objects.get(pk=client["ClientId"])
    assert client["RefreshTokenRotation"] == rotation
    assert pool_settings.rotation_grace(row) == timedelta(seconds=30)
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in pool_settings.auth_flows(row)


@pytest.mark.parametrize(
    "members",
    [{"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}, {"RefreshTokenRotation": {"Feature": "ENABLED"}}],
)
def test_a_lite_pools_clients_lack_some_features(cognito: Any, members: dict[str, Any]) -> None:
    lite = cognito.create_user_pool(PoolName="lite", UserPoolTier="LITE")["UserPool"]["Id"]

    refused(cognito, lite, "FeatureUnavailableInTierException", **members)


def test_user_context_needs_a_secret(cognito: Any, pool_id: str) -> None:
    refused(cognito, pool_id, "InvalidParameterException", EnablePropagateAdditionalUserContextData=True)


def test_a_provider_must_be_one_of_the_pool(cognito: Any, pool_id: str) -> None:
    text = refused(
        cognito, pool_id, "InvalidParameterException", SupportedIdentityProviders=["COGNITO", "Google"]
    )

    assert text == f"The provider Google does not exist for User Pool {pool_id}."


@pytest.mark.parametrize(
    ("member", "name", "kind"),
    [
        ("ReadAttributes", "custom:nothing", "read"),
        ("WriteAttributes", "custom:nothing", "write"),
        ("WriteAttributes", "email_verified", "write"),
        ("WriteAttributes", "sub", "write"),
    ],
)
def test_attribute_lists_name_what_there_is(
    cognito: Any, pool_id: str, member: str, name: str, kind: str
) -> None:
    text = refused(cognito, pool_id, "InvalidParameterException", **{member: ["email", name]})

    assert text == f"Invalid {kind} attributes specified while creating a client"


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.com/x",
        "http://localhost.example.com/x",
        "http://127.0.0.2/x",
        "http://localhost@evil.example/x",
        "https://user:pw@app.example.com/x",
        "https://app.example.com/x#part",
        "https://",
        "//app.example.com",
        "/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://[::1",
        "https://app.example.com:port/",
    ],
)
@pytest.mark.parametrize("member", ["CallbackURLs", "LogoutURLs"])
def test_redirect_addresses_that_will_not_do(cognito: Any, pool_id: str, member: str, url: str) -> None:
    refused(cognito, pool_id, "InvalidParameterException", **{member: [url]})


def test_redirect_addresses_that_will_do(cognito: Any, pool_id: str) -> None:
    urls = [
        "https://app.example.com/x?y=z",
        "http://localhost",
        "http://localhost:3000/cb",
        "http://127.0.0.1:8080/",
        "http://[::1]:9/x",
        "myapp://signed-in",
        "com.example.app:/cb",
    ]

    assert make(cognito, pool_id, CallbackURLs=urls)["CallbackURLs"] == urls


def test_the_default_redirect_is_one_of_the_callbacks(cognito: Any, pool_id: str) -> None:
    refused(
        cognito,
        pool_id,
        "InvalidParameterException",
        CallbackURLs=[CALLBACK],
        DefaultRedirectURI="https://other.example.com/",
    )


def test_flows_that_redirect_need_somewhere_to_go(cognito: Any, pool_id: str) -> None:
    for flow in ("code", "implicit"):
        refused(
            cognito,
            pool_id,
            "InvalidParameterException",
            AllowedOAuthFlows=[flow],
            AllowedOAuthScopes=["openid"],
        )


def test_oauth_turned_on_needs_flows_and_scopes(cognito: Any, pool_id: str) -> None:
    text = refused(cognito, pool_id, "InvalidOAuthFlowException", AllowedOAuthFlowsUserPoolClient=True)

    assert text == (
        "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth "
        "flows."
    )


def test_a_scope_must_exist(cognito: Any, pool_id: str) -> None:
    refused(cognito, pool_id, "ScopeDoesNotExistException", AllowedOAuthScopes=["openid", "notes/read"])

    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="notes",
        Name="Notes",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read notes"}],
    )
    make(cognito, pool_id, AllowedOAuthScopes=["openid", "notes/read"])


def test_client_credentials_stand_alone_with_a_secret_and_a_scope_of_ones_own(
    cognito: Any, pool_id: str
) -> None:
    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="notes",
        Name="Notes",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read notes"}],
    )
    good = {
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": ["notes/read"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "CallbackURLs": [CALLBACK],
        "GenerateSecret": True,
    }

    for change in (
        {"AllowedOAuthFlows": ["client_credentials", "code"]},
        {"GenerateSecret": False},
        {"AllowedOAuthScopes": ["openid"]},
    ):
        refused(cognito, pool_id, "InvalidOAuthFlowException", **(good | change))

    assert make(cognito, pool_id, **good)["AllowedOAuthFlows"] == ["client_credentials"]


def test_unknown_clients_do_not_exist_nor_do_those_of_other_pools(cognito: Any, pool_id: str) -> None:
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    theirs = make(cognito, other)["ClientId"]

    for client_id in ("1example23456789abcdefghij", theirs):
        for call in (
            cognito.describe_user_pool_client,
            cognito.update_user_pool_client,
            cognito.delete_user_pool_client,
        ):
            with pytest.raises(cognito.exceptions.ResourceNotFoundException) as caught:
                call(UserPoolId=pool_id, ClientId=client_id)
            assert (
                caught.value.response["Error"]["Message"] == f"User pool client {client_id} does not exist."
            )


def test_clients_are_listed_in_pages_and_deleted(cognito: Any, pool_id: str) -> None:
    made = [make(cognito, pool_id)["ClientId"] for _ in range(3)]

    first = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=2)
    rest = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=2, NextToken=first["NextToken"])

    listed = [each["ClientId"] for each in first["UserPoolClients"] + rest["UserPoolClients"]]
    assert sorted(listed) == sorted(made)
    assert "NextToken" not in rest
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=made[0])
    left = cognito.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"]
    assert made[0] not in [each["ClientId"] for each in left]


def test_a_token_of_one_list_does_not_open_another(cognito: Any, pool_id: str) -> None:
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    for _ in range(2):
        make(cognito, pool_id)
    token = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=1)["NextToken"]

    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.list_user_pool_clients(UserPoolId=other, MaxResults=1, NextToken=token)


# The proof


def test_the_published_vector_of_a_secret_hash() -> None:
    made = clients.secret_hash("1example23456789abcdefghij", "alice", "secret1234567890")

    assert made == "LkoEBzbqz09CuhJ/WyMMIy++DiBwGK+2fpqpTrulTTY="


@pytest.fixture
def client(db: None) -> UserPoolClient:
    pool = pools.create("people", {}, region="us-east-1")
    return clients.create(pool, "app", {}, secret="abcdefghijklmnopqrstuvwxyz")


def hashed(client: UserPoolClient, name: str, secret: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    return clients.secret_hash(client.pk, name, secret)


def test_the_right_hash_passes_and_either_secret_makes_it(client: UserPoolClient) -> None:
    second = clients._sealed(client, "zyxwvutsrqponmlkjihgfedcba", clock.now())
    client.sealed_secrets.append(second)

    clients.require_secret_hash(client, "ana", hashed(client, "ana"))
    clients.require_secret_hash(client, "ana", hashed(client, "ana", "zyxwvutsrqponmlkjihgfedcba"))

    assert clients.is_secret(client, "abcdefghijklmnopqrstuvwxyz")
    assert clients.is_secret(client, "zyxwvutsrqponmlkjihgfedcba")
    assert not clients.is_secret(client, "")
    assert not clients.is_secret(client, "\ud800")


@pytest.mark.parametrize("given", ["", "AAAA", "\ud800", "ä"])
def test_a_wrong_hash_has_its_text(client: UserPoolClient, given: str) -> None:
    with pytest.raises(NotAuthorized) as caught:
        clients.require_secret_hash(client, "ana", given)

    assert caught.value.message == f"Unable to verify secret hash for client {client.pk}"


def test_the_hash_is_of_the_name_that_was_sent(client: UserPoolClient) -> None:
    with pytest.raises(NotAuthorized):
        clients.require_secret_hash(client, "ana@example.com", hashed(client, "ana"))


def test_a_missing_hash_has_its_text(client: UserPoolClient) -> None:
    with pytest.raises(NotAuthorized) as caught:
        clients.require_secret_hash(client, "ana", None)

    assert caught.value.message == (
        f"Client {client.pk} is configured with secret but SECRET_HASH was not received"
    )


def test_a_wrong_hash_on_refresh_has_another_text(client: UserPoolClient) -> None:
    with pytest.raises(NotAuthorized) as caught:
        clients.require_secret_hash(client, "ana", "AAAA", on_refresh=True)

    assert caught.value.message == f"SecretHash does not match for the client: {client.pk}"


def test_a_client_without_a_secret_takes_no_hash(client: UserPoolClient) -> None:
    public = clients.create(client.pool, "public", {})

    clients.require_secret_hash(public, "ana", None)
    with pytest.raises(NotAuthorized) as caught:
        clients.require_secret_hash(public, "ana", "AAAA")
    assert caught.value.message == f"Unable to verify secret hash for client {public.pk}"
    assert not clients.is_secret(public, "")


def test_a_client_deleted_meanwhile_does_not_exist(client: UserPoolClient) -> None:
    clients.delete(clients.get(client.pk))

    with pytest.raises(ResourceNotFound):
        clients.update(client, {})


def test_resealing_finds_the_secrets(client: UserPoolClient) -> None:
    column = next(each for each in sealing.columns() if each.model is UserPoolClient)

    sealed = client.sealed_secrets[0][column.member]
    assert sealing.open_text(sealed, bound_to=column.bound_to(client)) == "abcdefghijklmnopqrstuvwxyz"
