"""Amazon Resource Names: built for what lives here, taken apart for policies and triggers."""

from dataclasses import dataclass

from identity.core.conf import settings

PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class Arn:
    """The five parts after ``arn:``; ``resource`` keeps its own colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse(text: str) -> Arn:
    """Take an ARN apart. Raises ``ValueError`` for what is none."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not (parts[1] and parts[2] and parts[5]):
        raise ValueError("not an ARN")
    return Arn(*parts[1:])


def _build(service: str, resource: str, *, region: str = "") -> str:
    return str(Arn(PARTITION, service, region, settings().account_id, resource))


def user_pool(pool_id: str) -> str:
    """The region is the pool id's own prefix."""
    return _build("cognito-idp", f"userpool/{pool_id}", region=pool_id.partition("_")[0])


def user_pools(region: str) -> str:
    """All user pools of a region: what operations without a pool are asked about."""
    return _build("cognito-idp", "userpool/*", region=region)


def identity_pool(pool_id: str) -> str:
    """The region is the pool id's own prefix."""
    return _build("cognito-identity", f"identitypool/{pool_id}", region=pool_id.partition(":")[0])


def identity_pools(region: str) -> str:
    """All identity pools of a region."""
    return _build("cognito-identity", "identitypool/*", region=region)


def identity(pool_id: str, identity_id: str) -> str:
    """One identity of an identity pool, as Sync's policies name it."""
    region = pool_id.partition(":")[0]
    return _build("cognito-sync", f"identitypool/{pool_id}/identity/{identity_id}", region=region)


def role(name: str, *, path: str = "/") -> str:
    return _build("iam", f"role{path}{name}")


def user(name: str, *, path: str = "/") -> str:
    """An IAM user, not a pool's."""
    return _build("iam", f"user{path}{name}")


def policy(name: str, *, path: str = "/") -> str:
    return _build("iam", f"policy{path}{name}")


def root() -> str:
    """The account itself, as trust policies name it."""
    return _build("iam", "root")


def oidc_provider(host_and_path: str) -> str:
    return _build("iam", f"oidc-provider/{host_and_path}")


def saml_provider(name: str) -> str:
    return _build("iam", f"saml-provider/{name}")


def assumed_role(role_name: str, session_name: str) -> str:
    return _build("sts", f"assumed-role/{role_name}/{session_name}")


def federated_user(name: str) -> str:
    return _build("sts", f"federated-user/{name}")


def function(name: str, *, region: str | None = None) -> str:
    """A Lambda function, as ``LambdaConfig`` and ``IDENTITY["TRIGGERS"]`` name it."""
    return _build("lambda", f"function:{name}", region=region or settings().region)


def portal_service(service: str, *, region: str) -> str:
    """A service name that requests are signed for: whose callers' keys an API on another machine may get."""
    return _build("identity-portal", f"service/{service}", region=region)
