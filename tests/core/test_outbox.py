import logging
import smtplib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import Celery
from django.db import transaction

from identity.core import outbox, sealing, tasks
from identity.core.models import OutboxMessage

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def sent():
    return []


@pytest.fixture(autouse=True)
def parcels(sent):
    """A kind of message of the tests, whose sender does what the content says."""

    @outbox.handler("parcel")
    def send(content, *, key):
        sent.append((content["name"], key))
        if content.get("raise"):
            raise {
                "network": ConnectionRefusedError(111, "secret-address refused"),
                "text": ValueError("secret-body"),
                "failed": outbox.DeliveryFailed("status 503"),
                "never": outbox.Undeliverable("no such person"),
                "smtp": smtplib.SMTPDataError(451, b"secret-body"),
            }[content["raise"]]

    yield
    del outbox._handlers["parcel"]


def put(name="p", **content):
    known = list(OutboxMessage.objects.values_list("pk", flat=True))
    outbox.put("parcel", {"name": name, **content})
    return OutboxMessage.objects.exclude(pk__in=known).get()


def test_a_message_is_sent_once_and_its_content_goes(sent):
    row = put("one")

    assert outbox.drain() == 1
    assert outbox.drain() == 0

    assert sent == [("one", str(row.pk))]
    row.refresh_from_db()
    assert row.sent_at is not None
    assert bytes(row.sealed_content) == b""


def test_the_content_is_sealed_at_rest_and_to_its_row():
    first, second = put("hidden"), put("other")

    assert b"hidden" not in bytes(first.sealed_content)
    with pytest.raises(sealing.SealBroken):
        sealing.open(first.sealed_content, bound_to=second.sealed_for)


def test_what_is_undone_is_not_sent(sent):
    with transaction.atomic():
        put()
        transaction.set_rollback(True)

    assert outbox.drain() == 0
    assert sent == []


def test_a_key_that_was_put_before_adds_nothing():
    with transaction.atomic():
        outbox.put("parcel", {"name": "a"}, key="k")
        outbox.put("parcel", {"name": "b"}, key="k")
        outbox.put("parcel", {"name": "c"})

    assert OutboxMessage.objects.count() == 2


def test_a_failed_message_is_tried_again_under_the_same_key_later_and_later(sent):
    with time_machine.travel(START, tick=False) as clock:
        row = put(**{"raise": "network"})
        waits = []
        for _ in range(4):
            assert outbox.drain() == 1
            assert outbox.drain() == 0
            row.refresh_from_db()
            waits.append(row.due_at - datetime.now(UTC))
            clock.shift(waits[-1])

    assert [wait.total_seconds() for wait in waits] == [5, 10, 20, 40]
    assert len(set(sent)) == 1
    assert row.attempts == 4


def test_the_wait_ends_at_an_hour():
    assert outbox.wait_after(1) == timedelta(seconds=5)
    assert outbox.wait_after(11) == outbox.wait_after(500) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        ("network", "ConnectionRefusedError 111"),
        ("text", "ValueError"),
        ("failed", "status 503"),
        ("smtp", "SMTPDataError 451"),
    ],
)
def test_a_fault_is_noted_without_anything_of_the_message(caplog, fault, kept):
    row = put(**{"raise": fault})

    outbox.drain()

    row.refresh_from_db()
    assert row.last_error == kept
    assert kept in caplog.text
    assert "secret" not in caplog.text


def test_after_twelve_attempts_a_message_is_dead_and_kept(sent, caplog):
    with time_machine.travel(START, tick=False) as clock:
        row = put(**{"raise": "failed"})
        while outbox.drain():
            clock.shift(timedelta(hours=1))

    row.refresh_from_db()
    assert (row.attempts, row.dead_at is not None, row.sent_at) == (12, True, None)
    assert bytes(row.sealed_content) != b""
    assert [record.levelno for record in caplog.records][-1] == logging.ERROR
    assert len(sent) == 12


def test_what_can_never_be_sent_is_dead_at_once():
    row = put(**{"raise": "never"})

    outbox.drain()

    row.refresh_from_db()
    assert (row.attempts, row.last_error) == (1, "no such person")
    assert row.dead_at is not None


def test_the_dead_can_be_revived(sent):
    row = put(**{"raise": "never"})
    outbox.drain()

    assert outbox.revive(OutboxMessage.objects.filter(pk=row.pk)) == 1
    outbox.drain()

    assert len(sent) == 2


def test_a_kind_without_a_sender_waits_for_one():
    outbox.put("pigeon", {})

    outbox.drain()

    row = OutboxMessage.objects.get()
    assert row.last_error == "no handler for this kind of message"
    assert row.dead_at is None


def test_a_killed_workers_message_comes_back_after_its_lease(sent):
    with time_machine.travel(START, tick=False) as clock:
        row = put("lost")
        # What a worker leaves behind that was killed between its claim and its sending.
        OutboxMessage.objects.filter(pk=row.pk).update(claimed_until=START + outbox.LEASE, attempts=1)

        assert outbox.drain() == 0
        clock.shift(outbox.LEASE)
        assert outbox.drain() == 1

    assert sent == [("lost", str(row.pk))]


def test_a_message_that_kills_its_workers_ends_among_the_dead(sent):
    row = put("poison")
    OutboxMessage.objects.filter(pk=row.pk).update(attempts=outbox.MAX_ATTEMPTS)

    outbox.drain()

    row.refresh_from_db()
    assert row.dead_at is not None
    assert sent == []


def test_fresh_messages_go_before_those_that_failed(sent):
    with time_machine.travel(START, tick=False) as clock:
        put("old", **{"raise": "failed"})
        outbox.drain()
        clock.shift(timedelta(minutes=1))
        put("new")
        outbox.drain()

    assert [name for name, _ in sent] == ["old", "new", "old"]


def test_a_drain_has_a_limit(sent):
    for _ in range(3):
        put()

    assert outbox.drain(limit=2) == 2
    assert len(sent) == 2


def test_sent_messages_are_deleted_after_a_week_dead_ones_never():
    with time_machine.travel(START, tick=False) as clock:
        put("sent")
        put("dead", **{"raise": "never"})
        outbox.drain()
        clock.shift(outbox.KEEP_SENT + timedelta(seconds=1))
        put("waiting")
        outbox.delete_old()

    assert OutboxMessage.objects.filter(sent_at=None).count() == OutboxMessage.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_commit_nudges_and_a_rollback_does_not(sent, monkeypatch):
    eager = Celery("tests", set_as_current=False)
    eager.conf.task_always_eager = True
    monkeypatch.setattr(outbox, "current_app", eager)
    with transaction.atomic():
        put("committed")
        assert sent == []
    assert [name for name, _ in sent] == ["committed"]

    with transaction.atomic():
        put("undone")
        transaction.set_rollback(True)
    assert [name for name, _ in sent] == ["committed"]


def test_the_task_drains(sent):
    put("by task")

    tasks.drain_outbox()

    assert [name for name, _ in sent] == ["by task"]
