"""Sealed tickets: the state between two steps, carried by the client and spent once.

A ticket is ``prefix (4) | sealed``, and inside the seal ``id (16) | issued (8) | expires (8) | JSON``, times in
milliseconds. The prefix makes it begin ``AYABe`` in base64 as Cognito's sessions do. Standard base64 with
padding, because SRP clients decode the secret block by it.
"""

import base64
import binascii
import hashlib
import json
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from identity.core import clock, housekeeping, ids, sealing
from identity.core.models.tickets import SpentTicket

_PREFIX = b"\x01\x80\x01\x78"
_HEAD = struct.Struct(">16sQQ")


class TicketError(Exception):
    """A ticket that does not count."""


class TicketInvalid(TicketError):
    """Not a ticket, of another kind, bound elsewhere, or damaged."""


class TicketExpired(TicketError):
    """Its lifetime is over."""


class TicketSpent(TicketError):
    """It was used before."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened ticket. ``content`` may hold secrets and stays out of the ``repr``."""

    id: str
    content: dict[str, Any]
    issued_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Ticket(id={self.id!r}, expires_at={self.expires_at.isoformat()})"


def issue(kind: str, content: dict[str, Any], *, lifetime: timedelta, bound_to: str = "") -> str:
    """Seal ``content`` (JSON) for ``lifetime``. The wire allows a ``Session`` of 2,048 characters: keep it small."""
    now = clock.now()
    head = _HEAD.pack(ids.random_bytes(16), _milliseconds(now), _milliseconds(now + lifetime))
    plain = head + json.dumps(content, separators=(",", ":")).encode()
    sealed = sealing.seal(plain, bound_to=_binding(kind, bound_to))
    return base64.b64encode(_PREFIX + sealed).decode()


def open(kind: str, text: str, *, bound_to: str = "") -> Ticket:
    """Open a ticket of this kind and binding; this spends nothing.

    Raises ``TicketInvalid`` and ``TicketExpired``.
    """
    try:
        raw = base64.b64decode(text, validate=True)
        if not raw.startswith(_PREFIX):
            raise TicketInvalid("not a ticket")
        plain = sealing.open(raw[len(_PREFIX) :], bound_to=_binding(kind, bound_to))
    except (binascii.Error, ValueError, sealing.SealBroken) as error:
        raise TicketInvalid("not a ticket") from error
    ticket = _unpack(plain)
    if clock.now() >= ticket.expires_at:
        raise TicketExpired("ticket expired")
    return ticket


def spend(ticket: Ticket) -> None:
    """Use the ticket up, in the caller's transaction: of two racing calls one wins. Raises ``TicketSpent``."""
    _insert(ticket.id, ticket.expires_at)


def spend_once(name: str, *, until: datetime) -> None:
    """Use up what another made and only names here (the id of an assertion), in the caller's transaction.

    It is remembered ``until`` then, by when it must have ended of itself. Raises ``TicketSpent`` for the second who comes.
    """
    _insert(_id_of(name), until)


def is_spent(name: str) -> bool:
    """Whether somebody used this up by ``spend_once``: one query, which spends nothing."""
    return SpentTicket.objects.filter(pk=_id_of(name)).exists()


def _id_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _insert(spent_id: str, expires_at: datetime) -> None:
    meta = SpentTicket._meta
    # One statement that does not break an open PostgreSQL transaction as a caught IntegrityError would.
    statement = f'INSERT INTO "{meta.db_table}" (id, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [spent_id, connection.ops.adapt_datetimefield_value(expires_at)])
        if cursor.rowcount != 1:
            raise TicketSpent("ticket was used before")


def _binding(kind: str, bound_to: str) -> str:
    return f"ticket\0{kind}\0{bound_to}"


def _milliseconds(moment: datetime) -> int:
    return round(clock.epoch(moment) * 1000)


def _unpack(plain: bytes) -> Ticket:
    raw_id, issued, expires = _HEAD.unpack_from(plain)
    content = json.loads(plain[_HEAD.size :])
    return Ticket(raw_id.hex(), content, clock.at(issued / 1000), clock.at(expires / 1000))


def delete_old() -> None:
    """Forget spent tickets that would have expired by now."""
    housekeeping.delete_in_batches(SpentTicket.objects.filter(expires_at__lt=clock.now()))
