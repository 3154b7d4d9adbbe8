"""What the requests of several operations bring alike."""

from collections.abc import Mapping
from typing import Any

from identity.iam import managed_policies, rows
from identity.iam.models import ManagedPolicy
from identity.wire import origin
from identity.wire.callers import AccessDenied
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model

_NO_BOUNDARY = "Scope ARN: {} does not exist or is not attachable."


def pairs(request: Json) -> list[tuple[str, str]]:
    """The tags of a request."""
    return [(tag["Key"], tag["Value"]) for tag in request.get("Tags", ())]


def policy_arns(request: Json) -> tuple[str, ...]:
    """The managed session policies of a request to STS."""
    return tuple(one["arn"] for one in request.get("PolicyArns", ()) if "arn" in one)


def context(call: Call) -> dict[str, Any]:
    """The condition keys that every request brings. ``Any``: values of condition keys."""
    return origin.condition_keys(call.origin, region=call.region, now=call.now)


def refuse_mfa(request: Json) -> None:
    """MFA devices don't exist here, so a code of one is always wrong. Raises ``AccessDenied``."""
    if "TokenCode" in request or "SerialNumber" in request:
        raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code.")


def boundary(request: Json) -> ManagedPolicy:
    """The managed policy that a request names as boundary. Raises ``NoSuchEntity``, ``InvalidInput``."""
    return managed_policies.get(request["PermissionsBoundary"], missing=_NO_BOUNDARY)


def held_boundary(request: Json) -> ManagedPolicy | None:
    """As ``boundary``, where the request has one: held, so that it isn't deleted before what it bounds is made."""
    return rows.hold(boundary(request)) if "PermissionsBoundary" in request else None
