"""Identities as their owner sees them, with keys: looked at, listed, deleted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import OperationalError

from identity.core import arns
from identity.identitypools import identities, listing, pools, shapes
from identity.identitypools.errors import IdentityNotFound
from identity.identitypools.models import Identity
from identity.identitypools.operations import permissions
from identity.identitypools.service import cognito_identity
from identity.wire.callers import AccessDenied

if TYPE_CHECKING:
    from identity.wire.service import Call
    from identity.wire.shapes import cognito_identity as wire

POOL_ARN_KEY = "cognito-identity:IdentityPoolArn"

log = logging.getLogger("identity.identitypools")


@cognito_identity.operation(unchecked=True)
def describe_identity(call: Call, request: wire.DescribeIdentityInput) -> wire.IdentityDescription:
    """One identity with the names of its providers, for who may DescribeIdentity; who the user is there is never told."""
    identity_id = request["IdentityId"]
    found = None
    if _is_of_region(identity_id, call):
        found = Identity.objects.prefetch_related("logins").filter(pk=identity_id).first()
    _require(call, found)
    if found is None:
        raise IdentityNotFound(identity_id)
    return shapes.identity(found)


@cognito_identity.operation
def list_identities(call: Call, request: wire.ListIdentitiesInput) -> wire.ListIdentitiesResponse:
    """The identities of a pool by id, at most 60 a page, on wish without the disabled ones."""
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    hides_disabled = bool(request.get("HideDisabled"))
    listed = Identity.objects.filter(pool=pool).prefetch_related("logins")
    if hides_disabled:
        listed = listed.exclude(state=Identity.State.DISABLED)
    page = listing.page(
        listed,
        order=("id",),
        limit=request["MaxResults"],
        token=request.get("NextToken"),
        bound_to=f"ListIdentities:{pool.id}:{hides_disabled}",
    )
    answer: wire.ListIdentitiesResponse = {
        "IdentityPoolId": pool.id,
        "Identities": [shapes.identity(identity) for identity in page.rows],
    }
    if page.next_token:
        answer["NextToken"] = page.next_token
    return answer


@cognito_identity.operation(unchecked=True)
def delete_identities(call: Call, request: wire.DeleteIdentitiesInput) -> wire.DeleteIdentitiesResponse:
    """Delete each on its own, for who may DeleteIdentities: what can't be deleted is told by id and stops no other.

    Raises AccessDenied for who may delete none of them.
    """
    ids = list(dict.fromkeys(request["IdentityIdsToDelete"]))
    here = [identity_id for identity_id in ids if _is_of_region(identity_id, call)]
    found = Identity.objects.in_bulk(here)
    denied = {identity_id: _denial(call, found.get(identity_id)) for identity_id in ids}
    if all(denied.values()):
        raise next(error for error in denied.values() if error)
    unprocessed: list[wire.UnprocessedIdentityId] = []
    for identity_id in ids:
        is_refused = identity_id not in found or denied[identity_id]
        code = "AccessDenied" if is_refused else _refusal(identity_id)
        if code is not None:
            unprocessed.append({"IdentityId": identity_id, "ErrorCode": code})
    return {"UnprocessedIdentityIds": unprocessed}


def _refusal(identity_id: str) -> str | None:
    """Delete one. An identity that is gone meanwhile looks like one that never was."""
    try:
        identities.delete(identity_id)
    except IdentityNotFound:
        return "AccessDenied"
    except OperationalError:  # the database gave up on this one: a deadlock, a lock held too long
        log.exception("identity %s could not be deleted", identity_id)
        return "InternalServerError"
    return None


def _is_of_region(identity_id: str, call: Call) -> bool:
    return identity_id.startswith(f"{call.region}:")


def _require(call: Call, found: Identity | None) -> None:
    """The resource is ``*``; policies tell pools apart by a condition key. Raises AccessDenied.

    Source: service authorization reference, "Amazon Cognito Identity".
    """
    context = {POOL_ARN_KEY: arns.identity_pool(found.pool_id)} if found else {}
    permissions.require(call, f"cognito-identity:{call.operation}", "*", context)


def _denial(call: Call, found: Identity | None) -> AccessDenied | None:
    try:
        _require(call, found)
    except AccessDenied as error:
        return error
    return None
