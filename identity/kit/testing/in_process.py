"""The real AWS SDK, answered in process: botocore signs, parses and raises; Django's test client is the wire."""

import io
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from django.http import HttpResponse
from django.test import Client

ENDPOINT = "http://testserver/"
REGION = "us-east-1"


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
    """An SDK client whose requests are answered by Django's test client; boto3's clients are the same ones.

    Without keys only the unsigned operations can be called. ``checked=False`` turns the SDK's own validation of
    parameters off, so that the server's is met.
    """
    made = _session().create_client(
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
    """Let the test client answer what an SDK client would send."""

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
    meta: dict[str, Any] = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()
    }
    meta.pop("HTTP_CONTENT_LENGTH", None)
    meta.setdefault("HTTP_HOST", url.netloc)
    body = request.body or b""
    answered: HttpResponse = http.generic(  # type: ignore[assignment]  # a response with the client's notes on it
        request.method,
        f"{url.path or '/'}{'?' + url.query if url.query else ''}",
        body if isinstance(body, bytes) else str(body).encode(),
        content_type,
        secure=url.scheme == "https",
        **meta,
    )
    return answered


def sign_and_send(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes | str,
    key: tuple[str, ...],
    *,
    service: str,
    region: str = REGION,
    http: Client | None = None,
) -> HttpResponse:
    """Any request with a good signature of ``key`` (id, secret and, where it has one, session token)."""
    request = AWSRequest(method, url, headers, body)
    SigV4Auth(Credentials(*key), service, region).add_auth(request)
    return send(http or Client(), request.prepare())


@cache
def _session() -> Any:
    session = botocore.session.get_session()
    # Neither the environment's keys nor a metadata service: a client has the keys that the test gives it.
    session.get_component("credential_provider").providers.clear()
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
