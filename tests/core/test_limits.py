from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction

from identity.core import limits
from identity.core.models import Counter

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def fail(times, key="ana"):
    for _ in range(times):
        limits.lockout_fail(key)


def test_the_limit_holds_for_its_window_and_no_longer(clock):
    assert [limits.hit("k", limit=3, window=MINUTE) for _ in range(3)] == [1, 2, 3]
    clock.shift(timedelta(seconds=59.999))
    with pytest.raises(limits.LimitReached) as refused:
        limits.hit("k", limit=3, window=MINUTE)
    assert refused.value.retry_after == timedelta(milliseconds=1)
    clock.shift(timedelta(milliseconds=1))
    assert limits.hit("k", limit=3, window=MINUTE) == 1


def test_keys_count_apart_however_long_they_are(clock):
    long = "k" * 300
    limits.hit(long + "a", limit=1, window=MINUTE)
    limits.hit(long + "b", limit=1, window=MINUTE)

    with pytest.raises(limits.LimitReached):
        limits.hit(long + "a", limit=1, window=MINUTE)
    limits.clear(long + "a")
    assert limits.hit(long + "a", limit=1, window=MINUTE) == 1


def test_a_key_may_hold_what_a_hostile_client_sent(clock):
    for key in ("zero\0", "half\ud800", "'; DROP TABLE"):
        assert limits.hit(key, limit=1, window=MINUTE) == 1
        assert limits.throttle(key, limit=1, window=MINUTE)
        assert limits.lockout_check(key).failures == 1


def test_a_hit_costs_one_statement(django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(1):
            limits.hit("k", limit=5, window=MINUTE)


@pytest.mark.parametrize(
    "count", [lambda: limits.hit("k", limit=1, window=MINUTE), lambda: limits.lockout_fail("k")]
)
def test_counting_inside_a_transaction_is_refused(count):
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside atomic"):
        count()
    assert not Counter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_count_survives_the_failure_that_follows():
    with pytest.raises(limits.LimitReached):
        limits.hit("k", limit=0, window=MINUTE)

    connection.close()
    assert Counter.objects.get(key="k").count == 1


def test_four_failures_lock_nothing(clock):
    fail(4)

    assert limits.lockout_check("ana") == limits.Lockout("ana", 4)


def test_each_failure_from_the_fifth_on_locks_twice_as_long_up_to_fifteen_minutes():
    seconds = [limits.lock_after(n).total_seconds() for n in range(1, 18)]

    assert seconds == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert limits.lock_after(10_000) == timedelta(minutes=15)


def test_the_fifth_failure_locks_for_a_second(clock):
    fail(5)

    with pytest.raises(limits.LockedOut) as locked:
        limits.lockout_check("ana")
    assert locked.value.until == START + timedelta(seconds=1)
    clock.shift(timedelta(seconds=1))
    assert limits.lockout_check("ana").failures == 5


def test_an_attempt_while_locked_neither_counts_nor_extends(clock):
    fail(8)
    for _ in range(7):
        with pytest.raises(limits.LockedOut):
            limits.lockout_check("ana")
        clock.shift(timedelta(seconds=1))
    clock.shift(timedelta(seconds=1))

    assert limits.lockout_check("ana").failures == 8


def test_fifteen_minutes_without_a_failure_forgive(clock):
    fail(5)
    clock.shift(timedelta(minutes=14))
    fail(1)
    clock.shift(timedelta(minutes=15))

    assert limits.lockout_check("ana").failures == 0
    assert limits.lockout_fail("ana") == 1


def test_a_success_forgives(clock, django_assert_num_queries):
    fail(4)
    with django_assert_num_queries(2):
        limits.lockout_clear(limits.lockout_check("ana"))

    assert limits.lockout_fail("ana") == 1
    limits.lockout_clear(limits.lockout_check("ana"))
    assert not Counter.objects.exists()


def test_a_sign_in_without_failures_costs_one_select(django_assert_num_queries):
    with django_assert_num_queries(1):
        limits.lockout_clear(limits.lockout_check("ana"))


def test_counters_go_when_their_window_is_over(clock):
    limits.hit("short", limit=1, window=MINUTE)
    limits.hit("long", limit=1, window=3 * MINUTE)
    clock.shift(2 * MINUTE)

    limits.delete_old()

    assert [row.key for row in Counter.objects.all()] == ["long"]


def test_a_throttle_counts_in_the_cache(clock, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert [limits.throttle("t", limit=2, window=MINUTE) for _ in range(3)] == [True, True, False]
        clock.shift(MINUTE)
        assert limits.throttle("t", limit=2, window=MINUTE)
        assert not limits.throttle("none", limit=0, window=MINUTE)
