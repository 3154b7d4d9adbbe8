"""The real AWS SDK, answered in process: boto3 signs, parses and raises; Django's test client is the wire.

An exception that the server would answer by a 500 is raised here, with its own traceback.
"""

import io
import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from django.http import HttpResponse
from django.test import Client

from identity.wire import responses

ENDPOINT = "http://testserver/"
REGION = "us-east-1"

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


def answer_in_process(made: Any, http: Client) -> None:
    """Let the test client answer what a boto3 client would send."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        response = send(http, request)
        return AWSResponse(
            request.url, response.status_code, _Headers(response.headers), _Raw(response.content)
        )

    made.meta.events.register_first("before-send.*", answer)


def send(http: Client, request: AWSPreparedRequest) -> HttpResponse:
    """One prepared request of the SDK through Django's test client: same path, query, headers and body."""
    url = urlsplit(request.url)
    headers = {name: _text(value) for name, value in request.headers.items()}
    content_type = headers.pop("Content-Type", "")
    meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    meta.pop("HTTP_CONTENT_LENGTH", None)
    meta.setdefault("HTTP_HOST", url.netloc)
    body = request.body or b""
    return http.generic(
        request.method,
        f"{url.path or '/'}{'?' + url.query if url.query else ''}",
        body if isinstance(body, bytes) else str(body).encode(),
        content_type,
        secure=url.scheme == "https",
        **meta,
    )


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


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Headers(dict[str, str]):
    """Case-insensitive, as the SDK's parsers expect of HTTP headers."""

    def __init__(self, headers: Any) -> None:
        super().__init__({name.lower(): value for name, value in headers.items()})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


class _Raw(io.BytesIO):
    """What urllib3 would give for a body."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.getvalue()


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
