"""The words of a sign-in: who tries, whom the name means, and what came of it. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from identity.core.tickets import Ticket
from identity.userpools.models import User, UserPool, UserPoolClient, UserSession
from identity.userpools.signin.decide import Challenge
from identity.userpools.tokens import Source, Tokens
from identity.wire.service import Origin


class Door(StrEnum):
    """Where a sign-in comes in. The pages end in a browser session, the other two in tokens."""

    API = "API"
    ADMIN = "ADMIN"
    PAGES = "PAGES"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a sign-in. ``client`` has its pool joined; ``name`` is what was sent.

    ``flow`` is the ``AuthFlow`` for the event log. Of the call's ``ClientMetadata`` a beginning fills
    ``validation_data`` (for the pre authentication trigger), an answer ``metadata`` (for the later ones).
    """

    client: UserPoolClient
    name: str
    door: Door
    flow: str
    origin: Origin
    validation_data: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def pool(self) -> UserPool:
        return self.client.pool

    @property
    def binding(self) -> str:
        """What the tickets of a sign-in are bound to."""
        return f"{self.client.pool_id}/{self.client.pk}"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a name means. ``user`` None: nobody, and the client must not learn it.

    ``id`` is the stored username, or what stands for one: the ``USER_ID_FOR_SRP`` that clients see.
    """

    user: User | None
    id: str


@dataclass(frozen=True, slots=True)
class Challenged:
    """Something is still to be shown. ``session`` is None where the challenge itself carries the state (SRP)."""

    name: Challenge
    session: str | None = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passed:
    """A challenge was answered rightly. ``flow`` is the one the sign-in began with; ``ticket`` is still to be spent."""

    user: User
    flow: str
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """Everything that is asked was shown; nothing is written yet. ``ticket`` is still to be spent."""

    attempt: Attempt
    user: User
    source: Source
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The end at the API: a session and its tokens."""

    session: UserSession
    tokens: Tokens
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The end at the pages: whose browser this is, and since when."""

    user: User
    auth_time: datetime
