"""The state between two steps: sealed tickets, bound to pool and client, with Cognito's texts for what is wrong."""

from typing import Any

from identity.core import tickets
from identity.userpools.errors import NotAuthorized
from identity.userpools.models import pool_settings
from identity.userpools.signin.attempt import Attempt, Subject
from identity.userpools.signin.decide import Challenge

INVALID = "Invalid session for the user."
EXPIRED = "Invalid session for the user, session is expired."
SPENT = "Invalid session for the user, session can only be used once."

_SESSION = "userpools:session"


def issue(attempt: Attempt, kind: str, content: dict[str, Any]) -> str:
    """Seal the state of a step. It lives as long as the client lets a challenge wait."""
    lifetime = pool_settings.auth_session_validity(attempt.client)
    return tickets.issue(kind, content, lifetime=lifetime, bound_to=attempt.binding)


def open(attempt: Attempt, kind: str, text: str, *, invalid: str = INVALID) -> tickets.Ticket:
    """Open it again; spends nothing. Raises ``NotAuthorized``, with ``invalid`` for what is no such ticket."""
    try:
        return tickets.open(kind, text, bound_to=attempt.binding)
    except tickets.TicketExpired as expired:
        raise NotAuthorized(EXPIRED) from expired
    except tickets.TicketError as broken:
        raise NotAuthorized(invalid, why="not a ticket of this pool and client") from broken


def spend(ticket: tickets.Ticket) -> None:
    """Use it up, in the caller's transaction. Of two racing answers one gets ``NotAuthorized``."""
    try:
        tickets.spend(ticket)
    except tickets.TicketSpent as spent:
        raise NotAuthorized(SPENT) from spent


def issue_session(attempt: Attempt, challenge: Challenge, subject_id: str, **more: str) -> str:
    """The ``Session`` of a challenge; ``more`` is what that challenge has to remember."""
    content = {"step": challenge.value, "user": subject_id, "flow": attempt.flow, **more}
    return issue(attempt, _SESSION, content)


def open_session(attempt: Attempt, challenge: Challenge, text: str | None) -> tickets.Ticket:
    """The state behind a ``Session``, which must be that challenge's. Raises ``NotAuthorized``."""
    if not text:
        raise NotAuthorized(INVALID, why="no session")
    ticket = open(attempt, _SESSION, text)
    if ticket.content["step"] != challenge:
        raise NotAuthorized(INVALID, why="the session is another challenge's")
    return ticket


def require_same_user(subject: Subject, is_called: bool) -> None:
    """The name of an answer must mean the session's user."""
    if not is_called:
        raise NotAuthorized(INVALID, why=f"the session is {subject.id}'s")
