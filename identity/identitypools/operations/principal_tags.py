"""Which attributes of a login become principal tags, over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.identitypools import pools, principal_tags
from identity.identitypools.errors import InvalidParameter, ResourceNotFound
from identity.identitypools.operations import permissions
from identity.identitypools.service import cognito_identity

if TYPE_CHECKING:
    from identity.identitypools.models import IdentityPool
    from identity.wire.service import Call
    from identity.wire.shapes import cognito_identity as wire


@cognito_identity.operation(resource=permissions.anything)
def set_principal_tag_attribute_map(
    call: Call, request: wire.SetPrincipalTagAttributeMapInput
) -> wire.SetPrincipalTagAttributeMapResponse:
    """Replace the map of one provider; neither defaults nor tags leaves none."""
    name = request["IdentityProviderName"]
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    try:
        provider = principal_tags.require_provider(pool, name)
    except ResourceNotFound as error:
        raise InvalidParameter(f"({name}) is not a configured provider.") from error
    changed = pools.set_principal_tags(pool.id, provider, principal_tags.document(request))
    return _map(changed, name, provider)


@cognito_identity.operation
def get_principal_tag_attribute_map(
    call: Call, request: wire.GetPrincipalTagAttributeMapInput
) -> wire.GetPrincipalTagAttributeMapResponse:
    """The map that is in force for one provider of the pool."""
    name = request["IdentityProviderName"]
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    return _map(pool, name, principal_tags.require_provider(pool, name))


def _map(pool: IdentityPool, name: str, provider: str) -> wire.GetPrincipalTagAttributeMapResponse:
    uses_defaults, tags = principal_tags.map_of(pool, provider)
    return {
        "IdentityPoolId": pool.id,
        "IdentityProviderName": name,
        "UseDefaults": uses_defaults,
        "PrincipalTags": dict(tags),
    }
