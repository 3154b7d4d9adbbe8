"""Fetching what an issuer publishes: its discovery document and its keys. Keeping them is the caller's affair.

Source: OpenID Connect Discovery 1.0 §4; RFC 7517 §5.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from identity.core import fetch
from identity.core.signing import Jwk


class Malformed(ValueError):
    """The issuer answered something else than the document that was asked for."""


def document(issuer_url: str) -> Mapping[str, Any]:  # Any: JSON
    """The discovery document of an issuer, which must name that very issuer (§4.3).

    Raises ``Malformed`` and ``fetch.FetchError``.
    """
    found = _json(f"{issuer_url.rstrip('/')}/.well-known/openid-configuration")
    # A slash at the end is what people add and forget when they register an issuer.
    if str(found.get("issuer", "")).rstrip("/") != issuer_url.rstrip("/"):
        raise Malformed("the discovery document names another issuer")
    return found


def keys(issuer_url: str) -> Sequence[Jwk]:
    """The keys of an issuer by way of its discovery document. Raises as ``document`` does."""
    address = document(issuer_url).get("jwks_uri")
    if not isinstance(address, str):
        raise Malformed("the discovery document names no keys")
    if issuer_url.startswith("https:") and not address.startswith("https:"):
        raise Malformed("an issuer with HTTPS names keys without")
    return keys_at(address)


def keys_at(address: str, *, trusted: bool = False) -> Sequence[Jwk]:
    """The key set at an address; ``trusted`` for one that the operator set. Raises as ``document`` does."""
    found = _json(address, trusted=trusted).get("keys")
    if not isinstance(found, list) or not all(isinstance(key, dict) for key in found):
        raise Malformed("the key set is malformed")
    return found


def _json(url: str, *, trusted: bool = False) -> Mapping[str, Any]:
    response = fetch.get(url, redirects=2, trusted=trusted)
    if response.status >= 500:
        raise fetch.FetchFailed(f"the issuer answered {response.status}")
    if not response.is_ok:
        raise Malformed(f"the issuer answered {response.status}")
    try:
        content = response.json()
    except ValueError as error:
        raise Malformed("the issuer answered something else than JSON") from error
    if not isinstance(content, dict):
        raise Malformed("the issuer answered something else than an object")
    return content
