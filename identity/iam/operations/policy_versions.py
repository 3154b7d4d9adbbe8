"""Versions of managed policies over the wire. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.iam import iam_shapes, managed_policies
from identity.iam.operations import asked, pages, refusals
from identity.iam.operations.policies import own
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation(resource=asked.policy)
def create_policy_version(call: Call, request: Json) -> dict[str, Any]:
    """Add a version, at most five; it counts at once where it is made the default one."""
    refusals.require_managed_size(request["PolicyDocument"])
    managed = own(call, request)
    with refusals.worded():
        version = managed_policies.create_version(
            managed, request["PolicyDocument"], as_default=request.get("SetAsDefault", False)
        )
    return {"PolicyVersion": iam_shapes.listed_version(version)}


@iam.operation(resource=asked.policy)
def get_policy_version(call: Call, request: Json) -> dict[str, Any]:
    """One version with its document."""
    managed = managed_policies.get(request["PolicyArn"])
    version = managed_policies.get_version(managed, request["VersionId"])
    return {"PolicyVersion": iam_shapes.policy_version(version)}


@iam.operation(resource=asked.policy)
def list_policy_versions(call: Call, request: Json) -> dict[str, Any]:
    """The versions, the newest first, without their documents."""
    managed = managed_policies.get(request["PolicyArn"])
    shown = [iam_shapes.listed_version(each) for each in managed_policies.versions(managed)]
    return pages.of_items(shown, request, member="Versions", bound_to=f"versions {managed.policy_id}")


@iam.operation(resource=asked.policy)
def set_default_policy_version(call: Call, request: Json) -> None:
    """Let another version count, from the next request on."""
    managed_policies.set_default(own(call, request), request["VersionId"])


@iam.operation(resource=asked.policy)
def delete_policy_version(call: Call, request: Json) -> None:
    """Delete a version that is not the default one."""
    managed_policies.delete_version(own(call, request), request["VersionId"])
