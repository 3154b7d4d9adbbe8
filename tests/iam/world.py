"""The world of the IAM tests, built by our own verbs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from identity.core import clock, issuers, signing
from identity.iam import keys, roles, sts, users
from identity.iam.credentials import Credentials
from identity.iam.keys import NewKey
from identity.iam.models import Role, User
from tests import aws
from tests.iam.documents import IDENTITY, POOL, allow, document, pool_trust

CLAIMS = {"aud": POOL, "sub": IDENTITY, "amr": ["authenticated", "idp.example.com"]}
COGNITO_ISSUER = "https://cognito-identity.amazonaws.com"


def user(name: str, *policies: dict[str, Any], path: str = "/", **options: Any) -> tuple[User, NewKey]:
    made = users.create(name, path=path, **options)
    for number, one in enumerate(policies):
        users.put_policy(made, f"policy{number}", one)
    return made, keys.create(made)


def role(name: str, trust: dict[str, Any], *policies: dict[str, Any], **options: Any) -> Role:
    made = roles.create(name, trust, **options)
    for number, one in enumerate(policies):
        roles.put_policy(made, f"policy{number}", one)
    return made


def pool_role(name: str, *policies: dict[str, Any], tagging: bool = False, **options: Any) -> Role:
    """A role for the signed-in identities of a pool; by default it may do everything."""
    return role(name, pool_trust(tagging=tagging), *(policies or (document(allow()),)), **options)


def session(of: Role, *, claims: dict[str, Any] | None = None, **options: Any) -> Credentials:
    return sts.for_identity(of.arn, claims=claims or CLAIMS, **options)


def sts_client(key: NewKey, **options: Any) -> Any:
    return aws.client("sts", access_key=key.key_id, secret=key.secret, **options)


def session_client(service: str, given: Credentials | dict[str, Any], **options: Any) -> Any:
    """A client with temporary credentials, ours or as STS answered them."""
    if isinstance(given, Credentials):
        key, secret, token = given.access_key_id, given.secret_access_key, given.session_token
    else:
        key, secret, token = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    return aws.client(service, access_key=key, secret=secret, token=token, **options)


class TokenIssuer:
    """An issuer of tokens that this site knows by ``core.issuers``, as it knows its own pools."""

    def __init__(self, url: str, key: signing.NewKey, *, alg: str = "RS256") -> None:
        self.url, self.key, self.alg = url, signing.with_new_kid(key), alg
        self.jwks = [{**self.key.public_jwk, "alg": alg}]

    def find(self, issuer_url: str) -> issuers.Issuer | None:
        return issuers.Issuer(self.url, lambda: self.jwks) if issuer_url == self.url else None

    def token(self, *, now: datetime | None = None, lifetime: int = 600, **claims: Any) -> str:
        """A signed token; a claim given as None is left out."""
        issued = clock.seconds(now or clock.now())
        payload = {"iss": self.url, "iat": issued, "exp": issued + lifetime, **claims}
        private = signing.private_key(self.key.kid, lambda: self.key.private_pem)
        kept = {name: value for name, value in payload.items() if value is not None}
        return signing.sign(kept, private, kid=self.key.kid, alg=self.alg)


def refused(iam: Any, code: str, deed: Callable[..., Any], **given: Any) -> str:
    """The error's text, and that it came with the HTTP status of the model."""
    with pytest.raises(iam.exceptions.ClientError) as caught:
        deed(**given)
    error = caught.value.response
    assert error["Error"]["Code"] == code
    statuses = {"NoSuchEntity": 404, "EntityAlreadyExists": 409, "DeleteConflict": 409, "LimitExceeded": 409}
    assert error["ResponseMetadata"]["HTTPStatusCode"] == statuses.get(code, 400)
    return str(error["Error"]["Message"])
