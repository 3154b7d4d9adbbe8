"""Policy documents in few words, for the tests."""

from typing import Any

from identity.iam import policy
from identity.iam.policy import Request

POOL = "us-east-1:11111111-1111-4111-8111-111111111111"
IDENTITY = "us-east-1:22222222-2222-4222-8222-222222222222"
ACCOUNT = "000000000000"


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **elements}


def identity_policy(*statements: dict[str, Any], version: str = "2012-10-17") -> policy.Policy:
    return policy.parse(document(*statements, version=version))


def is_allowed(*statements: dict[str, Any], version: str = "2012-10-17", **request: Any) -> bool:
    """Do these statements alone, as one identity policy, allow the request?"""
    asked = Request(request.get("action", "svc:Do"), request.get("resource", "*"), request.get("context", {}))
    return policy.decide(asked, identity=[identity_policy(*statements, version=version)]).allowed


def holds(
    operator: str, values: Any, context: dict[str, Any], *, key: str = "k", version: str = "2012-10-17"
) -> bool:
    """Is one condition fulfilled?"""
    return is_allowed(allow(Condition={operator: {key: values}}), context=context, version=version)


def trust(
    principal: Any, action: Any = "sts:AssumeRole", effect: str = "Allow", **condition: Any
) -> dict[str, Any]:
    """A trust policy of one statement; keyword arguments are condition operators (``__`` stands for ``:``)."""
    statement = {"Effect": effect, "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = {name.replace("__", ":"): block for name, block in condition.items()}
    return document(statement)


def pool_trust(state: str = "authenticated", *, pool: str = POOL, tagging: bool = False) -> dict[str, Any]:
    """The trust policy that the Cognito console makes."""
    return trust(
        {"Federated": "cognito-identity.amazonaws.com"},
        ["sts:AssumeRoleWithWebIdentity", *(["sts:TagSession"] if tagging else [])],
        StringEquals={"cognito-identity.amazonaws.com:aud": pool},
        ForAnyValue__StringLike={"cognito-identity.amazonaws.com:amr": state},
    )
