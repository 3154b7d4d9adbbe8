"""The only outgoing HTTP: guarded against being sent where a stranger wants it.

A name is resolved once, the address checked and then connected to, so that a second answer of the name server
changes nothing; Host, SNI and the certificate stay those of the name. Size and total time are limited, however
slowly the other side drips. No proxies of the environment, no cookies, no compression.
"""

import http.client
import ipaddress
import json
import os
import socket
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from identity.core.conf import settings

MAX_BYTES = 1_000_000
TIMEOUT_SECONDS = 5.0

_CHUNK = 65_536
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_STAYS_AT_HOME = frozenset({"authorization", "cookie"})


class FetchError(Exception):
    """No answer was got. Its text names the host and the fault, never the path, query or body."""


class FetchRefused(FetchError):
    """Not an address that may be fetched."""


class FetchFailed(FetchError):
    """The other side did not answer as it should."""


class FetchTimeout(FetchFailed):
    """Not within the time."""


@dataclass(frozen=True, slots=True)
class Response:
    """Whatever status came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON. Raises ``ValueError``."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
    max_bytes: int = MAX_BYTES,
    redirects: int = 0,
    trusted: bool = False,
) -> Response:
    """GET ``url`` within ``timeout`` seconds in all, following at most ``redirects``, each checked anew.

    With ``redirects`` 0 a redirect is an answer like any other. ``trusted`` is for addresses that the operator
    set himself: they may be private, and where a redirect stays at them, so may its target. Raises ``FetchRefused``, ``FetchFailed`` (``FetchTimeout``).
    """
    deadline = time.monotonic() + timeout
    sent = dict(headers or {})
    for _ in range(redirects + 1):
        response = _request("GET", url, sent, None, deadline, max_bytes, trusted)
        if not redirects or response.status not in _REDIRECTS or "location" not in response.headers:
            return response
        url, sent, trusted = _next_hop(url, response.headers["location"], sent, trusted)
    raise FetchFailed(f"{_name(url)}: too many redirects")


def post_json(
    url: str,
    body: Any,
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
    max_bytes: int = MAX_BYTES,
    trusted: bool = False,
) -> Response:
    """POST ``body`` as JSON; redirects are not followed. Otherwise as ``get``."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    raw = json.dumps(body, separators=(",", ":")).encode()
    return post(url, raw, headers=sent, timeout=timeout, max_bytes=max_bytes, trusted=trusted)


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    timeout: float = TIMEOUT_SECONDS,
    max_bytes: int = MAX_BYTES,
    trusted: bool = False,
) -> Response:
    """POST these bytes, for bodies that are signed; redirects are not followed. Otherwise as ``get``."""
    return _request("POST", url, headers, body, time.monotonic() + timeout, max_bytes, trusted)


def post_form(
    url: str,
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
    max_bytes: int = MAX_BYTES,
    trusted: bool = False,
) -> Response:
    """POST ``form`` as a browser's form; redirects are not followed. Otherwise as ``get``."""
    sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    raw = urlencode(form, quote_via=quote).encode()  # a space as %20: not everybody reads + as one
    return _request("POST", url, sent, raw, time.monotonic() + timeout, max_bytes, trusted)


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the address is on the public internet, also where an IPv4 one hides inside an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        translated = address.ipv4_mapped
        if address in _NAT64:
            translated = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if translated is not None:
            return is_public(translated)
        if address.sixtofour is not None and not is_public(address.sixtofour):
            return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special


def _next_hop(
    url: str, location: str, headers: dict[str, str], trusted: bool
) -> tuple[str, dict[str, str], bool]:
    """Where to, and with what: neither credentials nor trust go along to another origin."""
    try:
        target = urljoin(url, location)
        old, new = urlsplit(url), urlsplit(target)
    except ValueError as error:
        raise FetchFailed(f"{_name(url)}: redirected to what is no address") from error
    if old.scheme == "https" and new.scheme != "https":
        raise FetchRefused(f"{_name(target)}: redirected away from https")
    if (old.scheme, old.netloc) != (new.scheme, new.netloc):
        headers = {name: value for name, value in headers.items() if name.lower() not in _STAYS_AT_HOME}
        trusted = False
    return target, headers, trusted


def _request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    deadline: float,
    max_bytes: int,
    trusted: bool,
) -> Response:
    parts = _split(url)
    connection = _Connection(parts, _resolve(parts, deadline, trusted), deadline)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, {"Accept-Encoding": "identity", **headers})
        answer = connection.getresponse()
        raw = _read(answer, max_bytes, _name(url))
        return Response(answer.status, {k.lower(): v for k, v in answer.getheaders()}, raw, url)
    except TimeoutError as error:
        raise FetchTimeout(f"{_name(url)}: no answer in time") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchFailed(f"{_name(url)}: {type(error).__name__}") from error
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, max_bytes: int, name: str) -> bytes:
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise FetchFailed(f"{name}: answered compressed although not asked to")
    raw = b""
    while chunk := answer.read1(_CHUNK):
        raw += chunk
        if len(raw) > max_bytes:
            raise FetchFailed(f"{name}: answered more than {max_bytes} bytes")
    if answer.length:  # what Content-Length promised and did not come
        raise FetchFailed(f"{name}: answer cut short")
    return raw


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in _PORTS and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise FetchRefused("not an address") from error
    if not is_good:
        raise FetchRefused("only http and https addresses are fetched")
    if parts.username is not None or parts.password is not None:
        raise FetchRefused(f"{_name(url)}: names and passwords in addresses are refused")
    return parts


def _name(url: str) -> str:
    return urlsplit(url).hostname or "?"


def _resolve(parts: SplitResult, deadline: float, trusted: bool) -> list[str]:
    """The addresses of the name that may be connected to."""
    host = parts.hostname or ""
    addresses = _addresses(host, parts.port or _PORTS[parts.scheme], deadline)
    allowed = settings().fetch_private
    if trusted or host in allowed:
        return addresses
    permitted = [text for text in addresses if text in allowed or _is_public_text(text)]
    if not permitted:
        raise FetchRefused(
            f'{host}: not a public address; IDENTITY["FETCH_PRIVATE"] lists the private ones to be fetched'
        )
    return permitted


def _is_public_text(address: str) -> bool:
    return is_public(ipaddress.ip_address(address.partition("%")[0]))


def _addresses(host: str, port: int, deadline: float) -> list[str]:
    # The system's resolver takes no time limit: it is asked in a thread that may be left waiting.
    question = _resolver(os.getpid()).submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        answers = question.result(timeout=max(0.0, deadline - time.monotonic()))
    except TimeoutError as error:
        question.cancel()
        raise FetchTimeout(f"{host}: name not resolved in time") from error
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"{host}: name not resolved") from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


@cache
def _resolver(_pid: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="fetch-resolver")


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.sslsocket_class = _TlsSocket
    return context


def _remaining(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("out of time")
    return left


class _Socket(socket.socket):
    """A socket whose every read waits no longer than until the deadline of the whole request."""

    deadline = 0.0

    def recv_into(self, *args: Any, **options: Any) -> int:
        self.settimeout(_remaining(self.deadline))
        return super().recv_into(*args, **options)


class _TlsSocket(ssl.SSLSocket):
    deadline = 0.0

    def recv_into(self, *args: Any, **options: Any) -> int:
        if self.deadline:
            self.settimeout(_remaining(self.deadline))
        return super().recv_into(*args, **options)


class _Connection(http.client.HTTPConnection):
    """HTTP to fixed addresses in the name of another."""

    def __init__(self, parts: SplitResult, addresses: list[str], deadline: float) -> None:
        self.default_port = _PORTS[parts.scheme]
        super().__init__(parts.hostname or "", parts.port or self.default_port)
        self._is_tls = parts.scheme == "https"
        self._addresses = addresses
        self._deadline = deadline

    def connect(self) -> None:
        plain = self._connect_to_any()
        self.sock = plain
        plain.settimeout(_remaining(self._deadline))  # for the handshake or the sending
        if self._is_tls:
            wrapped = _tls().wrap_socket(plain, server_hostname=self.host)
            assert isinstance(wrapped, _TlsSocket)
            wrapped.deadline = self._deadline
            wrapped.settimeout(_remaining(self._deadline))
            self.sock = wrapped

    def _connect_to_any(self) -> "_Socket":
        """The first address that answers: a name may have an IPv6 address where only IPv4 is served."""
        fault: OSError = OSError("no address")
        for tried, address in enumerate(self._addresses):
            share = _remaining(self._deadline) / (len(self._addresses) - tried)
            plain = _Socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            plain.deadline = self._deadline
            plain.settimeout(share)
            try:
                plain.connect((address, self.port))
            except OSError as error:
                plain.close()
                fault = error
            else:
                return plain
        raise fault
