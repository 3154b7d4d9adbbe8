"""The policies of roles over the wire: inline and attached ones. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.iam import holders, managed_policies, roles
from identity.iam.models.roles import ROLE_INLINE_LIMIT
from identity.iam.operations import asked, held
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation(resource=asked.role_rights)
def put_role_policy(call: Call, request: Json) -> None:
    """Add or replace an inline policy."""
    held.put_policy(roles.get(request["RoleName"]), request, limit=ROLE_INLINE_LIMIT)


@iam.operation(resource=asked.role)
def get_role_policy(call: Call, request: Json) -> dict[str, Any]:
    """An inline policy with its document."""
    role = roles.get(request["RoleName"])
    return {"RoleName": role.name} | held.inline_policy(role, request)


@iam.operation(resource=asked.role)
def list_role_policies(call: Call, request: Json) -> dict[str, Any]:
    """The names of the inline policies."""
    return held.inline_names(roles.get(request["RoleName"]), request)


@iam.operation(resource=asked.role_rights)
def delete_role_policy(call: Call, request: Json) -> None:
    """Take an inline policy away."""
    holders.delete_policy(roles.get(request["RoleName"]), request["PolicyName"])


@iam.operation(resource=asked.role_rights)
def attach_role_policy(call: Call, request: Json) -> None:
    """Attach a managed policy; attaching it again changes nothing."""
    role = roles.get(request["RoleName"])
    holders.attach(role, managed_policies.get(request["PolicyArn"], missing=held.NOT_ATTACHABLE))


@iam.operation(resource=asked.role_rights)
def detach_role_policy(call: Call, request: Json) -> None:
    """Detach a managed policy."""
    role = roles.get(request["RoleName"])
    holders.detach(role, managed_policies.get(request["PolicyArn"]))


@iam.operation(resource=asked.role)
def list_attached_role_policies(call: Call, request: Json) -> dict[str, Any]:
    """The managed policies that are attached, by name."""
    return held.attached(roles.get(request["RoleName"]), request)
