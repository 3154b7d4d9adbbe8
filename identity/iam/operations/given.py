"""What the requests of several operations bring alike."""

from collections.abc import Mapping
from typing import Any

from identity.iam import managed_policies, rows
from identity.iam.models import ManagedPolicy

Json = Mapping[str, Any]  # Any: shapes of the model

_NO_BOUNDARY = "Scope ARN: {} does not exist or is not attachable."


def pairs(request: Json) -> list[tuple[str, str]]:
    """The tags of a request."""
    return [(tag["Key"], tag["Value"]) for tag in request.get("Tags", ())]


def boundary(request: Json) -> ManagedPolicy:
    """The managed policy that a request names as boundary. Raises ``NoSuchEntity``, ``InvalidInput``."""
    return managed_policies.get(request["PermissionsBoundary"], missing=_NO_BOUNDARY)


def held_boundary(request: Json) -> ManagedPolicy | None:
    """As ``boundary``, where the request has one: held, so that it isn't deleted before what it bounds is made."""
    return rows.hold(boundary(request)) if "PermissionsBoundary" in request else None
