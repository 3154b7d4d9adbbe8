import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
import time_machine
from django.db import transaction

from identity import signals
from identity.core import events, limits, tasks
from identity.core.models import Event

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Origin:
    ip: str


@dataclass(frozen=True)
class Moved:
    tag: ClassVar[str] = "tests:thing:moved"

    name: str
    origin: Origin = Origin("192.0.2.1")
    at: datetime = START


@pytest.fixture
def heard():
    """What a host project's receiver was told, after one that always fails."""
    told = []

    def broken(**_):
        raise ZeroDivisionError("a receiver's own fault")

    def listen(**told_of):
        told.append(told_of)

    signals.event.connect(broken)
    signals.event.connect(listen)
    yield told
    signals.event.disconnect(broken)
    signals.event.disconnect(listen)


def test_events_are_told_once_in_order_to_log_and_signal(heard, caplog):
    for name in "abc":
        events.record(Moved(name))

    with caplog.at_level(logging.INFO, logger="identity.events"):
        assert events.publish() == 3
        assert events.publish() == 0

    assert [told["content"]["name"] for told in heard] == ["a", "b", "c"]
    assert heard[0]["tag"] == "tests:thing:moved"
    assert heard[0]["content"]["origin"] == {"ip": "192.0.2.1"}
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    assert lines[0].startswith('tests:thing:moved {"at": "2026-05-01T12:00:00Z", "name": "a"')


def test_a_receiver_that_raises_is_logged_and_keeps_nobody_from_hearing(heard, caplog):
    events.record(Moved("a"))

    events.publish()

    assert len(heard) == 1
    faults = [record for record in caplog.records if record.name == "identity.events" and record.exc_info]
    assert len(faults) == 1
    assert isinstance(faults[0].exc_info[1], ZeroDivisionError)


def test_what_is_undone_never_happened(heard):
    with transaction.atomic():
        events.record(Moved("a"))
        transaction.set_rollback(True)

    assert events.publish() == 0
    assert heard == []


def test_only_one_process_tells_at_a_time_and_a_dead_one_is_replaced(heard):
    with time_machine.travel(START, tick=False) as clock:
        events.record(Moved("a"))
        limits.hit("lease:events", limit=1, window=timedelta(seconds=60))  # another process, now dead
        assert events.publish() == 0
        clock.shift(timedelta(seconds=60))
        assert events.publish() == 1


def test_more_than_a_batch_is_told(heard):
    for n in range(events._BATCH + 1):
        events.record(Moved(str(n)))

    assert events.publish() == events._BATCH + 1
    assert not Event.objects.unpublished().exists()


def test_recording_costs_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        events.record(Moved("a"))


def test_old_events_go_unless_nobody_has_heard_of_them():
    with time_machine.travel(START, tick=False) as clock:
        events.record(Moved("told"))
        events.publish()
        events.record(Moved("untold"))
        clock.shift(events.KEEP + timedelta(seconds=1))
        events.delete_old()

    assert Event.objects.get().content["name"] == "untold"


def test_the_sweep_tells_events(heard):
    events.record(Moved("a"))

    tasks.sweep()

    assert len(heard) == 1
