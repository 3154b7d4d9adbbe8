"""The real AWS SDK, answered in process: boto3 signs, parses and raises; Django's test client is the wire.

An exception that the server would answer by a 500 is raised here, with its own traceback.
"""

import json
from functools import cache
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from django.http import HttpResponse
from django.test import Client

from identity.kit.testing.in_process import ENDPOINT, REGION, answer_in_process, send
from identity.wire import responses

__all__ = [
    "ENDPOINT",
    "REGION",
    "answer_in_process",
    "call_raw",
    "call_signed",
    "client",
    "send",
    "sign_and_send",
]

# A member that the model doesn't know is our bug: in tests it raises instead of being left out.
responses.strict = True


def client(
    service_name: str,
    *,
    access_key: str | None = None,
    secret: str | None = None,
    token: str | None = None,
    http: Client | None = None,
    region: str = REGION,
    endpoint: str = ENDPOINT,
    checked: bool = True,
) -> Any:
    """A boto3 client whose requests are answered by Django's test client.

    Without keys only the unsigned operations can be called. ``checked=False`` turns the SDK's own validation of
    parameters off, so that the server's is met.
    """
    made = _session().client(
        service_name,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        region_name=region,
        endpoint_url=endpoint,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=checked),
    )
    answer_in_process(made, http or Client())
    return made


def call_raw(target: str, body: Any = None, *, http: Client | None = None, **meta: Any) -> HttpResponse:
    """A JSON 1.1 call without the SDK: ``target`` is the whole ``X-Amz-Target``, ``body`` bytes, text or JSON."""
    if body is None:
        body = {}
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    return (http or Client()).generic(
        "POST", "/", body, "application/x-amz-json-1.1", HTTP_X_AMZ_TARGET=target, **meta
    )


@cache
def _session() -> Any:
    session = boto3.Session()
    # Neither the environment's keys nor a metadata service: a client has the keys that the test gives it.
    session._session.get_component("credential_provider").providers.clear()
    return session


def call_signed(
    service_name: str, target: str, body: Any, key: tuple[str, str], *, http: Client | None = None
) -> HttpResponse:
    """As ``call_raw``, signed by the SDK's own signer: for bodies that the SDK would never send."""
    given = body if isinstance(body, bytes | str) else json.dumps(body)
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    return sign_and_send(service_name, headers, given, key, http=http)


def sign_and_send(
    service_name: str,
    headers: dict[str, str],
    body: bytes | str,
    key: tuple[str, str],
    *,
    http: Client | None = None,
) -> HttpResponse:
    """POST anything to the endpoint with a good signature of ``key`` (id, secret)."""
    request = AWSRequest("POST", ENDPOINT, headers, body)
    SigV4Auth(Credentials(*key), service_name, REGION).add_auth(request)
    return send(http or Client(), request.prepare())
