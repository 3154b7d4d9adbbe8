"""Who a request comes from, once it was let in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.kit.graphql.modes import AuthType
from identity.wire import callers


@dataclass(frozen=True, slots=True)
class Signed:
    """What policies are asked with. ``conditions`` are the condition keys of the request."""

    caller: callers.Caller
    conditions: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Principal:
    """``identity`` is the content of ``$ctx.identity``. ``denied`` are ``Type.field`` names that a Lambda took away."""

    auth_type: AuthType
    identity: dict[str, Any] | None = field(repr=False)
    groups: frozenset[str] = frozenset()
    signed: Signed | None = None
    denied: frozenset[str] = frozenset()

    def is_allowed_by_policy(self, resource: str) -> bool:
        """Whether the caller's policies allow ``appsync:GraphQL`` on a field. Other modes have no policies: True."""
        if self.signed is None:
            return True
        try:
            callers.current().authorize(
                self.signed.caller, "appsync:GraphQL", resource, self.signed.conditions
            )
        except callers.AccessDenied:
            return False
        return True
