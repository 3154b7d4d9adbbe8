"""What resolvers know of the request: strawberry's ``info.context``."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from identity.kit.graphql.modes import AuthType
from identity.kit.graphql.principal import Principal

if TYPE_CHECKING:
    from identity.kit.graphql.api import Api

_SHOWN = {
    AuthType.USER_POOLS: "User Pool Authorization",
    AuthType.OIDC: "Open ID Connect Authorization",
    AuthType.IAM: "IAM Authorization",
    AuthType.API_KEY: "API Key Authorization",
    AuthType.LAMBDA: "Lambda Authorization",
}


@dataclass(slots=True)
class Context:
    """``request`` is Django's for queries and mutations, and the WebSocket's opening one for subscriptions."""

    api: "Api"
    principal: Principal
    request: HttpRequest | None = field(default=None, repr=False)

    @property
    def identity(self) -> dict[str, Any] | None:
        """What AppSync calls ``$ctx.identity``; None for API keys."""
        return self.principal.identity

    @property
    def auth_type(self) -> str:
        """What ``$util.authType()`` says."""
        return _SHOWN[self.principal.auth_type]
