"""IAM users over the wire. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.core import arns, clock
from identity.iam import holders, iam_shapes, keys, tags, users
from identity.iam.errors import ValidationFailed
from identity.iam.models import User
from identity.iam.operations import asked, given, pages, refusals
from identity.iam.policy import PrincipalKind
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation(resource=asked.new_user)
def create_user(call: Call, request: Json) -> dict[str, Any]:
    """Make a user, who may do nothing yet."""
    name = request["UserName"]
    taken = f"User with name {name} already exists."
    refusals.require_free_name(name, keys.ADMINISTRATOR, taken=taken)
    with refusals.worded(taken=taken):
        user = users.create(
            name,
            path=request.get("Path", "/"),
            permissions_boundary=given.held_boundary(request),
            tags=tags.checked(given.pairs(request)),
        )
    return {"User": iam_shapes.user(user)}


@iam.operation(resource=asked.user)
def get_user(call: Call, request: Json) -> dict[str, Any]:
    """One user; where none is named, the caller."""
    if "UserName" not in request and _is_root(call):
        return {"User": _root(call)}
    return {"User": iam_shapes.user(named(call, request))}


@iam.operation(resource=asked.users)
def list_users(call: Call, request: Json) -> dict[str, Any]:
    """The users by name, all or those below a path."""
    prefix = request.get("PathPrefix", "/")
    return pages.of_rows(
        User.objects.filter(path__startswith=prefix),
        request,
        member="Users",
        shape=iam_shapes.listed_user,
        bound_to=f"users {prefix}",
    )


@iam.operation(resource=asked.renamed_user)
def update_user(call: Call, request: Json) -> None:
    """Give a user another name or path, and with it another ARN. Needs permission for both."""
    user = users.get(request["UserName"])
    name = request.get("NewUserName")
    taken = f"User with name {name or user.name} already exists."
    if name is not None:
        refusals.require_free_name(name, keys.ADMINISTRATOR, taken=taken)
    with refusals.worded(taken=taken):
        users.rename(user, name=name, path=request.get("NewPath"))


@iam.operation(resource=asked.user)
def delete_user(call: Call, request: Json) -> None:
    """Delete a user who has neither keys nor policies."""
    users.delete_bare(users.get(request["UserName"]))


@iam.operation(resource=asked.user_boundary)
def put_user_permissions_boundary(call: Call, request: Json) -> None:
    """Bound what the user's policies can allow."""
    user = users.get(request["UserName"])
    holders.set_boundary(user, given.boundary(request))


@iam.operation(resource=asked.user_rights)
def delete_user_permissions_boundary(call: Call, request: Json) -> None:
    """Take the boundary away."""
    holders.set_boundary(users.get(request["UserName"]), None)


@iam.operation(resource=asked.user)
def tag_user(call: Call, request: Json) -> None:
    """Set tags; those of the same keys are replaced."""
    tags.add(users.get(request["UserName"]), given.pairs(request))


@iam.operation(resource=asked.user)
def untag_user(call: Call, request: Json) -> None:
    """Take tags away."""
    tags.remove(users.get(request["UserName"]), request["TagKeys"])


@iam.operation(resource=asked.user)
def list_user_tags(call: Call, request: Json) -> dict[str, Any]:
    """The tags by key."""
    user = users.get(request["UserName"])
    return pages.of_tags(user.tags, request, bound_to=user.user_id)


def named(call: Call, request: Json) -> User:
    """The user of the request; where none is named, the caller. Raises ``NoSuchEntity``, ``ValidationFailed``."""
    name = request.get("UserName") or asked.own_name(call)
    if name is None:
        raise ValidationFailed("Must specify userName when calling with non-User credentials")
    return users.get(name)


def _is_root(call: Call) -> bool:
    return call.signed_by.principal_type == PrincipalKind.ROOT


def _root(call: Call) -> dict[str, Any]:
    """The account itself, as it looks to its own owner."""
    return {
        "Path": "/",
        "UserName": "root",
        "UserId": call.account_id,
        "Arn": arns.root(),
        "CreateDate": clock.at(0),
    }
