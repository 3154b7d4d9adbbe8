"""Functions behind a URL: the event's JSON is POSTed, the answer is the function's JSON."""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from identity.core import fetch
from identity.core.invoke import slots
from identity.core.invoke.errors import FunctionError, InvocationFailed, InvocationTimeout, Unrecognizable

log = logging.getLogger("identity.invoke")

MAX_BYTES = 6_291_456  # Lambda's own limit of a synchronous answer
_CODES = {
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    413: "RequestTooLargeException",
    429: "TooManyRequestsException",
}


def call(url: str, sent: str, *, timeout: float, purpose: str) -> Any:
    """POST and read the answer within ``timeout`` seconds. The URL is the operator's own and may be private.

    An answer with the header ``X-Amz-Function-Error`` is a failed function, as at Lambda's Invoke. Raises
    ``FunctionError``, ``InvocationFailed``, ``InvocationTimeout``, ``Unrecognizable``.
    """
    try:
        with slots.held(purpose):
            response = fetch.post_json(
                url, json.loads(sent), timeout=timeout, max_bytes=MAX_BYTES, trusted=True
            )
    except fetch.FetchTimeout as error:
        raise InvocationTimeout from error
    except fetch.FetchError as error:
        log.error("trigger webhook: %s", error)
        raise InvocationFailed("ServiceException") from error
    return _answer(urlsplit(url).hostname or "", response)


def _answer(host: str, response: fetch.Response) -> Any:
    if "x-amz-function-error" in response.headers:
        raise FunctionError(_error_message(response))
    if not response.is_ok:
        log.error("trigger webhook: %s answered with status %d", host, response.status)
        raise InvocationFailed(_CODES.get(response.status, "ServiceException"))
    try:
        return response.json()
    except ValueError as error:
        log.error("trigger webhook: %s answered with something that is not JSON", host)
        raise Unrecognizable("not JSON") from error


def _error_message(response: fetch.Response) -> str:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    message = answer.get("errorMessage") if isinstance(answer, dict) else None
    return message if isinstance(message, str) else response.headers["x-amz-function-error"]
