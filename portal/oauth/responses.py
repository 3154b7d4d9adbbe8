"""HTTP around the endpoints: JSON as Cognito writes it, CORS, caching, request ids, redirects to any scheme."""

import json
import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt

from identity.core import ids
from portal.oauth.errors import OAuthError

log = logging.getLogger("identity.oauth")

JSON_TYPE = "application/json;charset=UTF-8"
REQUEST_ID = "x-amz-cognito-request-id"
_PREFLIGHT_HEADERS = "authorization, content-type, cache-control, x-amz-user-agent, x-requested-with"

View = Callable[..., HttpResponseBase]


class Redirect(HttpResponseRedirect):
    """302 to an address that was checked against the client's list, whatever its scheme and length.

    Django's own refuses schemes of phone apps, and the length that tokens in a fragment have.
    """

    def __init__(self, location: str) -> None:
        HttpResponse.__init__(self)
        self["Location"] = iri_to_uri(location)
        # One answer with Django's "same-origin" on the way, and an app's pop-up has lost its opener.
        self["Cross-Origin-Opener-Policy"] = "unsafe-none"


def json_answer(content: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """JSON that nobody may keep. Source: RFC 6749 §5.1."""
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    response = HttpResponse(body, status=status, content_type=JSON_TYPE)
    return not_stored(response)


def json_error(error: OAuthError) -> HttpResponse:
    """``{"error"}``, with ``error_description`` where there is something that the client should read."""
    log.info("%s (%r)", error.code, error.why or error.description)
    content = {"error": error.code}
    if error.description:
        content["error_description"] = error.description
    return json_answer(content, status=error.status)


def not_stored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def with_query(address: str, parameters: Mapping[str, str | None]) -> str:
    """The address with form-encoded parameters added to its query; absent ones (None) are left out."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    if not query:
        return address
    return f"{address}{'&' if urlsplit(address).query else '?'}{query}"


def with_fragment(address: str, parameters: Mapping[str, str | None]) -> str:
    """The address with the parameters as its fragment, as the implicit grant answers. Source: RFC 6749 §4.2.2."""
    return f"{address}#{urlencode({name: value for name, value in parameters.items() if value is not None})}"


def identified(view: View) -> View:
    """A view whose every response carries a request id.

    No host's ``ATOMIC_REQUESTS`` binds it: a refusal would undo the count of guesses, a trigger would hold the
    transaction open.
    """

    @transaction.non_atomic_requests
    @wraps(view)
    def with_id(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response[REQUEST_ID] = ids.uuid()
        return response

    return with_id


def cross_origin(*methods: str) -> Callable[[View], View]:
    """Views that any browser origin may call by these methods; preflights are answered here.

    They are exempt from CSRF checks: they know their callers by token or secret, never by cookie.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def with_cors(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            is_preflight = request.method == "OPTIONS"
            response = _preflight(methods) if is_preflight else view(request, *args, **kwargs)
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = REQUEST_ID
            return response

        return csrf_exempt(identified(with_cors))

    return decorate


def _preflight(methods: tuple[str, ...]) -> HttpResponse:
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
    response["Access-Control-Allow-Headers"] = _PREFLIGHT_HEADERS
    response["Access-Control-Max-Age"] = "3600"
    return response
