"""The door: one address for all AWS protocols, each handed to its view.

``endpoint`` answers AWS calls alone; ``endpoint_or(view)`` hands every GET that is no call to a page of the site.
Both take DRF's class attributes as options, so a site can add throttles: ``endpoint_or(view, throttle_classes=[…])``.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from identity.core import ids
from identity.wire import rendering
from identity.wire.errors import UnknownOperation
from identity.wire.json11 import Json11View
from identity.wire.query import QueryView

View = Callable[[HttpRequest], HttpResponseBase]


def endpoint_or(fallback: View, **options: Any) -> View:
    """A view that answers AWS calls and preflights, and gives every other GET and HEAD to ``fallback``.

    It is exempt from CSRF checks: calls carry signatures or tokens, never cookies. And it is exempt from a host's
    ``ATOMIC_REQUESTS``: a refusal would undo the count of guesses, a trigger would hold the transaction open.
    """
    json11 = Json11View.as_view(**options)
    query = QueryView.as_view(**options)

    def view(request: HttpRequest) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _finish(rendering.preflight(request, "GET, POST"))
        if request.method == "POST":
            return _post(request, json11, query)
        if request.method == "GET" and _names_action(request):
            return query(request)
        return fallback(request)

    return csrf_exempt(transaction.non_atomic_requests(view))


def _post(request: HttpRequest, json11: View, query: View) -> HttpResponseBase:
    if "HTTP_X_AMZ_TARGET" in request.META or request.content_type == rendering.JSON_TYPE:
        return json11(request)
    if request.content_type == "application/x-www-form-urlencoded":
        return query(request)
    return _finish(rendering.undetermined(request))


def _names_action(request: HttpRequest) -> bool:
    """Not asked of ``request.GET``, which raises for many fields: the call's own refusal is the protocol's."""
    pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    return any(name == "Action" for name, _ in pairs)


def _not_found(request: HttpRequest) -> HttpResponse:
    response = rendering.json_error(UnknownOperation())
    response.status_code = 404
    return _finish(response)


def _finish(response: HttpResponse) -> HttpResponse:
    return rendering.add_common_headers(response, ids.uuid())


endpoint = endpoint_or(_not_found)
