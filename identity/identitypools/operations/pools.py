"""Identity pools over the wire. Source: Amazon Cognito Federated Identities API reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from identity.core import arns
from identity.identitypools import listing, pool_documents, pool_tags, pools, shapes
from identity.identitypools.models import IdentityPool
from identity.identitypools.operations import permissions
from identity.identitypools.service import cognito_identity
from identity.wire.endpoint import tag_context

if TYPE_CHECKING:
    from identity.wire.service import Call
    from identity.wire.shapes import cognito_identity as wire


@cognito_identity.operation(resource=permissions.anything)
def create_identity_pool(call: Call, request: wire.CreateIdentityPoolInput) -> wire.IdentityPool:
    """Make a pool. One with tags also needs ``cognito-identity:TagResource`` on the pool that it becomes."""
    form = pool_documents.checked(request)
    pool_id = pools.new_id(call.region)
    if form.tags:
        _require_tagging(call, pool_id, form.tags)
    return shapes.identity_pool(pools.create(pool_id, form))


@cognito_identity.operation
def describe_identity_pool(call: Call, request: wire.DescribeIdentityPoolInput) -> wire.IdentityPool:
    """The pool as it is stored."""
    return shapes.identity_pool(pools.get(request["IdentityPoolId"], region=call.region))


@cognito_identity.operation
def update_identity_pool(call: Call, request: wire.IdentityPool) -> wire.IdentityPool:
    """Replace the pool's whole document: what the request leaves out is cleared.

    Where tags change it also needs ``cognito-identity:TagResource`` and ``cognito-identity:UntagResource``.
    """
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    form = pool_documents.checked(request)
    _require_retagging(call, pool, form.tags)
    return shapes.identity_pool(pools.replace(pool, form))


@cognito_identity.operation(resource=permissions.anything)
def list_identity_pools(call: Call, request: wire.ListIdentityPoolsInput) -> wire.ListIdentityPoolsResponse:
    """The region's pools by id, at most 60 a page."""
    page = listing.page(
        IdentityPool.objects.in_region(call.region),
        order=("id",),
        limit=request["MaxResults"],
        token=request.get("NextToken"),
        bound_to=f"ListIdentityPools:{call.region}",
    )
    listed: wire.ListIdentityPoolsResponse = {
        "IdentityPools": [shapes.short_description(pool) for pool in page.rows]
    }
    if page.next_token:
        listed["NextToken"] = page.next_token
    return listed


@cognito_identity.operation
def delete_identity_pool(call: Call, request: wire.DeleteIdentityPoolInput) -> None:
    """Remove the pool with all its identities."""
    pools.delete(pools.get(request["IdentityPoolId"], region=call.region))


def _require_retagging(call: Call, pool: IdentityPool, tags: Mapping[str, str]) -> None:
    present = pool_tags.condition_keys(pool.tags)
    changed = {name: value for name, value in tags.items() if pool.tags.get(name) != value}
    gone = [name for name in pool.tags if name not in tags]
    if changed:
        _require_tagging(call, pool.pk, changed, present)
    if gone:
        context = {**present, "aws:TagKeys": gone}
        permissions.require(call, "cognito-identity:UntagResource", arns.identity_pool(pool.pk), context)


def _require_tagging(
    call: Call, pool_id: str, tags: Mapping[str, str], present: Mapping[str, str] | None = None
) -> None:
    context = {**(present or {}), **tag_context({"IdentityPoolTags": dict(tags)})}
    permissions.require(call, "cognito-identity:TagResource", arns.identity_pool(pool_id), context)
