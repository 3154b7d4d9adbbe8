"""The policies of users over the wire: inline and attached ones. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.iam import holders, managed_policies, users
from identity.iam.models.users import USER_INLINE_LIMIT
from identity.iam.operations import asked, held
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation(resource=asked.user_rights)
def put_user_policy(call: Call, request: Json) -> None:
    """Add or replace an inline policy."""
    held.put_policy(users.get(request["UserName"]), request, limit=USER_INLINE_LIMIT)


@iam.operation(resource=asked.user)
def get_user_policy(call: Call, request: Json) -> dict[str, Any]:
    """An inline policy with its document."""
    user = users.get(request["UserName"])
    return {"UserName": user.name} | held.inline_policy(user, request)


@iam.operation(resource=asked.user)
def list_user_policies(call: Call, request: Json) -> dict[str, Any]:
    """The names of the inline policies."""
    return held.inline_names(users.get(request["UserName"]), request)


@iam.operation(resource=asked.user_rights)
def delete_user_policy(call: Call, request: Json) -> None:
    """Take an inline policy away."""
    holders.delete_policy(users.get(request["UserName"]), request["PolicyName"])


@iam.operation(resource=asked.user_rights)
def attach_user_policy(call: Call, request: Json) -> None:
    """Attach a managed policy; attaching it again changes nothing."""
    user = users.get(request["UserName"])
    holders.attach(user, managed_policies.get(request["PolicyArn"], missing=held.NOT_ATTACHABLE))


@iam.operation(resource=asked.user_rights)
def detach_user_policy(call: Call, request: Json) -> None:
    """Detach a managed policy."""
    user = users.get(request["UserName"])
    holders.detach(user, managed_policies.get(request["PolicyArn"]))


@iam.operation(resource=asked.user)
def list_attached_user_policies(call: Call, request: Json) -> dict[str, Any]:
    """The managed policies that are attached, by name."""
    return held.attached(users.get(request["UserName"]), request)
