"""Permissions that an operation needs besides its own, and what policies may ask about a call."""

from typing import Any

from identity.wire import callers, origin
from identity.wire.service import Call


def require(call: Call, action: str, resource: str, context: dict[str, Any]) -> None:
    """Ask the policies about one action more. Raises AccessDenied. ``context`` holds the action's own condition keys."""
    callers.current().authorize(call.signed_by, action, resource, context_of(call) | context)


def context_of(call: Call) -> dict[str, Any]:
    """The condition keys that every call brings."""
    return origin.condition_keys(call.origin, region=call.region, now=call.now)


def anything(call: Call, request: Any) -> str:
    """The resource of operations that name none in policies."""
    return "*"
