"""Pools, users and credentials as a test wants them: each made by the real API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from identity.core import conf
from identity.iam import keys, roles
from identity.iam.models import Role
from identity.kit.testing import in_process, portal, scopes

PASSWORD = "Corr3ct-horse-battery"
_COGNITO = "cognito-identity.amazonaws.com"


@dataclass(frozen=True)
class PoolUser:
    """A user of the pool, confirmed and signed in."""

    username: str
    sub: str
    groups: tuple[str, ...]
    password: str = field(repr=False)
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """``client.get("/me", headers=ana.headers)``."""
        return {"Authorization": f"Bearer {self.access_token}"}


@dataclass(frozen=True)
class UserPool:
    """A user pool with one app client. ``api`` is the SDK's ``cognito-idp`` client with an administrator's key."""

    id: str
    client_id: str
    api: Any = field(repr=False)

    @property
    def issuer(self) -> str:
        """The ``iss`` of its tokens."""
        return f"{conf.settings().base_url}/{self.id}"

    @property
    def provider(self) -> str:
        """Its name in an identity pool's ``Logins``."""
        return f"cognito-idp.{self.id.partition('_')[0]}.amazonaws.com/{self.id}"

    def user(
        self,
        username: str = "ana",
        *,
        groups: Sequence[str] = (),
        scopes: Sequence[str] = (),
        password: str = PASSWORD,
        **attributes: str,
    ) -> PoolUser:
        """A new user, signed in: ``user_pool.user("ana", groups=["admins"], email="ana@example.com")``.

        ``scopes`` are what their access token carries besides ``aws.cognito.signin.user.admin``.
        """
        listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
        made = self.api.admin_create_user(
            UserPoolId=self.id, Username=username, UserAttributes=listed, MessageAction="SUPPRESS"
        )["User"]
        self.api.admin_set_user_password(
            UserPoolId=self.id, Username=username, Password=password, Permanent=True
        )
        for group in groups:
            self._join(username, group)
        self._give_scopes(username, scopes)
        (sub,) = (each["Value"] for each in made["Attributes"] if each["Name"] == "sub")
        tokens = self.sign_in(username, password)
        return PoolUser(
            username,
            sub,
            tuple(groups),
            password,
            tokens["AccessToken"],
            tokens["IdToken"],
            tokens["RefreshToken"],
        )

    def sign_in(self, username: str, password: str = PASSWORD) -> dict[str, Any]:
        """Fresh tokens, as ``InitiateAuth`` answers them."""
        answer = self.api.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        result: dict[str, Any] = answer["AuthenticationResult"]
        return result

    def _join(self, username: str, group: str) -> None:
        known = {each["GroupName"] for each in self.api.list_groups(UserPoolId=self.id)["Groups"]}
        if group not in known:
            self.api.create_group(UserPoolId=self.id, GroupName=group)
        self.api.admin_add_user_to_group(UserPoolId=self.id, Username=username, GroupName=group)

    def _give_scopes(self, username: str, wanted: Sequence[str]) -> None:
        if wanted:
            scopes.wanted[self.id, username] = tuple(wanted)


@dataclass(frozen=True)
class AwsCredentials:
    """Temporary credentials of an identity."""

    identity_id: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.access_key_id, self.secret_access_key, self.session_token


@dataclass(frozen=True)
class IdentityPool:
    """An identity pool that takes in the user pool's users, and guests. What its two roles may is said by ``allow``."""

    id: str
    user_pool: UserPool
    api: Any = field(repr=False)
    signed_in_role: Role = field(repr=False)
    guest_role: Role = field(repr=False)

    def allow(self, action: str, resource: str = "*", *, guests: bool = False) -> None:
        """Let everybody who is signed in, or with ``guests`` the guests, do something.

        Guests are bounded besides, as in Cognito: of the names for APIs of one's own ``execute-api`` is allowed to them.
        """
        role = self.guest_role if guests else self.signed_in_role
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        roles.put_policy(role, f"allow-{role.inline_policies.count()}", document)

    def credentials(self, user: PoolUser | None = None) -> AwsCredentials:
        """What the pool gives to a user, or without one to a guest."""
        logins = {self.user_pool.provider: user.id_token} if user else {}
        more = {"Logins": logins} if logins else {}
        identity_id = self.api.get_id(IdentityPoolId=self.id, **more)["IdentityId"]
        given = self.api.get_credentials_for_identity(IdentityId=identity_id, **more)["Credentials"]
        return AwsCredentials(identity_id, given["AccessKeyId"], given["SecretKey"], given["SessionToken"])


def administrator(service: str, http: Client) -> Any:
    """The SDK's client of a service of the portal, with an administrator's key."""
    keys.ensure_administrator(*portal.ADMIN)
    return in_process.client(service, access_key=portal.ADMIN[0], secret=portal.ADMIN[1], http=http)


def make_user_pool(http: Client) -> UserPool:
    """A pool with a public client for sign-in by password."""
    api = administrator("cognito-idp", http)
    pool = api.create_user_pool(
        PoolName="tests",
        LambdaConfig={"PreTokenGenerationConfig": {"LambdaArn": scopes.ARN, "LambdaVersion": "V2_0"}},
    )["UserPool"]
    client = api.create_user_pool_client(
        UserPoolId=pool["Id"],
        ClientName="tests",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    return UserPool(pool["Id"], client["ClientId"], api)


def make_identity_pool(user_pool: UserPool, http: Client) -> IdentityPool:
    """A pool with a role for each state, neither of which may anything yet."""
    api = administrator("cognito-identity", http)
    pool_id = api.create_identity_pool(
        IdentityPoolName="tests",
        AllowUnauthenticatedIdentities=True,
        CognitoIdentityProviders=[
            {"ProviderName": user_pool.provider, "ClientId": user_pool.client_id},
        ],
    )["IdentityPoolId"]
    suffix = pool_id.rpartition(":")[2][:8]
    known = roles.create(f"signed-in-{suffix}", _trust(pool_id, "authenticated"))
    guest = roles.create(f"guest-{suffix}", _trust(pool_id, "unauthenticated"))
    api.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles={"authenticated": known.arn, "unauthenticated": guest.arn}
    )
    return IdentityPool(pool_id, user_pool, in_process.client("cognito-identity", http=http), known, guest)


def _trust(pool_id: str, state: str) -> dict[str, Any]:
    """The usual trust policy of an identity pool's role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": _COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{_COGNITO}:aud": pool_id},
            "ForAnyValue:StringLike": {f"{_COGNITO}:amr": state},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
