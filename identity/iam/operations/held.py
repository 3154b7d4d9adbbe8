"""What the operations on policies of roles and of users have in common: their answers and their limits."""

from collections.abc import Mapping
from typing import Any

from identity.iam import holders, iam_shapes, rows
from identity.iam.models import Role
from identity.iam.operations import pages, refusals
from identity.iam.rows import Holder

Json = Mapping[str, Any]  # Any: shapes of the model

NOT_ATTACHABLE = "Policy {} does not exist or is not attachable."


def put_policy(holder: Holder, request: Json, *, limit: int) -> None:
    """Add or replace an inline policy. Raises ``MalformedPolicyDocument``, ``LimitExceeded``."""
    full = f"Maximum policy size of {limit} bytes exceeded for {rows.noun(holder)} {holder.name}"
    refusals.require_size(request["PolicyDocument"], limit, full)
    with refusals.worded(full=full):
        holders.put_policy(holder, request["PolicyName"], request["PolicyDocument"])


def inline_policy(holder: Holder, request: Json) -> dict[str, Any]:
    """The name and the document of an inline policy. Raises ``NoSuchEntity``."""
    inline = holders.get_policy(holder, request["PolicyName"])
    return {"PolicyName": inline.name, "PolicyDocument": iam_shapes.encoded(inline.document)}


def inline_names(holder: Holder, request: Json) -> dict[str, Any]:
    """A page of the names of the inline policies."""
    return pages.of_rows(
        holder.inline_policies.all(),
        request,
        member="PolicyNames",
        shape=str,
        bound_to=f"inline {_id(holder)}",
    )


def attached(holder: Holder, request: Json) -> dict[str, Any]:
    """A page of the managed policies that are attached, all or those below a path."""
    prefix = request.get("PathPrefix", "/")
    return pages.of_rows(
        holder.attached_policies.filter(path__startswith=prefix),
        request,
        member="AttachedPolicies",
        shape=iam_shapes.attached,
        bound_to=f"attached {_id(holder)} {prefix}",
    )


def _id(holder: Holder) -> str:
    return holder.role_id if isinstance(holder, Role) else holder.user_id
