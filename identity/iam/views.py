"""Our own address beside AWS's: what an API on another machine asks to check the signatures of its callers."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from identity.core import clock, ids
from identity.core.errors import ServiceError
from identity.iam import signing_keys
from identity.wire import callers, content, rendering
from identity.wire.errors import (
    AuthenticationError,
    ExpiredKey,
    InvalidSignature,
    RequestTooLarge,
    SerializationError,
    UnknownKey,
)

log = logging.getLogger("identity.iam")

REFUSALS: dict[type[AuthenticationError], str] = {
    UnknownKey: "UnknownKey",
    ExpiredKey: "ExpiredKey",
    InvalidSignature: "InvalidSignature",
}
"""Faults of the API's own caller: told to the API as an answer, so that they can't be taken for faults of its own."""


@method_decorator([csrf_exempt, transaction.non_atomic_requests], name="dispatch")
class SigningKeyView(View):
    """``POST``: signed by the API itself, allowed by a policy on ``identity-portal:GetSigningKey``."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        request_id = ids.uuid()
        try:
            response = rendering.json_answer(_answer(request))
        except ServiceError as error:
            log.info("GetSigningKey: %s (%s), request %s", error.code, error.why, request_id)
            response = rendering.json_error(error)
        response["Content-Type"] = "application/json"
        return rendering.add_common_headers(response, request_id)


def _answer(request: HttpRequest) -> dict[str, Any]:
    now = clock.now()
    try:
        asking = callers.authenticate_signature(request, service=signing_keys.SERVICE)
        question = signing_keys.read(content.read_json(request.body), now)
    except RequestDataTooBig as error:
        raise RequestTooLarge from error
    except UnreadablePostError as error:
        raise SerializationError(why="the client stopped sending") from error
    context = callers.request_context(request, region=asking.region, now=now)
    callers.current().authorize(asking.caller, signing_keys.ACTION, question.resource, context)
    try:
        return signing_keys.describe(*signing_keys.derive(question, now))
    except tuple(REFUSALS) as refusal:
        return {"Refusal": REFUSALS[type(refusal)]}
