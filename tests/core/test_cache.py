import logging
import os
import socket
import uuid
from urllib.parse import urlsplit

import pytest

from identity.core import cache as our_cache
from identity.core.cache import RedisCache
from tests.races import PATIENCE

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


@pytest.fixture(autouse=True)
def closed_breakers():
    for breaker in (our_cache._rest, our_cache._noise):
        breaker.reset()
    yield
    for breaker in (our_cache._rest, our_cache._noise):
        breaker.reset()


def every_call(cache):
    """What each method answers."""
    with pytest.raises(ValueError, match="not found"):
        cache.incr("n")
    return [
        cache.get("k", "default"),
        cache.add("k", 1),
        cache.set("k", 1),
        cache.touch("k"),
        cache.delete("k"),
        cache.get_many(["k"]),
        cache.set_many({"k": 1}),
        cache.delete_many(["k"]),
        cache.has_key("k"),
        cache.get_or_set("k", 7),
        cache.clear(),
    ]


EMPTY = ["default", False, None, False, False, {}, [], None, False, 7, False]


def test_a_dead_redis_is_an_empty_cache_logged_once(caplog):
    with caplog.at_level(logging.WARNING):
        assert every_call(RedisCache("redis://127.0.0.1:1", {})) == EMPTY

    assert len(caplog.records) == 1
    assert "ConnectionError" in caplog.text


def test_a_silent_redis_costs_one_time_out_and_is_then_left_alone():
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    listening.setblocking(False)
    cache = RedisCache(f"redis://127.0.0.1:{listening.getsockname()[1]}", {})

    for _ in range(5):
        assert every_call(cache) == EMPTY

    with listening:
        listening.accept()
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.fixture
def redis_cache(monkeypatch):
    monkeypatch.setattr(our_cache, "TIMEOUT_SECONDS", PATIENCE)
    cache = RedisCache(REDIS, {"KEY_PREFIX": f"identity-tests-{uuid.uuid4()}"})
    try:
        parts = urlsplit(REDIS)
        with socket.create_connection((parts.hostname, parts.port or 6379), timeout=1):
            pass
    except OSError:
        pytest.skip(f"no Redis answers at {REDIS}")
    cache.delete_many(["k", "n"])
    yield cache
    cache.delete_many(["k", "n"])


def test_a_living_redis_is_djangos_cache(redis_cache):
    assert redis_cache.add("k", {"a": 1}, timeout=600) is True
    assert redis_cache.add("k", 2) is False
    assert redis_cache.get("k") == {"a": 1}
    redis_cache.set("n", 1, timeout=600)
    assert redis_cache.incr("n") == 2
    assert redis_cache.delete("k") is True


def test_redis_is_asked_again_after_the_rest(redis_cache):
    our_cache._rest.trip()
    redis_cache.set("k", 1)
    assert redis_cache.get("k") is None

    our_cache._rest.reset()
    redis_cache.set("k", 1)
    assert redis_cache.get("k") == 1
