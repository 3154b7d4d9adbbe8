"""Identities, their tokens and credentials over the wire: the unsigned half, which clients call.

A call proves who it is by ``Logins`` alone. The identity in the answer may be another than the one that was sent:
clients replace what they remember by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.identitypools import (
    credentials,
    identities,
    logins,
    pools,
    principal_tags,
    shapes,
    tokens,
    unlinking,
)
from identity.identitypools.errors import IdentityForbidden, InvalidParameter
from identity.identitypools.logins import own
from identity.identitypools.operations import permissions
from identity.identitypools.service import cognito_identity

if TYPE_CHECKING:
    from identity.wire.service import Call
    from identity.wire.shapes import cognito_identity as wire


@cognito_identity.operation
def get_id(call: Call, request: wire.GetIdInput) -> wire.GetIdResponse:
    """The identity that the logins lead to, made where there is none; without logins a new guest on every call."""
    pool = pools.current(request["IdentityPoolId"])
    given = request.get("Logins")
    if not given:
        return {"IdentityId": identities.new_guest(pool).id}
    proofs = logins.verify(pool, given, now=call.now)
    return {"IdentityId": identities.id_of_logins(pool, proofs)}


@cognito_identity.operation
def get_open_id_token(call: Call, request: wire.GetOpenIdTokenInput) -> wire.GetOpenIdTokenResponse:
    """The first half of the classic flow: a token that AssumeRoleWithWebIdentity takes."""
    named = identities.get(request["IdentityId"])
    if not named.pool.allows_classic_flow:
        raise InvalidParameter("Basic (classic) flow is not enabled, please use enhanced flow.")
    proofs = logins.verify(named.pool, request.get("Logins", {}), now=call.now)
    logins.require_classic(proofs)
    identity = identities.recognise(named, proofs) if proofs else identities.as_guest(named)
    tags = principal_tags.of_logins(identity.pool, proofs)
    return {"IdentityId": identity.id, "Token": tokens.issue(identity, proofs, now=call.now, tags=tags)}


@cognito_identity.operation
def get_credentials_for_identity(
    call: Call, request: wire.GetCredentialsForIdentityInput
) -> wire.GetCredentialsForIdentityResponse:
    """The enhanced flow: credentials for an hour, of the role that the pool's settings choose."""
    named = identities.get(request["IdentityId"])
    given = request.get("Logins", {})
    custom_role = request.get("CustomRoleArn")
    at = credentials.Circumstances(call.now, permissions.context_of(call))
    if not given:
        guest = identities.as_guest(named)
        return shapes.credentials(guest.id, credentials.for_guest(guest, at, custom_role=custom_role))
    if own.is_presented(given):
        identity = identities.usable(named)
        claims = own.verify(identity, given, now=call.now)
        issued = credentials.for_own_token(identity, claims, at, custom_role=custom_role)
        return shapes.credentials(identity.id, issued)
    proofs = logins.verify(named.pool, given, now=call.now)
    identity = identities.recognise(named, proofs)
    issued = credentials.for_logins(identity, proofs, at, custom_role=custom_role)
    logins.spend(identity.pool, proofs, now=call.now)
    return shapes.credentials(identity.id, issued)


@cognito_identity.operation
def unlink_identity(call: Call, request: wire.UnlinkIdentityInput) -> None:
    """Take logins away from their identity. Unsigned: each login to remove is proven by a token of it."""
    named = identities.get(request["IdentityId"])
    if not request["Logins"]:
        raise IdentityForbidden(named.id)
    proofs = logins.verify(named.pool, request["Logins"], now=call.now)
    unlinking.unlink(identities.successor(named), proofs, request["LoginsToRemove"], now=call.now)
