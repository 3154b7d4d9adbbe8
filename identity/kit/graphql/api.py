"""A GraphQL API: its schema, who may come in, and how much one request may ask."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, Union

from django.core.exceptions import ImproperlyConfigured

from identity.core import conf
from identity.kit.graphql.modes import AuthType, Mode, OpenIdConnect, UserPools

if TYPE_CHECKING:
    import strawberry

    from identity.kit.graphql.schema import Loaded

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask, and one process may hold.

    ``depth`` counts nested fields and ``fields`` all fields with fragments spelt out, both without introspection's
    own; ``repeats`` how often one thing of the answer may be selected; ``tokens`` bounds parsing; ``request_bytes`` a request or WebSocket message, ``event_bytes`` what a mutation tells
    its subscribers. ``connections`` and ``anonymous_connections`` (those not let in yet) are per process,
    ``subscriptions`` per connection, ``subscription_fields`` the fields of each, for it is executed at each event.
    Source of 100 and 240 kB: AppSync's quotas.
    """

    depth: int = 20
    fields: int = 2_000
    repeats: int = 50
    tokens: int = 2_000
    request_bytes: int = 1_000_000
    event_bytes: int = 245_760
    connections: int = 2_000
    anonymous_connections: int = 200
    subscriptions: int = 100
    subscription_fields: int = 200


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """``schema`` is a strawberry schema, or better the dotted path of one, which is imported at the first request.

    ``id`` stands in the ARNs that policies are asked about: ``apis/<id>/types/Query/fields/notes``. ``default`` is the
    mode of fields without a directive. Raises ImproperlyConfigured for what AppSync would not take.
    """

    id: str
    schema: Union[str, "strawberry.Schema"] = field(repr=False)
    default: Mode
    additional: Sequence[Mode] = ()
    limits: Limits = Limits()
    introspection: bool = True
    _loaded: list["Loaded"] = field(default_factory=list, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        denies = [
            mode for mode in self.modes if isinstance(mode, UserPools) and mode.default_action == "DENY"
        ]
        if denies and self.additional:
            raise ImproperlyConfigured(f"{self.id}: default_action DENY is for an API with no other mode.")
        issuers = [mode.issuer for mode in self.of(OpenIdConnect)]
        if len(issuers) != len(set(issuers)):
            raise ImproperlyConfigured(f"{self.id}: one issuer is named twice.")
        once = [mode.auth_type for mode in self.modes if not isinstance(mode, UserPools | OpenIdConnect)]
        if len(once) != len(set(once)):
            raise ImproperlyConfigured(f"{self.id}: a mode that can be there once is there twice.")

    @property
    def modes(self) -> tuple[Mode, ...]:
        return (self.default, *self.additional)

    @property
    def auth_types(self) -> frozenset[AuthType]:
        return frozenset(mode.auth_type for mode in self.modes)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The modes of a kind; several user pools or issuers may be named."""
        return [mode for mode in self.modes if isinstance(mode, kind)]

    def arn(self, type_name: str, field_name: str) -> str:
        """What policies are asked about for a field."""
        settings = conf.settings()
        where = f"appsync:{settings.region}:{settings.account_id}"
        return f"arn:aws:{where}:apis/{self.id}/types/{type_name}/fields/{field_name}"

    def loaded(self) -> "Loaded":
        """The schema, guarded. Imports strawberry. Raises ImproperlyConfigured for directives that can't hold."""
        if not self._loaded:
            with self._lock:
                if not self._loaded:
                    self._loaded.append(_load(self))
        return self._loaded[0]


def _load(api: Api) -> "Loaded":
    from identity.kit.graphql import schema  # strawberry comes with it

    load: Callable[[Api], Loaded] = schema.load
    return load(api)
