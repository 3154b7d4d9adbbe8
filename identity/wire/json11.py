"""AWS JSON 1.1: ``POST /`` with the operation in ``X-Amz-Target``. Spoken by user pools and identity pools."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from identity.core.errors import ServiceError
from identity.wire import content, rendering, service
from identity.wire.endpoint import Endpoint, Route
from identity.wire.errors import UnknownOperation


class Json11View(Endpoint):
    """One call of a JSON 1.1 service."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.serve(request)

    def find_route(self, request: HttpRequest) -> Route:
        prefix, _, name = request.META.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
        for found in service.services().values():
            if found.metadata.get("targetPrefix") == prefix and found.knows(name):
                return Route(found, name, found.find(name))
        raise UnknownOperation

    def read_input(self, request: HttpRequest) -> Any:
        return content.read_json(request.body)

    def answer(self, value: dict[str, Any] | None) -> HttpResponse:
        return rendering.json_answer(value)

    def error(self, error: ServiceError) -> HttpResponse:
        return rendering.json_error(error)
