"""What the pages remember of a visitor between two of them: a sealed cookie, so that nothing personal is in an address.

It holds the name that was typed, where a code was sent and when, and a note to show once. Bound to the client
and to the request that brought the visitor, so that another visit does not begin with somebody's name.
"""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from identity.core import clock, tickets

COOKIE = "visit"
LIFETIME = timedelta(hours=1)
_KIND = "portal:visit"
_RESEND_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Memory:
    """``sent_to`` is masked; ``sent_at`` in seconds since 1970, 0 for never; ``note`` a key of ``notes.NOTES``."""

    username: str = ""
    sent_to: str = ""
    sent_at: int = 0
    note: str = ""

    def sent(self, username: str, sent_to: str, note: str = "") -> "Memory":
        """After a code went out."""
        return Memory(username, sent_to, clock.seconds(clock.now()), note)

    def with_note(self, note: str) -> "Memory":
        return replace(self, note=note)

    def seconds_to_wait(self) -> int:
        """Until the next code may be asked for."""
        ready_at = self.sent_at + int(_RESEND_AFTER.total_seconds())
        return max(0, ready_at - clock.seconds(clock.now()))


def read(request: HttpRequest, bound_to: str) -> Memory:
    """The memory of this visit; an empty one where there is none that fits."""
    try:
        ticket = tickets.open(_KIND, request.COOKIES.get(COOKIE, ""), bound_to=bound_to)
    except tickets.TicketError:
        return Memory()
    return Memory(**ticket.content)


def write(
    request: HttpRequest, response: HttpResponseBase, memory: Memory, *, bound_to: str, path: str
) -> None:
    """Set the cookie, or take it away where there is nothing to remember."""
    if memory == Memory():
        response.delete_cookie(COOKIE, path=path, samesite="Lax")
        return
    value = tickets.issue(_KIND, asdict(memory), lifetime=LIFETIME, bound_to=bound_to)
    response.set_cookie(
        COOKIE,
        value,
        max_age=LIFETIME,
        path=path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
