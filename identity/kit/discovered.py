"""Discovery documents of the issuers that a host trusts, each kept for some minutes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from identity.core import clock, discovery
from identity.kit.recent import Recent

KEPT = timedelta(minutes=5)

_documents: Recent[Mapping[str, Any]] = Recent()


def document(issuer_url: str) -> Mapping[str, Any]:
    """The issuer's document, fetched where it is old. Raises as ``discovery.document`` does."""
    now = clock.now()
    known = _documents.find(issuer_url, now, younger_than=KEPT)
    return _documents.keep(issuer_url, discovery.document(issuer_url), now) if known is None else known


def forget() -> None:
    """Drop all documents."""
    _documents.clear()
