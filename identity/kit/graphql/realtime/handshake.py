"""The authorization that a WebSocket's opening carries, and what was signed by it.

Three ways, of which the first that is there counts: a subprotocol ``header-…`` (Amplify 6), the query's ``header``
(older clients), the opening request's own headers.
"""

import base64
import binascii
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote

from django.conf import settings as django_settings
from django.core.handlers.asgi import ASGIRequest
from django.http.request import split_domain_port, validate_host

from identity.core.errors import ServiceError
from identity.kit.graphql.errors import BadSignature, Malformed
from identity.kit.graphql.presented import Presented
from identity.wire import content, origin, sigv4

PROTOCOL = "graphql-ws"
_IN_PROTOCOL = "header-"
_LONGEST = 32_768
_CONNECT_BODY = b"{}"
_LOCAL = (".localhost", "127.0.0.1", "[::1]")  # as Django has it while DEBUG is on


def request_of(scope: Mapping[str, Any]) -> ASGIRequest:
    """The opening request as Django's, for addresses and host names."""
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "ws"), "http")
    return ASGIRequest({**scope, "method": "GET", "scheme": scheme}, io.BytesIO())


def connecting(scope: Mapping[str, Any], path: str) -> Presented:
    """What the opening shows: signatures cover ``POST <endpoint>/connect`` with the body ``{}``. Raises Malformed."""
    request = request_of(scope)
    headers = _from_protocols(scope) or _from_query(scope)
    if headers is None:
        headers = {name.lower(): value for name, value in request.headers.items()}
    return _presented(headers, f"{path}/connect", _CONNECT_BODY, origin.of(request))


def starting(authorization: Any, path: str, data: str, comes_from: origin.Origin) -> Presented:
    """What a ``start`` message shows: signatures cover ``POST <endpoint>`` with its data as the body. Raises Malformed."""
    return _presented(_headers(authorization), path, data.encode("utf-8", "surrogatepass"), comes_from)


def _presented(headers: Mapping[str, str], path: str, body: bytes, comes_from: origin.Origin) -> Presented:
    _require_own_host(headers)
    signed = sigv4.SignedRequest("POST", quote(path, safe="/-_.~"), "", headers, body)
    return Presented(signed, comes_from)


def _require_own_host(headers: Mapping[str, str]) -> None:
    """A signature for another host is not for here, although no HTTP request came to that host."""
    domain, _ = split_domain_port(headers.get("host", "").lower())
    allowed = django_settings.ALLOWED_HOSTS or (_LOCAL if django_settings.DEBUG else ())
    if "host" in headers and not validate_host(domain, allowed):
        raise BadSignature("The host of the authorization is not this API's.")


def _from_protocols(scope: Mapping[str, Any]) -> dict[str, str] | None:
    for protocol in scope.get("subprotocols", ()):
        if protocol.startswith(_IN_PROTOCOL):
            return _decoded(protocol.removeprefix(_IN_PROTOCOL))
    return None


def _from_query(scope: Mapping[str, Any]) -> dict[str, str] | None:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return _decoded(query["header"][0]) if "header" in query else None


def _decoded(text: str) -> dict[str, str]:
    """Base64 in either alphabet, padded or not."""
    if len(text) > _LONGEST:
        raise Malformed("The authorization header is too long.")
    plain = text.replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    try:
        raw = base64.b64decode(f"{plain}{'=' * (-len(plain) % 4)}", validate=True)
        return _headers(content.read_json(raw))
    except (binascii.Error, ValueError, ServiceError) as error:
        raise Malformed("The authorization header can't be read.") from error


def _headers(given: Any) -> dict[str, str]:
    """Header names and values; what is no text is left out, as Amplify's ``undefined`` is."""
    if not isinstance(given, dict):
        raise Malformed("The authorization header can't be read.")
    return {name.lower(): value for name, value in given.items() if isinstance(value, str)}
