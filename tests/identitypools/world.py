"""A user pool that is only an issuer, roles, and the calls from a login to credentials and their refusals."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from identity.core import clock, issuers, signing
from identity.iam import keys, roles
from identity.iam.models import Role, User, UserPolicy
from identity.identitypools.models import Identity
from identity.wire import callers
from tests import aws

REGION = "us-east-1"
ACCOUNT = "000000000000"
CLIENT = "1example23456789clientid00"
OTHER_CLIENT = "2example23456789clientid00"
NOBODY = "us-east-1:00000000-0000-4000-8000-000000000000"
CONFIGURATION = "Invalid identity pool configuration. Check assigned IAM roles for this pool."


class UserPool:
    """Holds a key and signs ID tokens; who was signed out is in ``signed_out``. Registered as userpools' are."""

    def __init__(self, pool_id: str = "us-east-1_Example01") -> None:
        self.id = pool_id
        self.url = f"http://testserver/{pool_id}"
        self.provider = f"cognito-idp.{pool_id.partition('_')[0]}.amazonaws.com/{pool_id}"
        self.own_name = f"testserver/{pool_id}"
        self.key = signing.generate()
        self.signed_out: set[str] = set()

    def find(self, issuer_url: str) -> issuers.Issuer | None:
        aws = f"https://{self.provider}"
        if issuer_url not in (self.url, aws):
            return None
        return issuers.Issuer(
            url=self.url,
            aliases=(aws,),
            kind="user-pool",
            jwks=lambda: [self.key.public_jwk],
            has_audience=(CLIENT, OTHER_CLIENT).__contains__,
            is_live=lambda claims: claims["sub"] not in self.signed_out,
        )

    def token(self, sub: str = "ana", *, key: signing.NewKey | None = None, **claims: Any) -> str:
        """An ID token as the pool makes it; a claim given as None is left out."""
        now = clock.seconds(clock.now())
        content = {
            "sub": sub,
            "iss": self.url,
            "aud": CLIENT,
            "token_use": "id",
            "cognito:username": sub,
            "iat": now,
            "exp": now + 3600,
            **claims,
        }
        signer = key or self.key
        private = signing.private_key(f"tests:{signer.kid}", lambda: signer.private_pem)
        kept = {name: value for name, value in content.items() if value is not None}
        return signing.sign(kept, private, kid=signer.kid)

    def logins(self, sub: str = "ana", **claims: Any) -> dict[str, str]:
        return {self.provider: self.token(sub, **claims)}

    def entry(self, **members: Any) -> dict[str, Any]:
        return {"ProviderName": self.provider, "ClientId": CLIENT, **members}


@contextmanager
def registered(*pools: UserPool) -> Iterator[None]:
    """The pools' keys are known to the process meanwhile."""
    for pool in pools:
        issuers.register(pool)
    try:
        yield
    finally:
        for pool in pools:
            issuers.unregister(pool)


def trust(pool_id: str, amr: str, *, tags: bool = False) -> dict[str, Any]:
    """The usual trust policy of an identity pool's role; ``tags``: for sessions with tags too."""
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": actions if tags else actions[0],
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr},
                },
            }
        ],
    }


def role(
    name: str,
    pool_id: str,
    *,
    amr: str = "authenticated",
    allow: str = "cognito-identity:*",
    resource: str = "*",
    tags: bool = False,
) -> Role:
    """A role that this pool's identities of a state may assume and that allows actions on a resource."""
    made = roles.create(name, trust(pool_id, amr, tags=tags))
    statement = {"Effect": "Allow", "Action": allow, "Resource": resource}
    roles.put_policy(made, "rights", {"Version": "2012-10-17", "Statement": [statement]})
    return made


def claims_of(token: str) -> Mapping[str, Any]:
    return signing.unproven_claims(token)


def read(s3: Any, bucket: str, prefix: str) -> str:
    """What an S3 client reads of the object ``hello`` under a prefix, or the code of the refusal."""
    try:
        answered = s3.get_object(Bucket=bucket, Key=f"{prefix}/hello")
    except s3.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])
    return str(answered["Body"].read().decode())


def update(cognito_identity: Any, pool_id: str, **members: Any) -> Any:
    return cognito_identity.update_identity_pool(
        IdentityPoolId=pool_id, IdentityPoolName="notes", AllowUnauthenticatedIdentities=True, **members
    )


def set_roles(cognito_identity: Any, pool_id: str, mappings: Any = None, **given: str) -> None:
    optional = {"RoleMappings": mappings} if mappings else {}
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=given, **optional)


def get_id(anyone: Any, pool_id: str, logins: dict[str, str]) -> str:
    identity_id: str = anyone.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    return identity_id


def given(anyone: Any, pool_id: str, logins: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """GetId, then GetCredentialsForIdentity."""
    proof = {"Logins": logins} if logins else {}
    identity_id = anyone.get_id(IdentityPoolId=pool_id, **proof)["IdentityId"]
    answered: dict[str, Any] = anyone.get_credentials_for_identity(IdentityId=identity_id, **proof, **more)
    return answered


def open_id_token(anyone: Any, pool_id: str, logins: dict[str, str] | None = None) -> dict[str, Any]:
    proof = {"Logins": logins} if logins else {}
    identity_id = anyone.get_id(IdentityPoolId=pool_id, **proof)["IdentityId"]
    answered: dict[str, Any] = anyone.get_open_id_token(IdentityId=identity_id, **proof)
    return answered


def client_of(service: str, credentials: dict[str, Any]) -> Any:
    return aws.client(
        service,
        access_key=credentials["AccessKeyId"],
        secret=credentials.get("SecretKey") or credentials["SecretAccessKey"],
        token=credentials["SessionToken"],
    )


def arn_of(credentials: dict[str, Any]) -> str:
    arn: str = client_of("sts", credentials).get_caller_identity()["Arn"]
    return arn


def ask(credentials: dict[str, Any], action: str, resource: str = "*") -> None:
    """What a host's API asks about whoever holds the credentials."""
    asked = callers.current()
    key = asked.find_key(credentials["AccessKeyId"], credentials["SessionToken"], clock.now())
    asked.authorize(key.caller, action, resource, {})


def limited(*statements: dict[str, Any]) -> Any:
    """A client of an IAM user with just these statements."""
    user = User.objects.create(name="limited")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}
    UserPolicy.objects.create(user=user, name="rights", document=json.dumps(document))
    key = keys.create(user)
    return aws.client("cognito-identity", access_key=key.key_id, secret=key.secret)


def refusal(error: pytest.ExceptionInfo[Any]) -> tuple[str, str]:
    answered = error.value.response["Error"]
    return answered["Code"], answered["Message"]


def refused_text(anyone: Any, pool_id: str, logins: dict[str, str]) -> str:
    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        get_id(anyone, pool_id, logins)
    assert not Identity.objects.exists()
    return refusal(refused)[1]
