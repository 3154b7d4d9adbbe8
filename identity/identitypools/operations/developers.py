"""Developer-authenticated identities over the wire: what backends call, with their own keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from identity.identitypools import (
    developers,
    identities,
    linking,
    logins,
    pools,
    principal_tags,
    tokens,
    unlinking,
)
from identity.identitypools.errors import IdentityNotFound, InvalidParameter
from identity.identitypools.service import cognito_identity

if TYPE_CHECKING:
    from identity.identitypools.logins import Proof
    from identity.identitypools.models import Identity, IdentityPool
    from identity.wire.service import Call
    from identity.wire.shapes import cognito_identity as wire

DEFAULT_TOKEN_SECONDS = 900
MOST_USERS_IN_A_PAGE = 60


@cognito_identity.operation
def get_open_id_token_for_developer_identity(
    call: Call, request: wire.GetOpenIdTokenForDeveloperIdentityInput
) -> wire.GetOpenIdTokenForDeveloperIdentityResponse:
    """The identity of a backend's user, made, linked or merged where needed, and a token that stands for it."""
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    tags = request.get("PrincipalTags", {})
    principal_tags.check(tags)
    proofs = developers.prove(pool, request["Logins"], now=call.now)
    logins.require_classic(proofs)
    identity = _identity(pool, request.get("IdentityId"), proofs)
    token = tokens.issue(
        identity,
        proofs,
        now=call.now,
        lifetime=timedelta(seconds=request.get("TokenDuration", DEFAULT_TOKEN_SECONDS)),
        tags=tags,
    )
    return {"IdentityId": identity.id, "Token": token}


@cognito_identity.operation
def lookup_developer_identity(
    call: Call, request: wire.LookupDeveloperIdentityInput
) -> wire.LookupDeveloperIdentityResponse:
    """From a user to the identity, from an identity to its users, or whether both belong together."""
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    found = _found(pool, request)
    answer: wire.LookupDeveloperIdentityResponse = {
        "IdentityId": found.identity_id,
        "DeveloperUserIdentifierList": found.user_ids,
    }
    if found.next_token:
        answer["NextToken"] = found.next_token
    return answer


@cognito_identity.operation
def merge_developer_identities(
    call: Call, request: wire.MergeDeveloperIdentitiesInput
) -> wire.MergeDeveloperIdentitiesResponse:
    """Two users turn out to be one person: the identity of the destination takes the source's over."""
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    provider = request["DeveloperProviderName"]
    source = developers.user(pool, provider, request["SourceUserIdentifier"])
    destination = developers.user(pool, provider, request["DestinationUserIdentifier"])
    return {"IdentityId": linking.merge_users(pool, source, into=destination).id}


@cognito_identity.operation
def unlink_developer_identity(call: Call, request: wire.UnlinkDeveloperIdentityInput) -> None:
    """The user is a new one the next time."""
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    user = developers.user(pool, request["DeveloperProviderName"], request["DeveloperUserIdentifier"])
    unlinking.unlink_developer_user(pool, request["IdentityId"], user)


def _identity(pool: IdentityPool, identity_id: str | None, proofs: list[Proof]) -> Identity:
    if identity_id is None:
        return identities.get(identities.id_of_logins(pool, proofs))
    named = identities.get(identity_id)
    if named.pool_id != pool.id:
        raise IdentityNotFound(identity_id)
    return identities.recognise(named, proofs)


def _found(pool: IdentityPool, request: wire.LookupDeveloperIdentityInput) -> developers.Found:
    identity_id, user_id = request.get("IdentityId"), request.get("DeveloperUserIdentifier")
    limit, token = request.get("MaxResults", MOST_USERS_IN_A_PAGE), request.get("NextToken")
    if identity_id is not None and user_id is not None:
        return developers.matched(pool, identity_id, user_id)
    if identity_id is not None:
        return developers.by_identity(pool, identity_id, limit=limit, token=token)
    if user_id is not None:
        return developers.by_user(pool, user_id, limit=limit, token=token)
    raise InvalidParameter("Please provide an identity ID or a developer user identifier.")
