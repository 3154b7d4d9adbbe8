"""Real clients against the real thing: a site in processes of its own, on SQLite and on real servers; and a browser.

One of each for the whole session, whichever folder asks.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests import servers
from tests.site import Site, drop_database, fresh_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUIET = [
    *["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
    *["--disable-background-networking", "--disable-component-update"],
]


@pytest.fixture(scope="session", params=["sqlite", "postgres-redis-rabbitmq"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    environment = {"IDENTITY_FETCH_PRIVATE": "localhost"}  # where the tests' own providers are
    if request.param != "sqlite":
        missing = servers.missing()
        for name in ("PostgreSQL", "Redis", "RabbitMQ"):
            if name in missing:
                pytest.skip(f"without {name}: {missing[name]}")
        environment |= {
            "DATABASE_URL": fresh_database(),
            "REDIS_URL": servers.REDIS_URL,
            "CELERY_BROKER_URL": servers.fresh_broker(),
        }
    running = Site(tmp_path_factory.mktemp(request.param), environment)
    try:
        yield running.start()
    finally:
        running.stop()
        if "DATABASE_URL" in environment:
            drop_database(environment["DATABASE_URL"])


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    program = servers.chromium()
    if program is None:
        pytest.skip(servers.missing()["Chromium"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()
