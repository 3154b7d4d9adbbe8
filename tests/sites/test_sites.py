"""Separately or together: each site installs less, works whole, and holds nothing of what it lacks."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from identity.core import discovery, signing
from tests import aws
from tests.races import wait_for
from tests.sites import foreign
from tests.sites.started import Site, started

pytestmark = pytest.mark.core_suite

PASSWORD = "Corr3ct-horse"
ACCOUNT = "000000000000"
NOTES = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:notes/GET/public"
COGNITO = "cognito-identity.amazonaws.com"


def role(*actions: str) -> list[dict[str, Any]]:
    """A role that every identity may assume, and what it may."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{COGNITO}:aud": "us-east-1:*"}},
    }
    allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return [{"Version": "2012-10-17", "Statement": [each]} for each in (trust, allowed)]


ROLES = {"known": role("execute-api:Invoke"), "guest": role("execute-api:Invoke")}


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def json_of(**content: Any) -> str:
    return json.dumps(content)


def sign_in(site: Site) -> tuple[str, str, dict[str, str]]:
    """A new pool and client, and the tokens of its user ana."""
    idp = site.admin("cognito-idp")
    pool_id = idp.create_user_pool(PoolName="people")["UserPool"]["Id"]
    client_id = idp.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    idp.admin_create_user(UserPoolId=pool_id, Username="ana", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password=PASSWORD, Permanent=True)
    tokens = site.client("cognito-idp").initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": PASSWORD},
    )
    return pool_id, client_id, tokens["AuthenticationResult"]


def code_of(call: Any, **given: Any) -> str:
    return aws.refusal(call, **given)[0]


def test_user_pools_alone(tmp_path: Path, settings: Any) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ["localhost"]}
    with started("user_pools_alone", tmp_path) as site:
        pool_id, client_id, tokens = sign_in(site)

        issuer = f"{site.base}/{pool_id}"
        claims = signing.verify(tokens["IdToken"], discovery.keys(issuer), issuer=issuer, audience=client_id)
        assert claims["cognito:username"] == "ana"
        wrong = {"USERNAME": "ana", "PASSWORD": "wrong"}
        refused = code_of(
            site.client("cognito-idp").initiate_auth,
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=wrong,
        )
        assert refused == "NotAuthorizedException"
        with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration") as answer:
            assert answer.status == 200

        missing = site.admin("cognito-identity").list_identity_pools
        assert code_of(missing, MaxResults=1) == "UnknownOperationException"
        assert site.tables() == {"identity_core", "identity_userpools"}
        assert not site.modules() & {
            "identity.iam",
            "identity.identitypools",
            "identity.sync",
            "identity.kit",
        }


def test_identity_pools_alone_with_a_foreign_provider(tmp_path: Path) -> None:
    with foreign.provider() as login:
        owner = json_of(providers={login.issuer: ["app"]}, roles=ROLES)
        with started("identity_pools_alone", tmp_path, SITE_OWNER=owner) as site:
            name = login.issuer.partition("://")[2]
            admin, anyone = site.admin("cognito-identity"), site.client("cognito-identity")
            pool_id = admin.create_identity_pool(
                IdentityPoolName="app",
                AllowUnauthenticatedIdentities=True,
                OpenIdConnectProviderARNs=[f"arn:aws:iam::{ACCOUNT}:oidc-provider/{name}"],
            )["IdentityPoolId"]
            admin.set_identity_pool_roles(
                IdentityPoolId=pool_id,
                Roles={"authenticated": arn("known"), "unauthenticated": arn("guest")},
            )

            def who(**logins: Any) -> str:
                """The role session that the pool's credentials are."""
                mine = anyone.get_id(IdentityPoolId=pool_id, **logins)["IdentityId"]
                given = anyone.get_credentials_for_identity(IdentityId=mine, **logins)["Credentials"]
                key = given["AccessKeyId"], given["SecretKey"], given["SessionToken"]
                return str(site.client("sts", *key).get_caller_identity()["Arn"])

            def with_token(token: str) -> dict[str, Any]:
                return {"IdentityPoolId": pool_id, "Logins": {name: token}}

            session = "CognitoIdentityCredentials"
            assert who(Logins={name: login.token("ana")}) == (
                f"arn:aws:sts::{ACCOUNT}:assumed-role/known/{session}"
            )
            assert who() == f"arn:aws:sts::{ACCOUNT}:assumed-role/guest/{session}"
            ana = anyone.get_id(**with_token(login.token("ana")))
            assert ana["IdentityId"] == anyone.get_id(**with_token(login.token("ana")))["IdentityId"]
            forged = with_token(login.token("ana", key=signing.generate()))
            assert code_of(anyone.get_id, **forged) == "NotAuthorizedException"
            other = with_token(login.token("ana", aud="another"))
            assert code_of(anyone.get_id, **other) == "NotAuthorizedException"

            missing = site.admin("cognito-idp").list_user_pools
            assert code_of(missing, MaxResults=1) == "UnknownOperationException"
            assert site.tables() == {"identity_core", "identity_iam", "identity_identitypools"}
            assert not site.modules() & {
                "identity.userpools",
                "identity.sync",
                "identity.kit",
                "portal.pages",
            }


class Visitor:
    """Calls the API of another machine."""

    def __init__(self, api: Site) -> None:
        self.api = api

    def with_token(self, token: str) -> int:
        return self._status(
            urllib.request.Request(f"{self.api.base}/notes/", headers={"Authorization": f"Bearer {token}"})
        )

    def signed(self, path: str, *key: str) -> int:
        request = AWSRequest("GET", self.api.base + path)
        SigV4Auth(Credentials(*key), "execute-api", "us-east-1").add_auth(request)
        return self._status(urllib.request.Request(request.url, headers=dict(request.headers)))

    def _status(self, request: urllib.request.Request) -> int:
        try:
            with urllib.request.urlopen(request) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return int(refused.code)


def test_both_together_and_an_api_on_another_machine(tmp_path: Path) -> None:
    api_may = {
        "Effect": "Allow",
        "Action": "identity-portal:GetSigningKey",
        "Resource": f"arn:aws:identity-portal:us-east-1:{ACCOUNT}:service/execute-api",
    }
    users = {"notes-api": {"Version": "2012-10-17", "Statement": [api_may]}}
    with started("both", tmp_path, SITE_OWNER=json_of(roles=ROLES, users=users)) as portal:
        pool_id, client_id, tokens = sign_in(portal)
        key_id, secret = json.loads(portal.told[-1])
        machine = {
            "SITE_PORTAL": portal.base,
            "SITE_POOL": pool_id,
            "SITE_KEY_ID": key_id,
            "SITE_SECRET": secret,
        }
        with started("api_alone", tmp_path, **machine) as api:
            admin, anyone = portal.admin("cognito-identity"), portal.client("cognito-identity")
            provider = f"cognito-idp.us-east-1.amazonaws.com/{pool_id}"
            identity_pool = admin.create_identity_pool(
                IdentityPoolName="app",
                AllowUnauthenticatedIdentities=False,
                CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client_id}],
            )["IdentityPoolId"]
            admin.set_identity_pool_roles(IdentityPoolId=identity_pool, Roles={"authenticated": arn("known")})
            logins = {"Logins": {provider: tokens["IdToken"]}}
            mine = anyone.get_id(IdentityPoolId=identity_pool, **logins)["IdentityId"]
            given = anyone.get_credentials_for_identity(IdentityId=mine, **logins)["Credentials"]
            key = given["AccessKeyId"], given["SecretKey"], given["SessionToken"]
            visitor = Visitor(api)

            assert visitor.with_token(tokens["AccessToken"]) == 200
            assert visitor.with_token(tokens["IdToken"]) == 401
            assert visitor.signed("/notes/public", *key) == 200
            assert visitor.signed("/notes/public", key[0], "another secret", key[2]) == 403
            assert visitor.signed("/notes/public", key[0], key[1], "another token") == 403
            assert visitor.signed("/notes/public", "AKIAUNKNOWNUNKNOWN22", key[1]) == 403

            idp = portal.admin("cognito-idp")
            idp.admin_user_global_sign_out(UserPoolId=pool_id, Username="ana")
            # a second later: for so long the API believes its portal
            wait_for(lambda: visitor.with_token(tokens["AccessToken"]) == 401, "refusal of the token")
            assert portal.tables() == {
                "identity_core",
                "identity_iam",
                "identity_identitypools",
                "identity_userpools",
            }
            held = api.modules()
            assert "identity.iam.policy" in held
            assert not [name for name in held if name.startswith("portal") or ".models" in name]
            assert not held & {"identity.userpools", "identity.identitypools", "identity.sync"}
            assert not api.database.exists()
