"""App clients over the wire. Source: cognito/user-pools §5."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import clients, pools, shapes
from identity.userpools.models import UserPoolClient
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]

_DEFAULT_PAGE = 60


@cognito_idp.operation
def create_user_pool_client(call: Call, request: Json) -> dict[str, Any]:
    """Make an app client, with a secret made here, or the caller's own, or none."""
    client = clients.create(
        pools.get(request["UserPoolId"]),
        request["ClientName"],
        request,
        generate_secret=request.get("GenerateSecret", False),
        secret=request.get("ClientSecret"),
    )
    return _shown(client)


@cognito_idp.operation
def describe_user_pool_client(call: Call, request: Json) -> dict[str, Any]:
    """The client with its secret."""
    return _shown(clients.get(request["ClientId"], pool=pools.get(request["UserPoolId"])))


@cognito_idp.operation
def update_user_pool_client(call: Call, request: Json) -> dict[str, Any]:
    """Replace the client's settings: what the request leaves out returns to its default. The secret stays."""
    client = clients.get(request["ClientId"], pool=pools.get(request["UserPoolId"]))
    return _shown(clients.update(client, request, name=request.get("ClientName")))


@cognito_idp.operation
def list_user_pool_clients(call: Call, request: Json) -> dict[str, Any]:
    """The pool's clients by id and name, at most 60 a page."""
    page = clients.listed(
        pools.get(request["UserPoolId"]),
        limit=request.get("MaxResults", _DEFAULT_PAGE),
        token=request.get("NextToken"),
        client_type=request.get("ClientType"),
    )
    listed: dict[str, Any] = {
        "UserPoolClients": [shapes.user_pool_client_description(client) for client in page.rows]
    }
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


@cognito_idp.operation
def delete_user_pool_client(call: Call, request: Json) -> None:
    """Remove a client; sign-ins through it end."""
    clients.delete(clients.get(request["ClientId"], pool=pools.get(request["UserPoolId"])))


def _shown(client: UserPoolClient) -> dict[str, Any]:
    return {"UserPoolClient": shapes.user_pool_client_type(client, secret=clients.secret_of(client))}
