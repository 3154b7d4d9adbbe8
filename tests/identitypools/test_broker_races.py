"""Brokers that are saved at once: one audience, one winner, and nothing of the losers. On PostgreSQL."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection  # noqa: F401  # the mark below names it

from identity.core.models import Event
from identity.identitypools import brokers, keys, pools
from identity.identitypools.models import Broker, IdentityPool, SigningKey
from tests.races import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="TEST_BACKEND=postgres is not set"),
]


def save(pool: IdentityPool, audience: str = "") -> str:
    brokers.save(Broker(pool=pool, endpoint="https://sts.example.com", audience=audience))
    return pool.pk


def test_of_pools_that_claim_one_audience_at_once_one_gets_it(make_pool: Any) -> None:
    claimed = [pools.get(make_pool()) for _ in range(6)]

    outcomes = at_once(*[lambda pool=pool: save(pool, "shared") for pool in claimed])

    (winner,) = (one for one in outcomes if isinstance(one, str))
    assert [type(one) for one in outcomes if one != winner] == [ValidationError] * 5
    assert Broker.objects.get().pool_id == winner
    changed = IdentityPool.objects.filter(revision__gt=0).values_list("pk", flat=True)
    assert list(changed) == [winner]
    assert Event.objects.filter(tag="identitypools:broker:saved").count() == 1


def test_the_first_brokers_make_one_key(make_pool: Any) -> None:
    made = [pools.get(make_pool()) for _ in range(6)]

    outcomes = at_once(*[lambda pool=pool: save(pool) for pool in made])

    assert set(outcomes) == {pool.pk for pool in made}
    assert SigningKey.objects.get(region=keys.BROKERS).kid == "brokers:1"


def test_a_pool_that_is_deleted_meanwhile_keeps_no_broker(make_pool: Any) -> None:
    for _ in range(8):
        pool = pools.get(make_pool())
        saved, deleted = lambda pool=pool: save(pool), lambda pool=pool: pools.delete(pools.get(pool.pk))

        outcomes = at_once(saved, deleted)

        assert None in outcomes, outcomes  # the deletion
        (other,) = (one for one in outcomes if one is not None)
        assert other == pool.pk or isinstance(other, ValidationError)
        assert not Broker.objects.exists()
