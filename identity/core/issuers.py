"""Who holds the keys of an issuer. Apps register sources in ``AppConfig.ready()``; nobody above imports them for it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Kind = Literal["user-pool", "identity-pool", "oidc"]


def _always(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer of tokens. ``aliases`` are other spellings that its tokens may carry as ``iss``; ``is_live`` says
    whether a token with these (proven) claims still counts, for issuers that know of revocation; ``has_audience``
    whether tokens can be meant for this client id at all, for issuers that know their clients."""

    url: str
    jwks: Callable[[], Sequence[Mapping[str, Any]]]  # Any: JWK members, claims
    kind: Kind = "oidc"
    algorithms: tuple[str, ...] = ("RS256",)
    is_live: Callable[[Mapping[str, Any]], bool] = _always
    aliases: tuple[str, ...] = ()
    has_audience: Callable[[str], bool] = _always


class Source(Protocol):
    def find(self, issuer_url: str) -> Issuer | None:
        """The issuer of this address, or None where it is not this source's."""


_lock = threading.Lock()
_sources: tuple[Source, ...] = ()


def register(source: Source) -> None:
    """Add a source; they are asked in the order of registration. The same one twice counts once."""
    global _sources
    with _lock:
        if source not in _sources:
            _sources = (*_sources, source)


def unregister(source: Source) -> None:
    """Take a source away again (tests, and sites that replace one)."""
    global _sources
    with _lock:
        _sources = tuple(each for each in _sources if each != source)


def find(issuer_url: str) -> Issuer | None:
    """The issuer of this ``iss``, exactly as written, from the first source that knows it."""
    for source in _sources:
        issuer = source.find(issuer_url)
        if issuer is not None:
            return issuer
    return None
