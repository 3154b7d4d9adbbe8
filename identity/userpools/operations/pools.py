"""User pools over the wire. Source: cognito/user-pools §3, §4."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import pools, shapes
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]


def _any_pool(call: Call, request: Json) -> str:
    return "*"


@cognito_idp.operation(resource=_any_pool)
def create_user_pool(call: Call, request: Json) -> dict[str, Any]:
    """Make a pool in the caller's region."""
    pool = pools.create(
        request["PoolName"], request, region=call.region, attributes=request.get("Schema", ())
    )
    return {"UserPool": shapes.user_pool_type(pool, user_count=0)}


@cognito_idp.operation
def describe_user_pool(call: Call, request: Json) -> dict[str, Any]:
    """The pool with all its settings, and how many users it has."""
    pool = pools.get(request["UserPoolId"])
    return {"UserPool": shapes.user_pool_type(pool, user_count=pools.user_count(pool))}


@cognito_idp.operation
def update_user_pool(call: Call, request: Json) -> dict[str, Any]:
    """Replace the pool's updatable settings: what the request leaves out returns to its default."""
    pools.update(pools.get(request["UserPoolId"]), request, name=request.get("PoolName"))
    return {}


@cognito_idp.operation(resource=_any_pool)
def list_user_pools(call: Call, request: Json) -> dict[str, Any]:
    """The region's pools, at most 60 a page."""
    page = pools.listed(call.region, limit=request["MaxResults"], token=request.get("NextToken"))
    listed: dict[str, Any] = {"UserPools": [shapes.user_pool_description(pool) for pool in page.rows]}
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


@cognito_idp.operation
def delete_user_pool(call: Call, request: Json) -> None:
    """Remove a pool and everything in it."""
    pools.delete(pools.get(request["UserPoolId"]))
