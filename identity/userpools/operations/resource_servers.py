"""Resource servers over the wire. Source: cognito/user-pools §12."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import pools, resource_servers, shapes
from identity.userpools.models import ResourceServer
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]

_DEFAULT_PAGE = 50


@cognito_idp.operation
def create_resource_server(call: Call, request: Json) -> dict[str, Any]:
    """Make a resource server with its scopes."""
    pool = pools.get(request["UserPoolId"])
    server = resource_servers.create(pool, request["Identifier"], request["Name"], request.get("Scopes", ()))
    return _shown(server)


@cognito_idp.operation
def describe_resource_server(call: Call, request: Json) -> dict[str, Any]:
    """One resource server."""
    return _shown(resource_servers.get(pools.get(request["UserPoolId"]), request["Identifier"]))


@cognito_idp.operation
def update_resource_server(call: Call, request: Json) -> dict[str, Any]:
    """Replace name and scopes; scopes left out are gone."""
    server = resource_servers.get(pools.get(request["UserPoolId"]), request["Identifier"])
    return _shown(resource_servers.update(server, request["Name"], request.get("Scopes", ())))


@cognito_idp.operation
def list_resource_servers(call: Call, request: Json) -> dict[str, Any]:
    """The pool's resource servers by identifier, at most 50 a page."""
    page = resource_servers.listed(
        pools.get(request["UserPoolId"]),
        limit=request.get("MaxResults", _DEFAULT_PAGE),
        token=request.get("NextToken"),
    )
    listed: dict[str, Any] = {
        "ResourceServers": [shapes.resource_server_type(server) for server in page.rows]
    }
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


@cognito_idp.operation
def delete_resource_server(call: Call, request: Json) -> None:
    """Remove a resource server; its scopes become inactive in the clients that have them."""
    resource_servers.delete(resource_servers.get(pools.get(request["UserPoolId"]), request["Identifier"]))


def _shown(server: ResourceServer) -> dict[str, Any]:
    return {"ResourceServer": shapes.resource_server_type(server)}
