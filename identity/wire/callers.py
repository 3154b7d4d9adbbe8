"""Who calls and what they may do: asked through one small protocol, so that ``identity.iam`` is one answer of two."""

import hmac
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.http import HttpRequest
from django.utils.module_loading import import_string

from identity.core import clock, conf
from identity.wire import origin, sigv4
from identity.wire.errors import AccessDenied, ExpiredKey, UnknownKey

__all__ = [
    "AccessDenied",
    "Authenticated",
    "Caller",
    "Callers",
    "ExpiredKey",
    "Key",
    "Proof",
    "SettingsCallers",
    "UnknownKey",
    "authenticate",
    "authenticate_signature",
    "authenticate_signed",
    "current",
    "denied",
    "request_context",
]

WINDOW_MINUTES = 5
"""How far a signature's time may be off, either way; STS allows three times as much. Source: AWS General Reference."""

_LONGEST_KEY_ID = 128


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated principal. ``context`` holds condition keys that come with the credentials
    (``aws:userid``, ``aws:PrincipalTag/…``); ``grants`` is whatever the implementation that made it needs to decide.
    """

    arn: str
    user_id: str
    account_id: str
    principal_type: str
    access_key_id: str
    context: Mapping[str, Any] = field(default_factory=dict)
    grants: object | None = field(default=None, repr=False)

    @property
    def is_authenticated(self) -> bool:
        """What Django and DRF ask of ``request.user``."""
        return True


@dataclass(frozen=True, slots=True)
class Key:
    """The secret that a signature is checked with, and who holds it.

    As bytes it is the key derived for the scope of the request that was asked about, which is all that a server
    other than the key's own may have.
    """

    secret: str | bytes = field(repr=False)
    caller: Caller


@dataclass(frozen=True, slots=True)
class Proof:
    """A signed request, for implementations that have to show another server that the key was really used."""

    request: sigv4.SignedRequest
    signature: sigv4.Signature


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A caller whose signature is right, and the region that they signed for."""

    caller: Caller
    region: str


class Callers(Protocol):
    """What the wire layer asks. Implementations are stateless and shared between threads."""

    def find_key(
        self, access_key_id: str, session_token: str | None, now: datetime, proof: Proof | None = None
    ) -> Key:
        """Raises UnknownKey for an unknown id or a token that doesn't fit it, ExpiredKey past its end.

        ``proof`` is the request that the key is looked up for.
        """
        ...

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Any]) -> None:
        """Raises AccessDenied with IAM's exact sentence. ``context`` holds the request's condition keys."""
        ...


class SettingsCallers:
    """One administrator's key from the settings, for sites without ``identity.iam``: everything is allowed to it."""

    def find_key(
        self, access_key_id: str, session_token: str | None, now: datetime, proof: Proof | None = None
    ) -> Key:
        settings = conf.settings()
        known, secret = settings.admin_access_key_id, settings.admin_secret_access_key
        is_known = hmac.compare_digest(known.encode(), access_key_id.encode())
        # Without both settings nobody has a key: an empty secret could be signed with by anyone.
        if not (known and secret and is_known) or session_token is not None:
            raise UnknownKey
        account = settings.account_id
        caller = Caller(f"arn:aws:iam::{account}:root", account, account, "Account", access_key_id)
        return Key(secret, caller)

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Any]) -> None:
        """The only caller is the administrator."""


def current() -> Callers:
    """The implementation that ``IDENTITY["CALLERS"]`` names."""
    return _load(conf.settings().callers)


def denied(
    caller: Caller, action: str, resource: str, ending: str = "", *, encode: Callable[[], str] | None = None
) -> AccessDenied:
    """The error that IAM answers. ``encode`` makes the sealed message of a verdict of policies.

    Source: IAM user guide, "Access denied error messages".
    """
    sentence = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {ending}"
    return AccessDenied(sentence.rstrip(), encode=encode)


def authenticate(
    http_request: HttpRequest, *, service: str | Sequence[str], regions: Collection[str] | None = None
) -> Caller:
    """Who signed the request. ``service`` is the name that must stand in the scope, or several of which one must, where a
    refusal tells of the first; ``regions`` are the site's by default.

    Raises an ``errors.AuthenticationError``: missing, incomplete, stale or wrong signature, unknown or expired key.
    """
    return authenticate_signature(http_request, service=service, regions=regions).caller


def authenticate_signature(
    http_request: HttpRequest, *, service: str | Sequence[str], regions: Collection[str] | None = None
) -> Authenticated:
    """As ``authenticate``, with the region of the scope."""
    return authenticate_signed(signed_request(http_request), service=service, regions=regions)


def authenticate_signed(
    request: sigv4.SignedRequest, *, service: str | Sequence[str], regions: Collection[str] | None = None
) -> Authenticated:
    """As ``authenticate_signature``, of a request that did not come as HTTP of its own: one told in a WebSocket.

    ``regions`` None: those of ``IDENTITY["REGIONS"]``, or any where it lists none.

    Source: the order of refusals is AWS's: form, time, scope, signed headers, key, token, signature.
    """
    signature = sigv4.parse(request)
    expected = _expected_service(service, signature)
    is_sts = expected == "sts"
    now = clock.now()
    sigv4.check_window(signature, now, 3 * WINDOW_MINUTES if is_sts else WINDOW_MINUTES)
    served = conf.settings().regions or None if regions is None else regions
    sigv4.check_scope(signature, service=expected, regions=served)
    sigv4.check_signed_headers(signature, request.headers)
    key = _find_key(Proof(request, signature), now)
    sigv4.check_signature(request, signature, key.secret, explain=not is_sts)
    return Authenticated(key.caller, signature.region)


def _expected_service(service: str | Sequence[str], signature: sigv4.Signature) -> str:
    names = (service,) if isinstance(service, str) else service
    return signature.service if signature.service in names else names[0]


def signed_request(http_request: HttpRequest) -> sigv4.SignedRequest:
    """The request as the client signed it.

    WSGI hands on a decoded path: encoding it again in the ways that clients have gives what they sent. Header bytes
    come as Latin-1 and are read as UTF-8, as clients sign them.
    """
    path, *also_spelt = sigv4.spellings(http_request.path)
    return sigv4.SignedRequest(
        method=http_request.method or "",
        path=path,
        query=http_request.META.get("QUERY_STRING", ""),
        headers=dict(_headers(http_request.META)),
        body=http_request.body,
        also_spelt=tuple(also_spelt),
    )


def _headers(meta: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """From WSGI's own names: Django's ``headers`` makes the readable ones first, at a tenth of the whole check's cost."""
    for name, value in meta.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-").lower(), _as_signed(value)
        elif name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            yield name.replace("_", "-").lower(), _as_signed(value)


def request_context(http_request: HttpRequest, *, region: str, now: datetime) -> dict[str, str]:
    """The condition keys that every request brings."""
    return origin.condition_keys(origin.of(http_request), region=region, now=now)


def _find_key(proof: Proof, now: datetime) -> Key:
    """Look the key up; what can't be an id or a token (a query may hold any bytes) never reaches the database."""
    key_id, token = proof.signature.access_key_id, proof.signature.token
    is_plausible = key_id.isascii() and key_id.isprintable() and 0 < len(key_id) <= _LONGEST_KEY_ID
    if not is_plausible or (token is not None and not (token.isascii() and token.isprintable())):
        raise UnknownKey(why="malformed access key id or session token")
    return current().find_key(key_id, token or None, now, proof)


def _as_signed(value: str) -> str:
    if value.isascii():
        return value
    return value.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


@cache
def _load(path: str) -> Callers:
    callers: Callers = import_string(path)()
    return callers
