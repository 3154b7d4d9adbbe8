"""What only several connections show: two calls at once about one person. On PostgreSQL; SQLite has one writer."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from identity.identitypools import keys, pools
from identity.identitypools.models import Identity, Login, SigningKey
from tests.identitypools import world

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="TEST_BACKEND=postgres is not set"),
]


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Each deed in a thread and connection of its own, started together; their answers and errors."""
    start, outcomes = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], Any]) -> None:
        try:
            start.wait()
            outcomes.append(deed())
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def second() -> Any:
    made = world.UserPool("us-east-1_Example02")
    with world.registered(made):
        yield made


@pytest.fixture
def pool(cognito_identity: Any, user_pool: world.UserPool, second: world.UserPool, make_pool: Any) -> str:
    pool_id: str = make_pool(CognitoIdentityProviders=[user_pool.entry(), second.entry()])
    roles = {"authenticated": world.role("known", pool_id).arn}
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    return pool_id


def test_of_many_first_calls_with_one_login_one_identity_comes(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    logins = user_pool.logins()

    outcomes = at_once(*[lambda: anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]] * 12)

    assert set(outcomes) == {Identity.objects.get().pk}
    assert Login.objects.count() == 1


def test_a_guest_who_signs_in_twice_at_once_stays_one(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    guest = anyone.get_id(IdentityPoolId=pool)["IdentityId"]
    logins = user_pool.logins()

    def sign_in() -> str:
        answered: str = anyone.get_credentials_for_identity(IdentityId=guest, Logins=logins)["IdentityId"]
        return answered

    assert set(at_once(*[sign_in] * 8)) == {guest}


def test_of_two_people_who_take_one_guest_at_once_one_gets_it(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    guest = anyone.get_id(IdentityPoolId=pool)["IdentityId"]
    people = [user_pool.logins("ana"), second.logins("ben")]

    outcomes = at_once(
        *[
            lambda logins=logins: anyone.get_credentials_for_identity(IdentityId=guest, Logins=logins)
            for logins in people
        ]
    )

    (refused,) = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refused, anyone.exceptions.NotAuthorizedException)
    assert Login.objects.get().identity_id == guest


def test_merges_from_both_sides_end_in_one(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    one, other = user_pool.logins("ana"), second.logins("ana too")
    older = anyone.get_id(IdentityPoolId=pool, Logins=one)["IdentityId"]
    anyone.get_id(IdentityPoolId=pool, Logins=other)

    outcomes = at_once(*[lambda: anyone.get_id(IdentityPoolId=pool, Logins=one | other)["IdentityId"]] * 8)

    assert set(outcomes) == {older}
    assert Login.objects.filter(identity_id=older).count() == 2


def test_the_first_tokens_of_a_region_are_signed_by_one_key(db: None) -> None:
    outcomes = at_once(*[lambda: keys.sign({"sub": "x"}, region="us-east-1")] * 6)

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert SigningKey.objects.count() == 1


def test_of_changes_to_a_pool_from_one_state_one_wins(pool: str) -> None:
    read = [pools.get(pool) for _ in range(4)]

    outcomes = at_once(*[lambda each=each: pools.set_roles(each, {}) for each in read])

    assert outcomes.count(None) == 1
