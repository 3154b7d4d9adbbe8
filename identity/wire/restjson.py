"""REST-JSON: the operation stands in method and path, the input in path, query, headers and body. Spoken by Sync."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from rest_framework.request import Request

from identity.core import ids
from identity.core.errors import ServiceError
from identity.wire import content, rendering, service
from identity.wire.endpoint import Endpoint, Route
from identity.wire.errors import SerializationError, UnknownOperation, WireError
from identity.wire.service import Service

_LABEL = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)


class RestJsonView(Endpoint):
    """One call of a REST-JSON service. ``operations`` maps the methods of one path to operation names."""

    service_name: str = ""
    operations: Mapping[str, str] = {}
    methods = "GET, POST, DELETE"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Preflights name no operation, so they are answered before DRF's checks."""
        if request.method == "OPTIONS":
            response = rendering.preflight(request, self.methods)
            return rendering.add_common_headers(response, ids.uuid())
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.serve(request)

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.serve(request)

    def put(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.serve(request)

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.serve(request)

    def find_route(self, request: HttpRequest) -> Route:
        found = service.get(self.service_name)
        name = self.operations.get(request.method or "")
        if found is None or name is None:
            raise UnknownOperation
        return Route(found, name, found.find(name))

    def read_input(self, request: HttpRequest) -> Any:
        model = self.route.service.model
        shape = model["shapes"][model["operations"][self.route.name]["input"]["shape"]]
        members = {name: item for name, item in shape["members"].items() if "location" in item}
        given = {name: value for name, value in _read_body(request).items() if name not in members}
        query = content.read_form(request.META.get("QUERY_STRING", ""))
        sources = {"uri": self.kwargs, "querystring": query, "header": request.headers}
        for name, item in members.items():
            text = sources[item["location"]].get(item["locationName"])
            if text is not None:
                content.require_storable(text)
                given[name] = _scalar(model["shapes"][item["shape"]]["type"], text)
        return given

    def answer(self, value: dict[str, Any] | None) -> HttpResponse:
        return rendering.json_answer(value)

    def error(self, error: ServiceError) -> HttpResponse:
        if isinstance(error, UnknownOperation):
            return rendering.rest_error(error, 404)
        if isinstance(error, WireError):
            return rendering.rest_error(error, error.rest_status)
        _, status = self.route.service.error_codes.get(error.code, (error.code, error.status))
        return rendering.rest_error(error, status)


def urlpatterns(**options: Any) -> list[URLPattern]:
    """The paths of every installed REST-JSON service, one view for each path. ``options`` go to the views."""
    return [
        path(
            _LABEL.sub(r"<str:\1>", uri.lstrip("/")),
            transaction.non_atomic_requests(
                RestJsonView.as_view(service_name=found.name, operations=operations, **options)
            ),
        )
        for found in service.services().values()
        if found.metadata["protocol"] == "rest-json"
        for uri, operations in _paths(found)
    ]


def _paths(found: Service) -> Iterator[tuple[str, dict[str, str]]]:
    """Paths with the operations of their methods; parameters are told apart by place, not by name."""
    by_path: dict[str, dict[str, str]] = {}
    for name, operation in found.model["operations"].items():
        by_path.setdefault(operation["http"]["requestUri"], {})[operation["http"]["method"]] = name
    yield from by_path.items()


def _read_body(request: HttpRequest) -> dict[str, Any]:
    body = content.read_json(request.body)
    if not isinstance(body, dict):
        raise SerializationError("Start of structure or map expected")
    return body


def _scalar(type_name: str, text: str) -> Any:
    if type_name in ("integer", "long"):
        if not _NUMBER.fullmatch(text):
            raise SerializationError(f"{text[:64]} can not be converted to a number")
        return int(text)
    return text
