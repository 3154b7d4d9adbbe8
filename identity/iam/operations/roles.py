"""Roles over the wire. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.iam import holders, iam_shapes, roles, tags
from identity.iam.models import Role
from identity.iam.operations import asked, given, pages, refusals
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation(resource=asked.new_role)
def create_role(call: Call, request: Json) -> dict[str, Any]:
    """Make a role. Its trust policy may only name principals that exist."""
    refusals.require_trust_size(request["AssumeRolePolicyDocument"])
    name = request["RoleName"]
    with refusals.worded(taken=f"Role with name {name} already exists."):
        role = roles.create(
            name,
            request["AssumeRolePolicyDocument"],
            path=request.get("Path", "/"),
            max_session_duration=request.get("MaxSessionDuration", 3_600),
            description=request.get("Description", ""),
            permissions_boundary=given.held_boundary(request),
            tags=tags.checked(given.pairs(request)),
        )
    return {"Role": iam_shapes.role(role)}


@iam.operation(resource=asked.role)
def get_role(call: Call, request: Json) -> dict[str, Any]:
    """One role, with its trust policy, tags and boundary."""
    return {"Role": iam_shapes.role(roles.get(request["RoleName"])) | {"RoleLastUsed": {}}}


@iam.operation(resource=asked.roles)
def list_roles(call: Call, request: Json) -> dict[str, Any]:
    """The roles by name, all or those below a path."""
    prefix = request.get("PathPrefix", "/")
    return pages.of_rows(
        Role.objects.filter(path__startswith=prefix),
        request,
        member="Roles",
        shape=iam_shapes.listed_role,
        bound_to=f"roles {prefix}",
    )


@iam.operation(resource=asked.role)
def update_role(call: Call, request: Json) -> dict[str, Any]:
    """Change description or longest session; what the request leaves out stays."""
    _update(request)
    return {}


@iam.operation(resource=asked.role)
def update_role_description(call: Call, request: Json) -> dict[str, Any]:
    """Change the description."""
    return {"Role": iam_shapes.role(_update(request))}


@iam.operation(resource=asked.role)
def update_assume_role_policy(call: Call, request: Json) -> None:
    """Replace who may assume the role."""
    refusals.require_trust_size(request["PolicyDocument"])
    with refusals.worded():
        roles.set_trust_policy(roles.get(request["RoleName"]), request["PolicyDocument"])


@iam.operation(resource=asked.role)
def delete_role(call: Call, request: Json) -> None:
    """Delete a role that has no policies. Credentials issued for it stop working with the next request."""
    roles.delete_bare(roles.get(request["RoleName"]))


@iam.operation(resource=asked.role_boundary)
def put_role_permissions_boundary(call: Call, request: Json) -> None:
    """Bound what the role's policies can allow."""
    role = roles.get(request["RoleName"])
    holders.set_boundary(role, given.boundary(request))


@iam.operation(resource=asked.role_rights)
def delete_role_permissions_boundary(call: Call, request: Json) -> None:
    """Take the boundary away."""
    holders.set_boundary(roles.get(request["RoleName"]), None)


@iam.operation(resource=asked.role)
def tag_role(call: Call, request: Json) -> None:
    """Set tags; those of the same keys are replaced."""
    tags.add(roles.get(request["RoleName"]), given.pairs(request))


@iam.operation(resource=asked.role)
def untag_role(call: Call, request: Json) -> None:
    """Take tags away."""
    tags.remove(roles.get(request["RoleName"]), request["TagKeys"])


@iam.operation(resource=asked.role)
def list_role_tags(call: Call, request: Json) -> dict[str, Any]:
    """The tags by key."""
    role = roles.get(request["RoleName"])
    return pages.of_tags(role.tags, request, bound_to=role.role_id)


@iam.operation(resource=asked.role)
def list_instance_profiles_for_role(call: Call, request: Json) -> dict[str, Any]:
    """None: there are no machines here. Terraform asks before it deletes a role."""
    roles.get(request["RoleName"])
    return {"InstanceProfiles": [], "IsTruncated": False}


def _update(request: Json) -> Role:
    role = roles.get(request["RoleName"])
    with refusals.worded():
        roles.update(
            role,
            description=request.get("Description"),
            max_session_duration=request.get("MaxSessionDuration"),
        )
    return role
