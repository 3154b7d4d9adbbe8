"""Redis as Django's cache, such that Redis may be gone: what it cannot answer is a miss.

Nothing that guards a secret may depend on this cache; see ``limits.py``.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from django.core.cache.backends import redis as django_redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from identity.core.breaker import Breaker

log = logging.getLogger("identity.cache")

TIMEOUT_SECONDS = 0.3

# A silent server costs every call its time-out: after one it is left alone for a moment.
_rest = Breaker(rest_seconds=2)
_noise = Breaker(rest_seconds=30)

# Any: values of a cache are whatever was put there.
Method = Callable[..., Any]


def _forgiving(method: Method, miss: Method) -> Method:
    """``method``, answering ``miss`` of its arguments where Redis does not answer."""

    @wraps(method)
    def call(client: "RedisClient", *args: Any) -> Any:
        if _rest.is_open:
            return miss(*args)
        try:
            return method(client, *args)
        except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
            _rest.trip()
            if _noise.trip():
                log.warning("Redis does not answer (%s); going on without a cache", type(error).__qualname__)
            return miss(*args)

    return call


def _missing(key: Any, *_: Any) -> NoReturn:
    raise ValueError(f"Key '{key}' not found.")  # what Django's caches raise for a key that is gone


class RedisClient(django_redis.RedisCacheClient):
    """Django's client, each method with the answer of an empty cache for when Redis is gone."""

    add = _forgiving(django_redis.RedisCacheClient.add, lambda *_: False)
    get = _forgiving(django_redis.RedisCacheClient.get, lambda key, default: default)
    set = _forgiving(django_redis.RedisCacheClient.set, lambda *_: None)
    touch = _forgiving(django_redis.RedisCacheClient.touch, lambda *_: False)
    delete = _forgiving(django_redis.RedisCacheClient.delete, lambda *_: False)
    get_many = _forgiving(django_redis.RedisCacheClient.get_many, lambda *_: {})
    has_key = _forgiving(django_redis.RedisCacheClient.has_key, lambda *_: False)
    incr = _forgiving(django_redis.RedisCacheClient.incr, _missing)
    set_many = _forgiving(django_redis.RedisCacheClient.set_many, lambda *_: None)
    delete_many = _forgiving(django_redis.RedisCacheClient.delete_many, lambda *_: None)
    clear = _forgiving(django_redis.RedisCacheClient.clear, lambda *_: False)


class RedisCache(django_redis.RedisCache):
    """``CACHES["default"]["BACKEND"]``: one quick try a call, no retries of redis-py's own (4.6 s by default)."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        options = {
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, {**params, "OPTIONS": options | params.get("OPTIONS", {})})
        self._class = RedisClient
