"""What only two connections show. On PostgreSQL; SQLite has one writer."""

from datetime import timedelta

import pytest
from django.db import connection, transaction  # noqa: F401  # the mark below names connection

from identity.core import events, limits, outbox, tickets
from identity.core.models import Counter, Event, OutboxMessage, SpentTicket
from tests.core.test_events import Moved
from tests.races import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="TEST_BACKEND=postgres is not set"),
]

HOUR = timedelta(hours=1)


def race(deed, runners=12):
    """Run ``deed`` in many threads at once; returns the answers and faults."""
    return at_once(*[deed] * runners)


def test_of_many_that_spend_one_ticket_one_wins():
    ticket = tickets.open("x", tickets.issue("x", {}, lifetime=HOUR))

    def spend():
        with transaction.atomic():
            tickets.spend(ticket)
            return "won"

    outcomes = race(spend)

    assert outcomes.count("won") == 1
    assert sum(isinstance(each, tickets.TicketSpent) for each in outcomes) == 11
    assert SpentTicket.objects.count() == 1


def test_no_hit_is_lost_and_the_limit_holds():
    outcomes = race(lambda: limits.hit("k", limit=5, window=HOUR))

    assert sorted(each for each in outcomes if isinstance(each, int)) == [1, 2, 3, 4, 5]
    assert Counter.objects.get().count == 12


def test_every_racing_failure_counts():
    race(lambda: limits.lockout_fail("ana"))

    with pytest.raises(limits.LockedOut):
        limits.lockout_check("ana")
    assert Counter.objects.get().count == 12


def test_many_workers_send_each_message_once(monkeypatch):
    # The suite's eager worker would be quicker than the race.
    monkeypatch.setattr(outbox, "nudge", lambda: None)
    sent = []
    outbox.handler("parcel")(lambda content, *, key: sent.append(key))
    for _ in range(20):
        outbox.put("parcel", {})

    outcomes = race(outbox.drain)

    assert len(sent) == len(set(sent)) == sum(outcomes) == 20
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0
    del outbox._handlers["parcel"]


def test_many_puts_of_one_key_make_one_message():
    def put():
        with transaction.atomic():
            outbox.put("parcel", {}, key="once")

    assert race(put) == [None] * 12
    assert OutboxMessage.objects.count() == 1


def test_many_sweeps_tell_each_event_once():
    for n in range(20):
        events.record(Moved(str(n)))

    outcomes = race(events.publish)

    assert sorted(outcomes, reverse=True)[0] == 20 == sum(outcomes)
    assert not Event.objects.unpublished().exists()
