"""The user pool API of an issuer in another process, for operations that nobody signs."""

import json
from collections.abc import Mapping
from typing import Any

from identity.core import fetch
from identity.wire.rendering import JSON_TYPE


def address_of(issuer_url: str) -> str:
    """``https://id.example.com/us-east-1_Abc`` is a pool of the API at ``https://id.example.com/``; so it is at AWS."""
    return issuer_url.rstrip("/").rpartition("/")[0] + "/"


def call(address: str, operation: str, body: Mapping[str, Any], *, trusted: bool = False) -> fetch.Response:
    """Whatever the API answers. Raises as ``fetch.post`` does, which says what ``trusted`` means."""
    headers = {"Content-Type": JSON_TYPE, "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
    return fetch.post(address, json.dumps(body).encode(), headers=headers, trusted=trusted)
