"""The keys of OpenID Connect providers: cached in the process, renewed when a token names a new one.

No key is used longer than ``KEEP`` after it was last seen: what a provider has withdrawn opens nothing.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from identity.core import clock, discovery, fetch, issuers, signing
from identity.core.errors import ServiceError
from identity.core.invoke import slots
from identity.core.invoke.errors import InvocationFailed
from identity.core.signing import Jwk
from identity.iam.errors import IdpCommunicationError, InvalidIdentityToken

KEEP: Final = timedelta(minutes=5)
RENEW_AT_MOST_EVERY: Final = timedelta(seconds=30)
"""A flood of tokens that name unknown keys must not become a flood of requests to the provider."""
PAUSE: Final = timedelta(seconds=10)
"""A provider that failed is left alone so long: each try may hold a thread for as long as a fetch may take."""

MOST_KEPT: Final = 1_024
"""Issuers: more than any account has."""

NO_KEY: Final = (
    "Couldn't retrieve verification key from your identity provider,  "
    "please reference AssumeRoleWithWebIdentity documentation for requirements"
)


Fetch = Callable[[], Sequence[Jwk]]
Kept = TypeVar("Kept")


class Busy(IdpCommunicationError):
    """Too many threads wait for providers already. The provider has nothing to do with it."""


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    keys: Sequence[Jwk]


@dataclass(frozen=True, slots=True)
class _Failed:
    at: datetime
    error: ServiceError


_lock = threading.Lock()
_failed: dict[str, _Failed] = {}
_kept: dict[str, _Kept] = {}
_locks: dict[str, threading.Lock] = {}


def of(issuer: str, kid: str | None) -> Sequence[Jwk]:
    """The keys of an issuer, fetched at most every five minutes, or sooner where ``kid`` is not among them.

    ``issuer`` is the address as it is known here, never as a token spells it. An issuer of this very site is asked
    directly. Raises ``InvalidIdentityToken``, ``IdpCommunicationError`` and its ``Busy``.
    """
    own = issuers.find(issuer)
    if own is not None:
        return own.jwks()
    plain = issuer.rstrip("/")
    return _kept_or_fetched(plain, kid, lambda: discovery.keys(plain))


def at(address: str, kid: str | None, *, trusted: bool = False) -> Sequence[Jwk]:
    """The keys at an address that needs no discovery, kept as those of an issuer are.

    ``trusted`` is for an address that the operator set. Raises as ``of`` does.
    """
    return _kept_or_fetched(address, kid, lambda: discovery.keys_at(address, trusted=trusted))


def forget() -> None:
    """Drop what is cached, as a new process does."""
    with _lock:
        _kept.clear()
        _failed.clear()
        _locks.clear()


def _kept_or_fetched(name: str, kid: str | None, fetch_keys: Fetch) -> Sequence[Jwk]:
    now = clock.now()
    kept = _kept.get(name)
    if kept is not None and not _is_due(kept, kid, now):
        return kept.keys
    with _lock_of(name):
        kept = _kept.get(name)  # another thread may have fetched meanwhile
        if kept is None or _is_due(kept, kid, now):
            kept = _renewed(name, fetch_keys)
            _keep(_kept, name, kept)
    return kept.keys


def _is_due(kept: _Kept, kid: str | None, now: datetime) -> bool:
    age = abs(now - kept.at)
    is_known = kid is None or any(key.get("kid") == kid for key in kept.keys)
    return age >= (KEEP if is_known else RENEW_AT_MOST_EVERY)


def _lock_of(issuer: str) -> threading.Lock:
    with _lock:
        return _locks.get(issuer) or _keep_in(_locks, issuer, threading.Lock())


def _keep(table: dict[str, Kept], name: str, value: Kept) -> Kept:
    with _lock:
        return _keep_in(table, name, value)


def _keep_in(table: dict[str, Kept], name: str, value: Kept) -> Kept:
    """Put it in the table, in the place of the oldest where the table is full. Called under the lock of all tables."""
    table.pop(name, None)
    while len(table) >= MOST_KEPT:
        del table[next(iter(table))]
    table[name] = value
    return value


def _renewed(name: str, fetch_keys: Fetch) -> _Kept:
    """Fetch, unless that failed just now. Called under the issuer's lock."""
    last = _failed.get(name)
    if last is not None and abs(clock.now() - last.at) < PAUSE:
        raise type(last.error)(last.error.message, why=f"failed just now: {last.error.why}")
    try:
        with slots.held("login keys"):
            keys = _fetched(fetch_keys)
    except InvocationFailed as error:
        raise Busy(why="too many threads wait for providers") from error
    except (IdpCommunicationError, InvalidIdentityToken) as error:
        _keep(_failed, name, _Failed(clock.now(), error))
        raise
    return _Kept(clock.now(), keys)


def _fetched(fetch_keys: Fetch) -> Sequence[Jwk]:
    try:
        return fetch_keys()
    except fetch.FetchFailed as error:
        raise IdpCommunicationError(why=str(error)) from error
    except (fetch.FetchRefused, discovery.Malformed) as error:
        raise InvalidIdentityToken(NO_KEY, why=str(error)) from error


def kid_of(token: str) -> str | None:
    """The key that a token names. Raises ``signing.Malformed``."""
    kid: str | None = signing.header(token).get("kid")
    return kid
