"""Lockout: how many tries there are, how long a lock lasts, and that it tells nothing about who exists."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.userpools.flows import ALL_FLOWS, HIDING, respond, srp, srp_challenge, srp_proof
from tests.userpools.people import PASSWORD, make_client, make_pool, settled, sign_in

WRONG = "Incorrect username or password."
LOCKED = "Password attempts exceeded"


@pytest.fixture
def pool_id(cognito: Any) -> str:
    pool_id = make_pool(cognito)
    settled(cognito, pool_id, "ana")
    return pool_id


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS, **HIDING)


def fail(cognito: Any, client_id: str, name: str = "ana", password: str = "Wr0ng-Passw0rd") -> str:
    """The text of a failed sign-in."""
    with pytest.raises(cognito.exceptions.NotAuthorizedException) as failed:
        sign_in(cognito, client_id, name, password)
    return str(failed.value.response["Error"]["Message"])


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_the_fifth_failure_locks_whoever_it_is(cognito, client_id, name):
    with time_machine.travel(datetime.now(UTC), tick=False):
        texts = [fail(cognito, client_id, name) for _ in range(7)]

    assert texts == [WRONG] * 5 + [LOCKED] * 2


def test_the_right_password_does_not_open_a_lock(cognito, client_id):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(5):
            fail(cognito, client_id)
        assert fail(cognito, client_id, password=PASSWORD) == LOCKED
        clock.shift(timedelta(seconds=1))
        assert sign_in(cognito, client_id, "ana")["AuthenticationResult"]


def test_locks_double_and_tries_while_locked_do_not_count(cognito, client_id):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(5):
            fail(cognito, client_id)
        for seconds in (1, 2, 4, 8):
            for _ in range(3):
                assert fail(cognito, client_id) == LOCKED
            clock.shift(timedelta(seconds=seconds))
            assert fail(cognito, client_id) == WRONG


def test_a_success_forgets_the_failures(cognito, client_id):
    with time_machine.travel(datetime.now(UTC), tick=False):
        for _ in range(4):
            fail(cognito, client_id)
        sign_in(cognito, client_id, "ana")
        texts = [fail(cognito, client_id) for _ in range(5)]

    assert texts == [WRONG] * 5


def test_fifteen_minutes_forget_the_failures(cognito, client_id):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(5):
            fail(cognito, client_id)
        clock.shift(timedelta(minutes=15, seconds=1))
        texts = [fail(cognito, client_id) for _ in range(5)]

    assert texts == [WRONG] * 5


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_all_flows_count_together(cognito, pool_id, client_id, name):
    with time_machine.travel(datetime.now(UTC), tick=False):
        proof = None
        for _ in range(3):
            client = srp(cognito, pool_id, client_id, name, "Wr0ng-Passw0rd")
            proof = srp_proof(client, srp_challenge(cognito, client_id, client))
            with pytest.raises(cognito.exceptions.NotAuthorizedException, match=WRONG):
                respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)
        for _ in range(2):
            fail(cognito, client_id, name)

        assert fail(cognito, client_id, name) == LOCKED
        with pytest.raises(cognito.exceptions.NotAuthorizedException, match=LOCKED):
            srp_challenge(cognito, client_id, srp(cognito, pool_id, client_id, name))
        with pytest.raises(cognito.exceptions.NotAuthorizedException, match=LOCKED):
            respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)


def test_other_users_and_pools_are_not_locked(cognito, pool_id, client_id):
    settled(cognito, pool_id, "berta")
    other_pool = make_pool(cognito)
    other_client = make_client(cognito, other_pool)
    settled(cognito, other_pool, "ana")
    with time_machine.travel(datetime.now(UTC), tick=False):
        for _ in range(6):
            fail(cognito, client_id)

        assert sign_in(cognito, client_id, "berta")
        assert sign_in(cognito, other_client, "ana")


def test_an_alias_is_locked_with_its_user(cognito):
    pool_id = make_pool(cognito, AliasAttributes=["email"])
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    with time_machine.travel(datetime.now(UTC), tick=False):
        for _ in range(5):
            fail(cognito, client_id)

        assert fail(cognito, client_id, "ana@example.com", PASSWORD) == LOCKED
