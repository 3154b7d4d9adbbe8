"""The HTTP endpoint: ``path("graphql", views.endpoint(api))``."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from identity.core import ids
from identity.kit.graphql import presented, requests
from identity.kit.graphql.api import Api
from identity.kit.graphql.authentication import authenticate
from identity.kit.graphql.context import Context
from identity.kit.graphql.errors import Malformed, Refused, Throttled, TooLarge, refusal_body
from identity.wire import rendering, throttles

log = logging.getLogger("identity.kit")

CONTENT_TYPE = "application/json;charset=UTF-8"
View = Callable[..., HttpResponse]


def endpoint(api: Api) -> View:
    """A view that answers ``POST`` as AppSync does, and browsers' preflights.

    Exempt from CSRF checks, since nothing in it believes a cookie, and from a host's ``ATOMIC_REQUESTS``: resolvers open
    transactions themselves, subscribers are told of what is committed, a Lambda must not hold one open.
    """

    def view(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return _finish(rendering.preflight(request, "POST"))
        try:
            return _finish(_answer(api, request))
        except Refused as refused:
            log.info("%s: refused, %s: %s", api.id, refused.error_type, refused.why)
            return _finish(_refusal(refused))

    return csrf_exempt(transaction.non_atomic_requests(view))


def _answer(api: Api, request: HttpRequest) -> HttpResponse:
    from identity.kit.graphql import execution  # strawberry comes with it: not before the first request

    if request.method != "POST":
        raise Malformed
    if not throttles.is_within_rate(request):
        raise Throttled
    _require_readable(api, request)
    principal = authenticate(api, presented.of_http(request))
    answer = execution.run(api, requests.read(request.body), Context(api, principal, request))
    return HttpResponse(json.dumps(answer, cls=DjangoJSONEncoder), content_type=CONTENT_TYPE)


def _require_readable(api: Api, request: HttpRequest) -> None:
    try:
        size = len(request.body)
    except RequestDataTooBig as error:
        raise TooLarge from error
    except UnreadablePostError as error:
        raise Malformed(why="the body broke off") from error
    if size > api.limits.request_bytes:
        raise TooLarge


def _refusal(refused: Refused) -> HttpResponse:
    response = HttpResponse(refusal_body(refused), status=refused.status, content_type=CONTENT_TYPE)
    response[rendering.ERROR_HEADER] = refused.error_type
    return response


def _finish(response: HttpResponse) -> HttpResponse:
    return rendering.add_common_headers(response, ids.uuid())
