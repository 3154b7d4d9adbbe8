"""Access keys over the wire. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.iam import iam_shapes, keys
from identity.iam.errors import InvalidInput
from identity.iam.models import AccessKey
from identity.iam.operations import asked, pages
from identity.iam.operations.users import named
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model

UNKNOWN = "N/A"
"""What IAM writes for a key that was never used. Which service a key was used for is not kept here."""


@iam.operation(resource=asked.user)
def create_access_key(call: Call, request: Json) -> dict[str, Any]:
    """Make a key for a user, or for the caller. Its secret is in this answer and never shown again."""
    user = named(call, request)
    new = keys.create(user, at_most=keys.MOST_KEYS)
    shown = iam_shapes.access_key(keys.get(user, new.key_id))
    return {"AccessKey": shown | {"SecretAccessKey": new.secret}}


@iam.operation(resource=asked.user)
def list_access_keys(call: Call, request: Json) -> dict[str, Any]:
    """The keys of a user, or of the caller, without their secrets."""
    user = named(call, request)
    return pages.of_rows(
        AccessKey.objects.select_related("user").filter(user=user),
        request,
        member="AccessKeyMetadata",
        shape=iam_shapes.access_key,
        bound_to=f"keys {user.user_id}",
        order=("key_id",),
    )


@iam.operation(resource=asked.user)
def update_access_key(call: Call, request: Json) -> None:
    """Switch a key off or on, from the next request on."""
    if request["Status"] not in AccessKey.Status.values:
        raise InvalidInput("A key can be set to Active or Inactive.")
    key = keys.get(named(call, request), request["AccessKeyId"])
    keys.set_status(key, AccessKey.Status(request["Status"]))


@iam.operation(resource=asked.user)
def delete_access_key(call: Call, request: Json) -> None:
    """Delete a key: what is signed with it is refused from the next request on."""
    keys.delete(keys.get(named(call, request), request["AccessKeyId"]))


@iam.operation(resource=asked.key_owner)
def get_access_key_last_used(call: Call, request: Json) -> dict[str, Any]:
    """When a key was last used, to the hour, and whose it is."""
    key = keys.get_any(request["AccessKeyId"])
    used: dict[str, Any] = {"ServiceName": UNKNOWN, "Region": UNKNOWN}
    if key.last_used_at is not None:
        used["LastUsedDate"] = key.last_used_at
    return {"UserName": key.user.name, "AccessKeyLastUsed": used}
