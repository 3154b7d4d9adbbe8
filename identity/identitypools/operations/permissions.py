"""Permissions that an operation needs besides its own, and what policies may ask about a call."""

from typing import Any

from identity.core import clock
from identity.wire import callers
from identity.wire.service import Call


def require(call: Call, action: str, resource: str, context: dict[str, Any]) -> None:
    """Ask the policies about one action more. Raises AccessDenied. ``context`` holds the action's own condition keys."""
    assert call.caller is not None  # only signed operations ask
    callers.current().authorize(call.caller, action, resource, context_of(call) | context)


def context_of(call: Call) -> dict[str, Any]:
    """The condition keys that every call brings."""
    return {
        "aws:SourceIp": call.origin.ip,
        "aws:UserAgent": call.origin.user_agent,
        "aws:RequestedRegion": call.region,
        "aws:CurrentTime": call.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(clock.seconds(call.now)),
    }


def anything(call: Call, request: Any) -> str:
    """The resource of operations that name none in policies."""
    return "*"
