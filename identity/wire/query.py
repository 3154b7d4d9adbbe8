"""The query protocol: ``Action=…`` in a form or in the query string, answered by XML. Spoken by STS and IAM."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from identity.core.errors import ServiceError
from identity.wire import content, rendering, service
from identity.wire.endpoint import Endpoint, Route
from identity.wire.errors import SerializationError, UnknownOperation
from identity.wire.service import Service

_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


class QueryView(Endpoint):
    """One call of a query service."""

    methods = "GET, POST"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.serve(request)

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.serve(request)

    def find_route(self, request: HttpRequest) -> Route:
        fields = read_fields(request)
        name, version = fields.get("Action", ""), fields.get("Version") or "NO_VERSION_SPECIFIED"
        for found in query_services():
            if found.metadata["apiVersion"] == version and found.knows(name):
                return Route(found, name, found.find(name))
        raise UnknownOperation(f"Could not find operation {name} for version {version}")

    def read_input(self, request: HttpRequest) -> Any:
        shapes = self.route.service.model["shapes"]
        given = self.route.service.model["operations"][self.route.name].get("input")
        return read_structure(shapes, given["shape"], read_fields(request), "") if given else {}

    def answer(self, value: dict[str, Any] | None) -> HttpResponse:
        namespace = self.route.service.metadata["xmlNamespace"]
        return rendering.query_answer(self.route.name, namespace, value, self.request_id)

    def error(self, error: ServiceError) -> HttpResponse:
        route: Route | None = getattr(self, "route", None)
        modelled = route.service.error_codes if route else {}
        namespace = route.service.metadata["xmlNamespace"] if route else _NAMESPACE
        return rendering.query_error(rendering.query_fault(error, modelled), namespace, self.request_id)


def query_services() -> list[Service]:
    """The installed services that speak this protocol."""
    return [found for found in service.services().values() if found.metadata["protocol"] == "query"]


def read_fields(request: HttpRequest) -> dict[str, str]:
    """The fields of the form, or of the query string of a GET. Raises SerializationError."""
    if request.method == "GET":
        return content.read_form(request.META.get("QUERY_STRING", ""))
    try:
        return content.read_form(request.body.decode())
    except UnicodeDecodeError as error:
        raise SerializationError(why="the form is no UTF-8") from error


def read_structure(
    shapes: Mapping[str, Any], name: str, fields: Mapping[str, str], prefix: str
) -> dict[str, Any]:
    """The flat fields as nested JSON: ``Tags.member.1.Key=a`` becomes ``{"Tags": [{"Key": "a"}]}``."""
    found = {}
    for member, item in shapes[name]["members"].items():
        value = _read(shapes, item["shape"], fields, f"{prefix}{item.get('locationName', member)}")
        if value is not None:
            found[member] = value
    return found


def _read(shapes: Mapping[str, Any], name: str, fields: Mapping[str, str], path: str) -> Any:
    shape = shapes[name]
    if shape["type"] == "structure":
        is_given = any(field.startswith(f"{path}.") for field in fields)
        return read_structure(shapes, name, fields, f"{path}.") if is_given else None
    if shape["type"] == "list":
        return _read_list(shapes, shape["member"]["shape"], fields, path)
    if shape["type"] == "map":
        return _read_map(shapes, shape, fields, path)
    text = fields.get(path)
    return None if text is None else _scalar(shape["type"], text)


def _read_list(
    shapes: Mapping[str, Any], element: str, fields: Mapping[str, str], path: str
) -> list[Any] | None:
    """The elements in the order of their numbers. An empty list comes as the bare name without a value."""
    numbers = _numbers(fields, f"{path}.member.")
    if not numbers:
        return [] if fields.get(path) == "" else None
    return [_read(shapes, element, fields, f"{path}.member.{number}") for number in numbers]


def _read_map(
    shapes: Mapping[str, Any], shape: Mapping[str, Any], fields: Mapping[str, str], path: str
) -> dict[str, Any] | None:
    """``Map.entry.1.key=a`` and ``Map.entry.1.value=b``; an entry without a key is passed over."""
    found = {}
    numbers = _numbers(fields, f"{path}.entry.")
    for number in numbers:
        key = fields.get(f"{path}.entry.{number}.key")
        if key is not None:
            found[key] = _read(shapes, shape["value"]["shape"], fields, f"{path}.entry.{number}.value")
    return found if numbers or fields.get(path) == "" else None


def _numbers(fields: Mapping[str, str], prefix: str) -> list[int]:
    """The numbers that follow a prefix, in order; they may have gaps."""
    numbers = {field[len(prefix) :].partition(".")[0] for field in fields if field.startswith(prefix)}
    return sorted({int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 7})


def _scalar(type_name: str, text: str) -> Any:
    if type_name in ("integer", "long"):
        if not _NUMBER.fullmatch(text):
            raise SerializationError(f"{text[:64]} can not be converted to a number")
        return int(text)
    if type_name == "boolean":
        if text not in ("true", "false"):
            raise SerializationError(f"{text[:64]} can not be converted to a Boolean")
        return text == "true"
    return text
