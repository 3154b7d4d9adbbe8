"""A function of the operator's decides by a token of its own kind. Source: AppSync developer guide, "AWS_LAMBDA"."""

import hashlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from identity.core import clock, conf, ids, invoke
from identity.core.errors import ServiceError
from identity.kit.graphql.api import Api
from identity.kit.graphql.errors import Refused, Unavailable
from identity.kit.graphql.modes import LONGEST_TTL_SECONDS, AuthType, LambdaAuthorizer
from identity.kit.graphql.presented import Presented
from identity.kit.graphql.principal import Principal
from identity.wire import content

log = logging.getLogger("identity.kit")

TIMEOUT_SECONDS = 10.0
MOST_KEPT = 4096
MOST_REFUSALS_KEPT = 512
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "x-amz-security-token", "cookie"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a function said of a token, and how long that counts."""

    is_authorized: bool
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    denied: frozenset[str] = frozenset()
    until: datetime | None = None


class _Kept:
    """Verdicts of this process: by a digest, so that no token stays in memory, and never more than some: of more, those
    that were asked for longest ago go."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._verdicts: OrderedDict[str, Verdict] = OrderedDict()

    def get(self, name: str) -> Verdict | None:
        with self._lock:
            verdict = self._verdicts.get(name)
            if verdict is None or verdict.until is None or verdict.until <= clock.now():
                return None
            self._verdicts.move_to_end(name)
            return verdict

    def put(self, name: str, verdict: Verdict) -> None:
        with self._lock:
            self._verdicts[name] = verdict
            self._verdicts.move_to_end(name)
            while len(self._verdicts) > self._most:
                self._verdicts.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._verdicts.clear()


_allowed = _Kept(MOST_KEPT)
_refused = _Kept(MOST_REFUSALS_KEPT)
"""Apart, so that whoever invents tokens pushes out nobody who is let in."""


def forget() -> None:
    """Drop all verdicts, as a new process does."""
    _allowed.clear()
    _refused.clear()


def check(api: Api, mode: LambdaAuthorizer, token: str, presented: Presented) -> Principal:
    """Raises Refused where the function says no, or nothing that can be understood; Unavailable where it says nothing."""
    if mode.token_pattern and not re.fullmatch(mode.token_pattern, token):
        raise Refused(why="the token's form is not the API's")
    name = _name(api, mode, token)
    verdict = _allowed.get(name) or _refused.get(name)
    if verdict is None:
        verdict = _ask(api, mode, token, presented)
        if verdict.until is not None:
            (_allowed if verdict.is_authorized else _refused).put(name, verdict)
    if not verdict.is_authorized:
        raise Refused(why="the function refused the token")
    return Principal(AuthType.LAMBDA, {"resolverContext": dict(verdict.context)}, denied=verdict.denied)


def _name(api: Api, mode: LambdaAuthorizer, token: str) -> str:
    whole = f"{api.id}\0{mode.function}\0{token}"
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def _ask(api: Api, mode: LambdaAuthorizer, token: str, presented: Presented) -> Verdict:
    try:
        answer = invoke.ask(mode.function, _event(api, token, presented), timeout=TIMEOUT_SECONDS)
    except invoke.InvokeError as error:
        raise Unavailable("The authorizer did not answer.", why=f"{type(error).__name__} {error}") from error
    try:
        return _verdict(api, mode, answer)
    except ValueError as error:
        log.error("%s: the authorizer's answer can't be used: %s", api.id, error)
        raise Refused(why="the function's answer can't be used") from error


def _event(api: Api, token: str, presented: Presented) -> dict[str, Any]:
    asked = _asked(presented.signed.body)
    return {
        "authorizationToken": token,
        "requestContext": {
            "apiId": api.id,
            "accountId": conf.settings().account_id,
            "requestId": ids.uuid(),
            "queryString": asked.get("query") or "",
            "operationName": asked.get("operationName"),
            "variables": asked.get("variables") or {},
        },
        "requestHeaders": {
            name: value for name, value in presented.headers.items() if name not in _SECRET_HEADERS
        },
    }


def _asked(body: bytes) -> Mapping[str, Any]:
    """The function is told what was asked; what can't be read is refused later, by whoever has to read it."""
    try:
        asked = content.read_json(body)
    except ServiceError:
        return {}
    return asked if isinstance(asked, dict) else {}


def _verdict(api: Api, mode: LambdaAuthorizer, answer: Any) -> Verdict:
    """Raises ValueError for an answer that doesn't say what it must."""
    if not isinstance(answer, dict) or not isinstance(answer.get("isAuthorized"), bool):
        raise ValueError("isAuthorized is missing")
    context = answer.get("resolverContext") or {}
    if not isinstance(context, dict) or any(isinstance(value, dict | list) for value in context.values()):
        raise ValueError("resolverContext is no flat object")
    denied = answer.get("deniedFields") or []
    if not isinstance(denied, list) or not all(isinstance(name, str) for name in denied):
        raise ValueError("deniedFields is no list of names")
    ttl = answer.get("ttlOverride", mode.ttl_seconds)
    if isinstance(ttl, bool) or not isinstance(ttl, int) or ttl < 0:
        raise ValueError("ttlOverride is no number of seconds")
    until = clock.now() + timedelta(seconds=min(ttl, LONGEST_TTL_SECONDS)) if ttl else None
    fields = frozenset(_field_name(api, name) for name in denied)
    return Verdict(answer["isAuthorized"], context, fields, until)


def _field_name(api: Api, name: str) -> str:
    """``Type.field``, also of an ARN. Raises ValueError for an ARN of something else: it would deny nothing."""
    if not name.startswith("arn:"):
        return name
    found = re.fullmatch(rf"arn:[^/]*:apis/{re.escape(api.id)}/types/(\w+)/fields/(\w+)", name)
    if found is None:
        raise ValueError("deniedFields names a field of another API")
    return f"{found[1]}.{found[2]}"
