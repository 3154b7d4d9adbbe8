"""The real AWS SDK, answered in process, by the kit's own client; and what the SDK would never send.

An exception that the server would answer by a 500 is raised here, with its own traceback.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.http import HttpResponse
from django.test import Client

from identity.kit.testing.in_process import ENDPOINT, REGION, answer_in_process, client, send, sign_and_send
from identity.wire import responses

__all__ = [
    "ENDPOINT",
    "REGION",
    "answer_in_process",
    "call_raw",
    "call_signed",
    "client",
    "refusal",
    "send",
    "sign_and_send",
]

# A member that the model doesn't know is our bug: in tests it raises instead of being left out.
responses.strict = True


def call_raw(target: str, body: Any = None, *, http: Client | None = None, **meta: Any) -> HttpResponse:
    """A JSON 1.1 call without the SDK: ``target`` is the whole ``X-Amz-Target``, ``body`` bytes, text or JSON."""
    if body is None:
        body = {}
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    return (http or Client()).generic(
        "POST", "/", body, "application/x-amz-json-1.1", HTTP_X_AMZ_TARGET=target, **meta
    )


def call_signed(
    service_name: str, target: str, body: Any, key: tuple[str, str], *, http: Client | None = None
) -> HttpResponse:
    """As ``call_raw``, signed by the SDK's own signer: for bodies that the SDK would never send."""
    given = body if isinstance(body, bytes | str) else json.dumps(body)
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    return sign_and_send("POST", ENDPOINT, headers, given, key, service=service_name, http=http)


def refusal(call: Callable[..., Any], *args: Any, **given: Any) -> tuple[str, str]:
    """The code and the message by which a call of an SDK client is refused."""
    with pytest.raises(ClientError) as caught:
        call(*args, **given)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
