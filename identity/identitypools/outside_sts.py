"""AssumeRoleWithWebIdentity at a security token service elsewhere: AWS, MinIO, Ceph, or another like this one.

The call is unsigned; the token is all the proof. Source: STS API reference, AssumeRoleWithWebIdentity.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from xml.parsers import expat

from identity.core import fetch, transactions
from identity.core.breaker import Breaker
from identity.core.invoke import slots
from identity.core.invoke.errors import InvocationFailed
from identity.iam.credentials import Credentials
from identity.iam.sts import COGNITO_SESSION

TIMEOUT_SECONDS: Final = 5.0
MAX_BYTES: Final = 65_536
PAUSE_SECONDS: Final = 10.0
"""A service that didn't answer is left alone so long: each try may hold a thread for as long as it may take."""

_PASSING = frozenset({"IDPCommunicationError", "Throttling", "ThrottlingException", "SlowDown"})
"""Refusals that say nothing about the settings: the same call may succeed later."""

_LEAVES = frozenset(
    {
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
        "Arn",
        "AssumedRoleId",
        "Code",
        "Message",
    }
)
_LONGEST_MESSAGE = 300
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")

_lock = threading.Lock()
_breakers: dict[str, Breaker] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``policy`` is a session policy as JSON, or empty."""

    endpoint: str
    role_arn: str
    token: str = field(repr=False)
    duration_seconds: int
    policy: str = ""


class Unreachable(Exception):
    """No answer, or one that says nothing: not the caller's fault nor, for all one knows, of the settings."""


class Refused(Exception):
    """The service said no, or its address may not be asked. The text is fit for the operator, and has no token."""


class Busy(Exception):
    """Too many threads wait for others already."""


def assume(wanted: Wanted) -> Credentials:
    """Credentials as the service gives them. Raises Unreachable, Refused, Busy."""
    transactions.require_none("asking a security token service")
    breaker = _breaker(wanted.endpoint)
    if breaker.is_open:
        raise Unreachable("did not answer just now, and is left alone for a moment")
    try:
        with slots.held("brokers"):
            response = fetch.post_form(
                wanted.endpoint, _form(wanted), timeout=TIMEOUT_SECONDS, max_bytes=MAX_BYTES
            )
    except InvocationFailed as error:
        raise Busy from error
    except fetch.FetchRefused as error:
        raise Refused(str(error)) from error
    except fetch.FetchError as error:
        breaker.trip()
        raise Unreachable(str(error)) from error
    return _answer(response, wanted)


def forget_faults(endpoint: str) -> None:
    """Ask the service again at once, although it didn't answer just now."""
    _breaker(endpoint).reset()


def _breaker(endpoint: str) -> Breaker:
    with _lock:
        return _breakers.setdefault(endpoint, Breaker(PAUSE_SECONDS))


def _form(wanted: Wanted) -> dict[str, str]:
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": wanted.role_arn,
        "RoleSessionName": COGNITO_SESSION,
        "WebIdentityToken": wanted.token,
        "DurationSeconds": str(wanted.duration_seconds),
    }
    return form | ({"Policy": wanted.policy} if wanted.policy else {})


def _answer(response: fetch.Response, wanted: Wanted) -> Credentials:
    if response.status >= 500:
        raise Unreachable(f"answered with status {response.status}")
    found = _leaves(response.body)
    if not response.is_ok:
        code = _printable(found.get("Code", ""), wanted) or f"status {response.status}"
        text = f"{code}: {_printable(found.get('Message', ''), wanted)}".rstrip(": ")
        raise Unreachable(text) if code in _PASSING or response.status == 429 else Refused(text)
    return _credentials(found)


def _printable(text: str, wanted: Wanted) -> str:
    """Somebody else's words, for a log: short, on one line, and without the token, which some services repeat."""
    return _UNPRINTABLE.sub(" ", text).replace(wanted.token, "…")[:_LONGEST_MESSAGE]


def _credentials(found: Mapping[str, str]) -> Credentials:
    try:
        return Credentials(
            access_key_id=found["AccessKeyId"],
            secret_access_key=found["SecretAccessKey"],
            session_token=found["SessionToken"],
            expiration=_moment(found["Expiration"]),
            arn=found.get("Arn", ""),
            assumed_role_id=found.get("AssumedRoleId", ""),
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise Unreachable("answered with something else than credentials") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


class _Doctype(Exception):
    pass


def _leaves(body: bytes) -> dict[str, str]:
    """The first text of each element that is of interest, whatever its namespace; nothing where it is no XML.

    A document type is refused: entities are all that it could bring.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.read
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(body, True)
    except (
        expat.ExpatError,
        _Doctype,
        ValueError,
        LookupError,
    ):  # the last two: an encoding that isn't known
        return {}
    return reader.found


class _Reader:
    """Collects leaves; ``Any`` is expat's."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._text: list[str] = []

    def refuse_doctype(self, *_: Any) -> None:
        raise _Doctype

    def start(self, name: str, _: Any) -> None:
        self._text = []

    def read(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        local, text = name.rpartition(" ")[2], "".join(self._text).strip()
        if local in _LEAVES and text:
            self.found.setdefault(local, text)
        self._text = []
