"""Errors and answers as HTTP responses: the one place that knows how each protocol writes them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from identity.core import clock
from identity.core.errors import ServiceError
from identity.wire.errors import AccessDenied, MissingAuthenticationToken, WireError
from identity.wire.responses import Entries

JSON_TYPE = "application/x-amz-json-1.1"
XML_TYPE = "text/xml"

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

ERROR_HEADER = "x-amzn-ErrorType"
"""Where AWS's clients read the name of an error."""

AUTHORIZATION_MESSAGE_HEADER = "x-amzn-authorization-message"
"""Where a refusal carries its sealed reasons: the bodies are as AWS writes them, without a place for it."""

_EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
_USUAL_HEADERS = (
    "authorization,cache-control,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-target,"
    "x-amz-user-agent,amz-sdk-invocation-id,amz-sdk-request"
)
_PREFLIGHT_SECONDS = "172800"
_LONGEST_HEADER = 1024

_HEADER_LIST = re.compile(r"[A-Za-z0-9_,\s*-]{1,2048}", re.ASCII)
_NOT_IN_HEADERS = re.compile(r"[^\x20-\x7e\xa0-\xff]+")
# Characters that XML 1.0 can't carry, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the wire shows it: the same facts whatever the protocol."""

    code: str
    message: str
    status: int
    members: Mapping[str, Any]


def json_answer(value: Any) -> HttpResponse:
    """Compact JSON; None, for operations without output, is an empty body."""
    body = b"" if value is None else _encode(value).encode()
    return HttpResponse(body, content_type=JSON_TYPE)


def json_error(error: ServiceError) -> HttpResponse:
    """JSON 1.1: class in the body and in a header. ``AccessDeniedException`` spells ``Message`` with a capital."""
    key = "Message" if isinstance(error, AccessDenied) else "message"
    body: dict[str, Any] = {"__type": error.code}
    if error.message:
        body[key] = error.message
    response = json_answer(body | error.members)
    response.status_code = error.status
    _name_error(response, error.code, error.message)
    return response


def rest_error(error: ServiceError, status: int) -> HttpResponse:
    """REST-JSON: the class stands in the header only."""
    response = json_answer({"message": error.message} if error.message else {})
    response.status_code = status
    _name_error(response, error.code, error.message)
    return response


def query_answer(
    operation: str, namespace: str, value: Mapping[str, Any] | None, request_id: str
) -> HttpResponse:
    """The query protocol's XML, indented by two blanks as STS does it. None: the operation has no output."""
    result = [] if value is None else _element(f"{operation}Result", value, "  ")
    lines = [
        f'<{operation}Response xmlns="{namespace}">',
        *result,
        "  <ResponseMetadata>",
        f"    <RequestId>{request_id}</RequestId>",
        "  </ResponseMetadata>",
        f"</{operation}Response>",
    ]
    return _xml("\n".join(lines) + "\n", 200)


def query_error(fault: Fault, namespace: str, request_id: str) -> HttpResponse:
    """STS's error document, byte for byte."""
    kind = "Receiver" if fault.status >= 500 else "Sender"
    return _xml(
        f'<ErrorResponse xmlns="{namespace}">\n'
        "  <Error>\n"
        f"    <Type>{kind}</Type>\n"
        f"    <Code>{_text(fault.code)}</Code>\n"
        f"    <Message>{_text(fault.message)}</Message>\n"
        "  </Error>\n"
        f"  <RequestId>{request_id}</RequestId>\n"
        "</ErrorResponse>\n",
        fault.status,
    )


def query_fault(error: ServiceError, modelled: Mapping[str, tuple[str, int]]) -> Fault:
    """What a query service calls an error. ``modelled`` maps its shapes to the model's own code and status."""
    if isinstance(error, WireError):
        message = error.query_message if isinstance(error, MissingAuthenticationToken) else error.message
        return Fault(error.query_code or error.code, message, error.query_status, error.members)
    code, status = modelled.get(error.code, (error.code, error.status))
    return Fault(code, error.message, status, error.members)


def undetermined(request: HttpRequest) -> HttpResponse:
    """What AWS answers to a request that names neither service nor operation."""
    if "HTTP_AUTHORIZATION" in request.META:
        name, message = "AccessDeniedException", "Unable to determine service/operation name to be authorized"
    else:
        name, message = "MissingAuthenticationTokenException", "Missing Authentication Token"
    response = _xml(f"<{name}>\n  <Message>{message}</Message>\n</{name}>\n", 403)
    _name_error(response, name, message)
    return response


def preflight(request: HttpRequest, methods: str) -> HttpResponse:
    """The browser's question before a call from another origin: what it asks for is allowed."""
    asked = request.META.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    response = HttpResponse(b"", content_type=JSON_TYPE)
    response["Access-Control-Allow-Headers"] = asked if _HEADER_LIST.fullmatch(asked) else _USUAL_HEADERS
    response["Access-Control-Allow-Methods"] = methods
    response["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return response


def add_authorization_message(response: HttpResponse, error: ServiceError) -> HttpResponse:
    """The sealed reasons of a verdict of policies, where the error has them."""
    message = error.encoded_message if isinstance(error, AccessDenied) else None
    if message is not None:
        response[AUTHORIZATION_MESSAGE_HEADER] = message
    return response


def add_common_headers(response: HttpResponse, request_id: str) -> HttpResponse:
    """Request id, date (clients correct their clock by it) and CORS, on every answer."""
    # Django would log every refusal a second time, without saying what was refused.
    response._has_been_logged = True  # type: ignore[attr-defined]
    response["x-amzn-RequestId"] = request_id
    response["Date"] = http_date(clock.now().timestamp())
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    more = f",{AUTHORIZATION_MESSAGE_HEADER}" if AUTHORIZATION_MESSAGE_HEADER in response else ""
    response["Access-Control-Expose-Headers"] = _EXPOSED + more
    return response


def _name_error(response: HttpResponse, code: str, message: str) -> None:
    response[ERROR_HEADER] = f"{code}:"
    response["x-amzn-ErrorMessage"] = _NOT_IN_HEADERS.sub(" ", message)[:_LONGEST_HEADER].strip()


def _xml(text: str, status: int) -> HttpResponse:
    return HttpResponse(text.encode(), status=status, content_type=XML_TYPE)


def _elements(value: Mapping[str, Any], indent: str) -> list[str]:
    return [line for name, item in value.items() for line in _element(name, item, indent)]


def _element(name: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{indent}<{name}>", *_elements(value, indent + "  "), f"{indent}</{name}>"]
    if isinstance(value, list):
        each = "entry" if isinstance(value, Entries) else "member"
        inner = [line for item in value for line in _element(each, item, indent + "  ")]
        return [f"{indent}<{name}>", *inner, f"{indent}</{name}>"]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return [f"{indent}<{name}>{_text(text)}</{name}>"]


def _text(value: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", value), {"\r": "&#xD;"})
