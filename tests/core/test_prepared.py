"""PreparedQuery queries answer what the ORM would, on both databases."""

from datetime import timedelta

import pytest

from identity.core import clock
from identity.core.models import Counter
from identity.core.prepared import PreparedQuery

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

BY_KEY = PreparedQuery(Counter, lambda key: Counter.objects.filter(key=key), Counter._meta.pk)
BY_KEYS = PreparedQuery(
    Counter,
    lambda first, second: Counter.objects.filter(key__in=[first, second], count__gt=1).values_list("key"),
    Counter._meta.pk,
    Counter._meta.pk,
)


def counter(key, count=2):
    return Counter.objects.create(key=key, count=count, ends_at=clock.now() + timedelta(hours=1))


def test_an_instance_is_what_the_orm_would_give():
    made = counter("a")

    (found,) = BY_KEY.instances("a")

    assert found[Counter] == Counter.objects.get(pk=made.pk)
    assert found[Counter].ends_at == made.ends_at
    assert BY_KEY.instances("b") == []


def test_constants_of_the_query_stay_beside_its_arguments():
    counter("a")
    counter("b", count=1)
    counter("c")

    assert BY_KEYS.rows("a", "b") == [("a",)]
    assert sorted(BY_KEYS.rows("c", "a")) == [("a",), ("c",)]


def test_one_query_and_no_more(django_assert_num_queries):
    BY_KEY.rows("a")

    with django_assert_num_queries(1):
        BY_KEY.rows("a")
