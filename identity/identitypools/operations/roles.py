"""A pool's roles over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from identity.identitypools import pools, providers, role_documents, shapes
from identity.identitypools.errors import RoleForbidden
from identity.identitypools.operations import permissions
from identity.identitypools.service import cognito_identity
from identity.wire.callers import AccessDenied

if TYPE_CHECKING:
    from identity.wire.service import Call
    from identity.wire.shapes import cognito_identity as wire


@cognito_identity.operation(resource=permissions.anything)
def set_identity_pool_roles(call: Call, request: wire.SetIdentityPoolRolesInput) -> None:
    """Replace the pool's roles. The caller must be allowed to pass each of them to Cognito.

    Source: IAM user guide, "Grant a user permissions to pass a role to an AWS service".
    """
    pool = pools.get(request["IdentityPoolId"], region=call.region)
    document: dict[str, Any] = {}
    if request["Roles"]:
        document["Roles"] = request["Roles"]
    if mappings := request.get("RoleMappings"):
        role_documents.check_mappings(pool, mappings)
        document["RoleMappings"] = mappings
    for role_arn in role_documents.roles_in(document):
        role_documents.require_role_arn(role_arn, account_id=call.account_id)
        _require_pass_role(call, role_arn)
    pools.set_roles(pool, document)


@cognito_identity.operation
def get_identity_pool_roles(
    call: Call, request: wire.GetIdentityPoolRolesInput
) -> wire.GetIdentityPoolRolesResponse:
    """The roles as they were set."""
    return shapes.roles(pools.get(request["IdentityPoolId"], region=call.region))


def _require_pass_role(call: Call, role_arn: str) -> None:
    context = {"iam:PassedToService": providers.COGNITO_IDENTITY}
    try:
        permissions.require(call, "iam:PassRole", role_arn, context)
    except AccessDenied as error:
        raise RoleForbidden(role_arn, why=error.message) from error
