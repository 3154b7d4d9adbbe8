"""``identity.kit.parsers``: what can't be read is refused, never a fault of the API's."""

from typing import Any

import pytest
from django.test import Client


def post(body: bytes) -> Any:
    return Client().generic("POST", "/body", body, "application/json")


def test_json_is_read() -> None:
    assert post('{"a": ["é"]}'.encode()).json() == {"read": {"a": ["é"]}}
    assert post(b"[" * 50 + b"]" * 50).status_code == 200


@pytest.mark.parametrize(
    "body", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"{", b"\xff", b"9" * 5_000, b"NaN"]
)
def test_what_can_not_be_read_is_a_bad_request(body: bytes) -> None:
    answered = post(body)

    assert answered.status_code == 400
    assert answered.json()["detail"].startswith("JSON parse error")
