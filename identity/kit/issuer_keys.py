"""Keys of the issuers that an API trusts: from this process where the issuer lives in it, else fetched; kept, fetched
anew when a token names a key that isn't there, and used on while the issuer is down.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from identity.core import clock, discovery, fetch, issuers
from identity.core.signing import Jwk
from identity.kit import conf

log = logging.getLogger("identity.kit")

FRESH = timedelta(minutes=5)
"""How long keys are used before they are fetched anew."""

PAUSE = timedelta(seconds=10)
"""The least time between two fetches from one issuer: tokens with invented key ids must not become traffic to it."""


class KeysUnavailable(Exception):
    """The issuer's keys were never had and can't be had now."""


@dataclass(slots=True)
class KeyRing:
    """One issuer's keys. Threads share it; one of them fetches while the others use what is there."""

    load: Callable[[], Sequence[Jwk]]
    keys: Sequence[Jwk] | None = None
    loaded_at: datetime | None = None
    tried_at: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self) -> Sequence[Jwk]:
        """The keys, fetched where there are none or they are old. Raises KeysUnavailable."""
        if self.loaded_at is None or clock.now() - self.loaded_at > FRESH:
            self.refresh(self.keys)
        if self.keys is None:
            raise KeysUnavailable
        return self.keys

    def refresh(self, seen: Sequence[Jwk] | None) -> bool:
        """Fetch anew, unless that was just tried; whether there are other keys now than those that were ``seen``.

        Never raises for a failed fetch. Only who has no keys at all waits for another thread's fetch.
        """
        if not self.lock.acquire(blocking=seen is None):
            return False
        try:
            return self.keys is not seen or self._try_load()
        finally:
            self.lock.release()

    def _try_load(self) -> bool:
        now = clock.now()
        if self.tried_at is not None and now - self.tried_at < PAUSE:
            return False
        self.tried_at = now
        try:
            self.keys, self.loaded_at = self.load(), now
        except (fetch.FetchError, discovery.Malformed) as error:
            log.warning("Keys of an issuer could not be fetched: %s", error)
            return False
        return True


_rings: dict[str, KeyRing] = {}
_rings_lock = threading.Lock()


def ring_of(issuer_url: str) -> KeyRing:
    """The ring of an issuer *that is trusted*: strangers' issuers must not come this far, each would stay in memory."""
    with _rings_lock:
        return _rings.setdefault(issuer_url, KeyRing(load=lambda: _load(issuer_url)))


def forget() -> None:
    """Drop all keys."""
    with _rings_lock:
        _rings.clear()


def _load(issuer_url: str) -> Sequence[Jwk]:
    here = issuers.find(issuer_url)
    return list(here.jwks()) if here else _fetch(issuer_url)


def _fetch(issuer_url: str) -> Sequence[Jwk]:
    address = conf.settings().jwks_uris.get(issuer_url)
    return discovery.keys_at(address) if address else discovery.keys(issuer_url)
