"""``CALLS_PER_SECOND``: every call of an address counts, whatever becomes of it, and each protocol says so in its words."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from tests.aws import call_raw
from tests.wire.test_restjson import PATH

IDP = "AWSCognitoIdentityProviderService."
FORM = "application/x-www-form-urlencoded"
MOST = 10

Send = Callable[[], Any]


def query(**fields: str) -> Any:
    return Client().post("/", urlencode(fields), FORM)


JSON_CALLS: dict[str, Send] = {
    "answered": lambda: call_raw(IDP + "InitiateAuth", {"AuthFlow": "USER_AUTH", "ClientId": "abc"}),
    "of no operation": lambda: call_raw("Nothing.AtAll", {}),
    "not built": lambda: call_raw(IDP + "CreateUserPool", {}),
    "without a signature": lambda: call_raw(IDP + "ListUserPools", {"MaxResults": 1}),
    "with a bad input": lambda: call_raw(IDP + "InitiateAuth", {"AuthFlow": 3}),
    "that is no JSON": lambda: Client().post(
        "/", b"{", "application/x-amz-json-1.1", headers={"x-amz-target": IDP + "InitiateAuth"}
    ),
}
QUERY_CALLS: dict[str, Send] = {
    "of no action": lambda: query(Action="Nothing"),
    "without a signature": lambda: query(Action="GetCallerIdentity", Version="2011-06-15"),
    "that is no text": lambda: Client().post("/", b"Action=%ff", FORM),
    "by GET": lambda: Client().get("/?Action=GetCallerIdentity&Version=2011-06-15"),
}
REST_CALLS: dict[str, Send] = {
    "without a signature": lambda: Client().get(PATH + "/records"),
    "of no operation": lambda: Client().put(PATH + "/records"),
}


@pytest.fixture(autouse=True)
def limited(settings: Any) -> Any:
    settings.IDENTITY = {**settings.IDENTITY, "CALLS_PER_SECOND": 1}
    with time_machine.travel("2026-01-01T00:00:05Z", tick=False):
        yield


def refused(send: Send) -> Any:
    """The answer to the first call beyond the limit; those before it got their own."""
    before = [send().content for _ in range(MOST)]
    answer = send()
    assert not any(b"Rate exceeded" in content for content in before)
    return answer


@pytest.mark.parametrize("send", JSON_CALLS.values(), ids=JSON_CALLS)
def test_json_calls(send: Send) -> None:
    answer = refused(send)

    assert answer.status_code == 400
    assert answer["x-amzn-errortype"] == "TooManyRequestsException:"
    assert json.loads(answer.content) == {"__type": "TooManyRequestsException", "message": "Rate exceeded"}


@pytest.mark.parametrize("send", QUERY_CALLS.values(), ids=QUERY_CALLS)
def test_query_calls(send: Send) -> None:
    answer = refused(send)

    assert answer.status_code == 400
    assert b"<Code>Throttling</Code>\n    <Message>Rate exceeded</Message>" in answer.content


@pytest.mark.parametrize("send", REST_CALLS.values(), ids=REST_CALLS)
def test_rest_calls(send: Send) -> None:
    answer = refused(send)

    assert answer.status_code == 400
    assert answer["x-amzn-errortype"] == "TooManyRequestsException:"
    assert json.loads(answer.content) == {"message": "Rate exceeded"}


def test_the_protocols_count_together_and_addresses_apart() -> None:
    for _ in range(MOST):
        query(Action="Nothing")

    again = call_raw("Nothing.AtAll", {})
    elsewhere = call_raw("Nothing.AtAll", {}, REMOTE_ADDR="192.0.2.77")

    assert again["x-amzn-errortype"] == "TooManyRequestsException:"
    assert elsewhere["x-amzn-errortype"] == "UnknownOperationException:"
