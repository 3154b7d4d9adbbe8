"""Telling all processes something: by Redis and by rows, with and without either being there."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync, sync_to_async
from django.db import DatabaseError, connection, transaction

from identity.core import broadcast, clock
from identity.core.models import Broadcast
from tests import servers
from tests.races import PATIENCE

pytestmark = pytest.mark.core_suite

NOBODY = "redis://127.0.0.1:1/0"
in_database = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["rows", "redis"])
def way(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "redis":
        if "Redis" in servers.missing():
            pytest.skip(servers.missing()["Redis"])
        monkeypatch.setattr(broadcast, "TIMEOUT_SECONDS", PATIENCE)
        broadcast._redis.cache_clear()
        # An address of its own, and so channels that no test in another process tells on.
        base = f"http://{uuid.uuid4()}.example.com"
        settings.IDENTITY = {**settings.IDENTITY, "REDIS_URL": servers.REDIS_URL, "BASE_URL": base}
    yield request.param
    broadcast._redis.cache_clear()


@pytest.fixture(autouse=True)
def rested() -> None:
    broadcast._rest.reset()


def heard_while(channel: str, deed: Callable[[], object], count: int) -> list[str]:
    """What a listener hears of what happens in another thread, as in another process."""

    async def hear() -> list[str]:
        async with broadcast.listen(channel) as texts:
            await sync_to_async(deed, thread_sensitive=False)()
            return [await asyncio.wait_for(anext(texts), PATIENCE) for _ in range(count)]

    return async_to_sync(hear)()


def closing(deed: Callable[[], object]) -> Callable[[], None]:
    """Without leaving the other thread's connection open behind the test."""

    def run() -> None:
        try:
            deed()
        finally:
            connection.close()

    return run


@in_database
def test_who_listens_hears_what_is_sent_from_then_on(way: str) -> None:
    broadcast.send("notes", "before")

    def send() -> None:
        broadcast.send("notes", "one")
        broadcast.send("others", "not for them")
        broadcast.send("notes", "two \N{HERB}")

    assert heard_while("notes", closing(send), 2) == ["one", "two \N{HERB}"]


@in_database
def test_what_is_rolled_back_is_not_told(way: str) -> None:
    def send() -> None:
        try:
            with transaction.atomic():
                broadcast.send("notes", "undone")
                raise ZeroDivisionError
        except ZeroDivisionError:
            broadcast.send("notes", "done")

    assert heard_while("notes", closing(send), 1) == ["done"]


@in_database
def test_a_row_that_is_committed_late_is_still_heard() -> None:
    """Ids are given before the commit, so a lower one may come after a higher one."""
    now = clock.now()
    listener = broadcast._RowListener("notes")
    listener._skip()
    Broadcast.objects.create(id=1_000_002, channel="notes", text="second", created_at=now)
    assert listener._next() == ["second"]
    Broadcast.objects.create(id=1_000_001, channel="notes", text="first", created_at=now)

    assert listener._next() == ["first"]
    assert listener._next() == []


@pytest.mark.django_db
def test_one_poll_is_one_short_query(django_assert_num_queries: Any) -> None:
    listener = broadcast._RowListener("notes")
    listener._skip()

    with django_assert_num_queries(1):
        listener._next()


@pytest.mark.django_db
def test_a_poll_fetches_only_what_is_new_on_its_channel() -> None:
    listener = broadcast._RowListener("notes")
    broadcast._insert("notes", "before")
    listener._skip()
    broadcast._insert("others", "large")
    broadcast._insert("notes", "one")

    assert list(listener._unheard(listener._last or 0).values_list("text", flat=True)) == ["one"]
    assert listener._next() == ["one"]
    assert not listener._unheard(listener._last or 0).exists()


@in_database
def test_a_listener_that_could_not_begin_tells_nothing_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("away")

    broadcast._insert("notes", "before")
    listener = broadcast._RowListener("notes")
    with monkeypatch.context() as patch:
        patch.setattr(listener, "_skip", fail)
        async_to_sync(listener.begin)()

    assert listener._next() == []
    broadcast._insert("notes", "after")
    assert listener._next() == ["after"]
    async_to_sync(listener.end)()


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="TEST_BACKEND=postgres is not set")
@in_database
def test_who_stops_listening_gives_its_connection_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that begin from here on share a pool of two."""
    shared = {"min_size": 0, "max_size": 2, "timeout": 5}
    given = connection.settings_dict
    monkeypatch.setitem(given, "OPTIONS", {**given["OPTIONS"], "pool": shared})
    monkeypatch.setitem(given, "CONN_MAX_AGE", 0)

    async def listen_and_stop() -> None:
        listener = broadcast._RowListener("notes")
        await listener.begin()
        assert listener._last is not None, "no connection was left"
        await listener.end()

    try:
        for _ in range(5):
            async_to_sync(listen_and_stop)()
    finally:
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone


@in_database
def test_rows_are_gone_after_a_minute() -> None:
    broadcast.send("notes", "old")
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        broadcast.send("notes", "new")
        broadcast.delete_old()

    assert list(Broadcast.objects.values_list("text", flat=True)) == ["new"]


@in_database
def test_a_redis_that_is_away_disturbs_nobody(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "REDIS_URL": NOBODY}

    broadcast.send("notes", "a secret")
    broadcast.send("notes", "a secret")

    assert caplog.text.count("Redis does not answer") == 1
    assert "a secret" not in caplog.text


@in_database
def test_a_database_that_fails_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise DatabaseError("database is locked")

    monkeypatch.setattr(Broadcast.objects, "create", fail)

    broadcast.send("notes", "a secret")

    assert "Not told on notes" in caplog.text
    assert "a secret" not in caplog.text


@pytest.fixture
def channel_name(settings: Any) -> Callable[[str, str], str]:
    def name(url: str, base: str) -> str:
        settings.IDENTITY = {**settings.IDENTITY, "REDIS_URL": url, "BASE_URL": base}
        return broadcast._redis_name("notes")

    return name


def test_sites_on_one_redis_do_not_hear_each_other(channel_name: Callable[[str, str], str]) -> None:
    names = {channel_name(f"redis://h/{n}", f"http://{host}") for n in (1, 2) for host in ("a", "b")}

    assert len(names) == 4


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("redis://:a-secret@h:6379", 0),
        ("redis://h/", 0),
        ("redis://h/0", 0),
        ("rediss://h/3?ssl_cert_reqs=none", 3),
        ("redis://h?db=3", 3),
        ("unix:///run/redis.sock", 0),
        ("unix:///run/redis.sock?db=3", 3),
    ],
)
def test_a_channel_is_the_same_however_its_redis_is_spelt(
    channel_name: Callable[[str, str], str], url: str, database: int
) -> None:
    assert channel_name(url, "http://a") == f"identity:{database}:http://a:notes"
