"""Domains over the wire. Source: cognito/user-pools §12."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import domains, pools, shapes
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]


def _any_pool(call: Call, request: Json) -> str:
    return "*"


@cognito_idp.operation
def create_user_pool_domain(call: Call, request: Json) -> dict[str, Any]:
    """Attach a prefix, or with ``CustomDomainConfig`` a domain of the customer's own."""
    row = domains.create(
        pools.get(request["UserPoolId"]),
        request["Domain"],
        managed_login_version=request.get("ManagedLoginVersion", 1),
        custom_config=request.get("CustomDomainConfig"),
        routing=request.get("Routing"),
    )
    return shapes.domain_change(row)


@cognito_idp.operation(resource=_any_pool)
def describe_user_pool_domain(call: Call, request: Json) -> dict[str, Any]:
    """The domain, whichever pool has it; an empty description for one that nobody has."""
    row = domains.find_row(request["Domain"])
    return {"DomainDescription": shapes.domain_description(row) if row else {}}


@cognito_idp.operation
def update_user_pool_domain(call: Call, request: Json) -> dict[str, Any]:
    """Change the branding version, certificate or routing of a domain."""
    row = domains.update(
        domains.get(pools.get(request["UserPoolId"]), request["Domain"]),
        managed_login_version=request.get("ManagedLoginVersion"),
        custom_config=request.get("CustomDomainConfig"),
        routing=request.get("Routing"),
    )
    return shapes.domain_change(row)


@cognito_idp.operation
def delete_user_pool_domain(call: Call, request: Json) -> dict[str, Any]:
    """Detach a domain; its pages are gone at once."""
    domains.delete(domains.get(pools.get(request["UserPoolId"]), request["Domain"]))
    return {}
