"""User pools' issuers with their keys, kept in the process for a minute: asking costs some queries at every login.

A user pool that was deleted, or a key that was withdrawn, is so noticed within the minute. Keys that are new are noticed at
once, for a token that names an unknown one has its issuer asked anew.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from identity.core import clock, issuers

KEPT_FOR = timedelta(minutes=1)
_MOST = 4096


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """What checking a token's signature takes. ``names`` are the spellings of ``iss`` that count."""

    names: tuple[str, ...]
    keys: Sequence[Mapping[str, Any]]
    is_live: Callable[[Mapping[str, Any]], bool]
    until: datetime


_lock = threading.Lock()
_kept: dict[str, KnownIssuer] = {}


def find(provider: str, *, anew: bool = False) -> KnownIssuer | None:
    """The user pool of this canonical name with its keys, or None where nobody here holds them."""
    known = _kept.get(provider)
    if known and known.until > clock.now() and not anew:
        return known
    issuer = issuers.find(f"https://{provider}")
    if issuer is None:
        return None
    known = KnownIssuer(
        (issuer.url, *issuer.aliases), list(issuer.jwks()), issuer.is_live, clock.now() + KEPT_FOR
    )
    with _lock:
        if len(_kept) >= _MOST:
            _kept.clear()
        _kept[provider] = known
    return known


def forget() -> None:
    """Drop what is kept, as a new process does."""
    with _lock:
        _kept.clear()
