"""User pool, identity pool, roles and a host's API together: the whole way by the SDK."""

from typing import Any

import pytest
from django.test import Client

from identity.identitypools.logins import known_issuers
from identity.kit import issuer_keys
from tests import aws
from tests.identitypools import world
from tests.kit.conftest import signed

PASSWORD = "Correct-horse-7"


@pytest.fixture
def tokens(cognito: Any) -> dict[str, str]:
    """A signed-in user's tokens, and of what pool and client they are."""
    known_issuers.forget()
    issuer_keys.forget()
    pool_id = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ana", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password=PASSWORD, Permanent=True)
    answered = cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return {
        "pool": pool_id,
        "client": client_id,
        "id": answered["IdToken"],
        "access": answered["AccessToken"],
    }


@pytest.fixture
def pool_id(cognito_identity: Any, tokens: dict[str, str]) -> str:
    entry = {
        "ProviderName": f"cognito-idp.us-east-1.amazonaws.com/{tokens['pool']}",
        "ClientId": tokens["client"],
        "ServerSideTokenCheck": True,
    }
    made: str = cognito_identity.create_identity_pool(
        IdentityPoolName="notes", AllowUnauthenticatedIdentities=True, CognitoIdentityProviders=[entry]
    )["IdentityPoolId"]
    public = "arn:aws:execute-api:us-east-1:000000000000:notes/GET/public"
    roles = {
        "authenticated": world.role("known", made, allow="execute-api:Invoke").arn,
        "unauthenticated": world.role(
            "guest", made, amr="unauthenticated", allow="execute-api:Invoke", resource=public
        ).arn,
    }
    cognito_identity.set_identity_pool_roles(IdentityPoolId=made, Roles=roles)
    return made


def credentials(pool_id: str, logins: dict[str, str] | None = None) -> tuple[str, str, str]:
    anyone = aws.client("cognito-identity")
    proof = {"Logins": logins} if logins else {}
    identity_id = anyone.get_id(IdentityPoolId=pool_id, **proof)["IdentityId"]
    given = anyone.get_credentials_for_identity(IdentityId=identity_id, **proof)["Credentials"]
    return given["AccessKeyId"], given["SecretKey"], given["SessionToken"]


@pytest.mark.core_suite
def test_from_sign_in_to_a_protected_resource(settings: Any, tokens: dict[str, str], pool_id: str) -> None:
    guest = credentials(pool_id)
    user = credentials(pool_id, {f"testserver/{tokens['pool']}": tokens["id"]})

    settings.ROOT_URLCONF = "tests.kit.api"
    settings.IDENTITY_KIT = {
        "ISSUERS": [tokens["pool"]],
        "CLIENT_IDS": [tokens["client"]],
        "CHECK_LIVE": True,
    }

    assert [signed(f"/notes/{shelf}", *guest).status_code for shelf in ("public", "private")] == [200, 403]
    assert [signed(f"/notes/{shelf}", *user).status_code for shelf in ("public", "private")] == [200, 200]
    answered = _me(tokens["access"])
    assert answered.json()["name"] == "ana"


@pytest.mark.core_suite
def test_signing_out_ends_new_credentials_and_live_tokens(
    cognito: Any, settings: Any, tokens: dict[str, str], pool_id: str
) -> None:
    logins = {f"cognito-idp.us-east-1.amazonaws.com/{tokens['pool']}": tokens["id"]}
    credentials(pool_id, logins)

    cognito.admin_user_global_sign_out(UserPoolId=tokens["pool"], Username="ana")

    with pytest.raises(Exception, match="Token is inactive"):
        credentials(pool_id, logins)
    settings.ROOT_URLCONF = "tests.kit.api"
    settings.IDENTITY_KIT = {"ISSUERS": [tokens["pool"]], "CHECK_LIVE": True}
    assert _me(tokens["access"]).status_code == 401


def _me(token: str) -> Any:
    return Client().get("/me", headers={"Authorization": f"Bearer {token}"})
