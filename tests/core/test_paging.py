from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from identity.core import paging
from identity.core.models import Counter, Event

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def make(n):
    """Events in pairs of the same moment, so that the second column decides."""
    return [
        Event.objects.create(tag=f"t{i}", content={}, created_at=START + timedelta(milliseconds=i // 2))
        for i in range(n)
    ]


def walk(queryset, order, limit, bound_to="q"):
    token, pages = None, []
    while True:
        page = paging.page(queryset, order=order, limit=limit, token=token, bound_to=bound_to)
        pages.append([row.tag for row in page.rows])
        token = page.next_token
        if token is None:
            return pages


def flat(pages):
    return [tag for page in pages for tag in page]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8])
def test_pages_together_are_the_whole_in_order(limit):
    rows = make(7)

    pages = walk(Event.objects.all(), ("created_at", "id"), limit)

    assert flat(pages) == [row.tag for row in rows]
    assert all(len(page) == limit for page in pages[:-1])


def test_an_order_may_run_backwards():
    make(5)

    assert flat(walk(Event.objects.all(), ("-created_at", "id"), 2)) == ["t4", "t2", "t3", "t0", "t1"]
    assert flat(walk(Event.objects.all(), ("-id",), 2)) == ["t4", "t3", "t2", "t1", "t0"]
    assert flat(walk(Event.objects.all(), ("-pk",), 2)) == ["t4", "t3", "t2", "t1", "t0"]


def test_text_keys_page_too():
    for key in ("b", "a", "ä'\"", "c"):
        Counter.objects.create(key=key, count=1, ends_at=START)
    expected = list(Counter.objects.order_by("key").values_list("key", flat=True))

    first = paging.page(Counter.objects.all(), order=("key",), limit=3, token=None, bound_to="q")
    second = paging.page(Counter.objects.all(), order=("key",), limit=3, token=first.next_token, bound_to="q")

    assert [row.key for row in first.rows + second.rows] == expected


def test_rows_that_go_meanwhile_shift_nothing():
    rows = make(4)
    first = paging.page(Event.objects.all(), order=("id",), limit=2, token=None, bound_to="q")
    rows[0].delete()
    rows[1].delete()

    second = paging.page(Event.objects.all(), order=("id",), limit=2, token=first.next_token, bound_to="q")

    assert [row.tag for row in second.rows] == ["t2", "t3"]


def test_a_token_is_of_its_query_and_order_only():
    make(3)
    token = paging.page(Event.objects.all(), order=("id",), limit=1, token=None, bound_to="q").next_token

    for order, bound_to in ((("id",), "other"), (("-id",), "q"), (("created_at", "id"), "q")):
        with pytest.raises(paging.BadPageToken):
            paging.page(Event.objects.all(), order=order, limit=1, token=token, bound_to=bound_to)
    with pytest.raises(paging.BadPageToken):
        paging.page(Event.objects.all(), order=("id",), limit=1, token="nonsense", bound_to="q")


def test_a_token_lasts_an_hour():
    make(3)
    with time_machine.travel(START, tick=False) as clock:
        token = paging.page(Event.objects.all(), order=("id",), limit=1, token=None, bound_to="q").next_token
        clock.shift(timedelta(hours=1))
        with pytest.raises(paging.BadPageToken):
            paging.page(Event.objects.all(), order=("id",), limit=1, token=token, bound_to="q")


def test_a_page_costs_one_query_and_has_at_least_one_row(django_assert_num_queries):
    make(3)
    with django_assert_num_queries(1):
        paging.page(Event.objects.all(), order=("created_at", "id"), limit=2, token=None, bound_to="q")
    with pytest.raises(ValueError, match="limit"):
        paging.page(Event.objects.all(), order=("id",), limit=0, token=None, bound_to="q")
