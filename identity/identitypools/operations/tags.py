"""Tags of identity pools over the wire. The pool is named by its ARN, as policies name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from identity.core import arns
from identity.identitypools import pools
from identity.identitypools.service import asked, cognito_identity
from identity.wire.callers import denied
from identity.wire.service import Asked

if TYPE_CHECKING:
    from identity.wire.service import Call
    from identity.wire.shapes import cognito_identity as wire


def named_resource(call: Call, request: Mapping[str, Any]) -> str | Asked:
    """The resource that policies are asked about: the text as given, whatever it is; a pool's with its tags."""
    resource: str = request["ResourceArn"]
    pool_id = resource.rpartition(":identitypool/")[2]
    return asked(resource, pool_id) if resource == arns.identity_pool(pool_id) else resource


@cognito_identity.operation(resource=named_resource)
def list_tags_for_resource(
    call: Call, request: wire.ListTagsForResourceInput
) -> wire.ListTagsForResourceResponse:
    """All tags of a pool."""
    return {"Tags": pools.get(_pool_id(call, request["ResourceArn"]), region=call.region).tags}


@cognito_identity.operation(resource=named_resource)
def tag_resource(call: Call, request: wire.TagResourceInput) -> wire.TagResourceResponse:
    """Add tags, or give those that are there other values."""
    pool = pools.get(_pool_id(call, request["ResourceArn"]), region=call.region)
    pools.set_tags(pool.id, added=request["Tags"])
    return {}


@cognito_identity.operation(resource=named_resource)
def untag_resource(call: Call, request: wire.UntagResourceInput) -> wire.UntagResourceResponse:
    """Remove tags; those that aren't there are no error."""
    pool = pools.get(_pool_id(call, request["ResourceArn"]), region=call.region)
    pools.set_tags(pool.id, added={}, removed=request["TagKeys"])
    return {}


def _pool_id(call: Call, resource: str) -> str:
    """Raises AccessDenied for what is no identity pool of this account, even for who may do everything."""
    kind, _, pool_id = _resource_of(call, resource).partition("/")
    if kind != "identitypool" or resource != arns.identity_pool(pool_id):
        raise denied(call.signed_by, f"cognito-identity:{call.operation}", resource)
    return pool_id


def _resource_of(call: Call, resource: str) -> str:
    try:
        return arns.parse(resource).resource
    except ValueError:
        return ""
