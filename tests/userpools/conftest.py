"""Fixtures of the sign-in tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.userpools import triggers_of_tests


@pytest.fixture
def triggers(settings: Any) -> Iterator[Any]:
    """The recording trigger, reachable by its ARN; empty before and after."""
    settings.IDENTITY = {
        **settings.IDENTITY,
        "TRIGGERS": {triggers_of_tests.ARN: triggers_of_tests.PATH},
    }
    triggers_of_tests.events.clear()
    triggers_of_tests.answers.clear()
    yield triggers_of_tests
    triggers_of_tests.events.clear()
    triggers_of_tests.answers.clear()


@pytest.fixture
def needs_postgres() -> None:
    """Skip where the suite runs on SQLite: two connections can't race there."""
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL (TEST_BACKEND=postgres)")
