"""Checking signatures against a portal on another machine.

The portal gives the key derived for one day, region and service, never the secret, and only where the API shows a
signature made with it. Signatures and policies are then checked here. What the portal said counts for a second.
"""

import base64
import binascii
import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from identity.core import clock, fetch
from identity.core import conf as core_conf
from identity.core.breaker import Breaker
from identity.iam import policy
from identity.kit import conf
from identity.kit.conf import PortalSettings
from identity.kit.recent import Recent
from identity.wire import sigv4
from identity.wire.callers import Caller, Key, Proof, denied
from identity.wire.errors import CallersUnavailable, ExpiredKey, UnknownKey

log = logging.getLogger("identity.kit")

PATH = "/identity-portal/signing-key"
SERVICE = "identity-portal"

_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)

REFUSALS = {"UnknownKey": UnknownKey, "ExpiredKey": ExpiredKey}
_ISSUED_AT = "aws:TokenIssueTime"  # of temporary credentials only
_WRONG_SIGNATURE = "InvalidSignature"


class _Unreadable(Exception):
    """The portal's answer is not what a portal answers."""


@dataclass(frozen=True, slots=True)
class Rights:
    """The policies that bear on a caller, as the portal told them."""

    principal: policy.Principal
    identity: tuple[policy.Policy, ...]
    boundary: policy.Policy | None
    sessions: tuple[policy.Policy, ...] | None


Answer = Key | str
"""A key, or the name of a refusal that holds whatever the signature is."""

_answers: Recent[Answer] = Recent()
_breaker = Breaker(rest_seconds=1.0)
"""A portal that doesn't answer is left alone for a moment, so that callers get their 503 without waiting for it."""


class PortalCallers:
    """``identity.wire.callers.Callers`` by asking a portal: named in ``IDENTITY["CALLERS"]``, set up by
    ``IDENTITY_KIT["PORTAL"]``. Without the portal nobody comes in: 503.
    """

    def find_key(
        self, access_key_id: str, session_token: str | None, now: datetime, proof: Proof | None = None
    ) -> Key:
        """Raises UnknownKey, ExpiredKey, InvalidSignature by the portal's word; CallersUnavailable without it."""
        if proof is None:
            raise TypeError("a portal gives keys only for signed requests")
        portal = conf.portal()
        name = _name(access_key_id, session_token, proof.signature)
        answer = _answers.find(name, now, younger_than=timedelta(seconds=portal.cache_seconds))
        if answer is None:
            answer = _ask(portal, access_key_id, session_token, proof)
            if answer == _WRONG_SIGNATURE:
                # Not kept: it speaks of this one request, and the next may be the key's own.
                raise sigv4.mismatch(proof.request, proof.signature)
            _answers.keep(name, answer, now)
        if isinstance(answer, str):
            raise REFUSALS[answer](why="the portal says so")
        return answer

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Any]) -> None:
        """Decided here, by the policies that came with the key. Raises AccessDenied with IAM's exact sentence."""
        held = caller.grants
        if not isinstance(held, Rights):
            raise TypeError(f"{caller.arn} was not authenticated by a portal")
        is_session = _ISSUED_AT in caller.context
        if not policy.is_within_reach(caller.principal_type, is_session=is_session, action=action):
            raise denied(caller, action, resource)
        request = policy.Request(action, resource, {**context, **caller.context}, held.principal)
        decision = policy.decide(
            request, identity=held.identity, boundary=held.boundary, sessions=held.sessions
        )
        if not decision.allowed:
            raise denied(caller, action, resource, decision.ending)


def forget() -> None:
    """Drop what portals said, and their faults."""
    _answers.clear()
    _breaker.reset()


def _name(access_key_id: str, session_token: str | None, signature: sigv4.Signature) -> tuple[str, ...]:
    """Tokens are kilobytes, so their digest stands for them."""
    digest = hashlib.sha256((session_token or "").encode()).hexdigest()
    return access_key_id, digest, signature.date, signature.region, signature.service


def _ask(portal: PortalSettings, access_key_id: str, session_token: str | None, proof: Proof) -> Answer:
    if not _SIGNATURE.fullmatch(proof.signature.value):
        return _WRONG_SIGNATURE
    if _breaker.is_open:
        raise CallersUnavailable(why="the portal did not answer a moment ago")
    question = {
        "AccessKeyId": access_key_id,
        "SessionToken": session_token,
        "StringsToSign": sigv4.strings_to_sign(proof.request, proof.signature),
        "Signature": proof.signature.value,
    }
    try:
        return _read(_content(_post(portal, json.dumps(question).encode())), access_key_id)
    except _Unreadable as error:
        # Said of this question alone, which a stranger may have brought about: others go on.
        log.error("The portal gives no signing key: %s", error)
        raise CallersUnavailable(why=str(error)) from error


def _post(portal: PortalSettings, body: bytes) -> fetch.Response:
    url = portal.url.rstrip("/") + PATH
    parts = urlsplit(url)
    headers = {"host": parts.netloc, "content-type": "application/json"}
    signed = sigv4.sign(
        sigv4.SignedRequest("POST", parts.path, "", headers, body),
        portal.access_key_id,
        portal.secret_access_key,
        region=core_conf.settings().region,
        service=SERVICE,
        now=clock.now(),
    )
    try:
        return fetch.post(
            url, body, headers={**headers, **signed}, timeout=portal.timeout_seconds, trusted=True
        )
    except fetch.FetchError as error:
        if _breaker.trip():
            log.error("The portal that knows access keys is not reachable: %s", error)
        raise CallersUnavailable(why=str(error)) from error


def _content(response: fetch.Response) -> Mapping[str, Any]:
    try:
        content = response.json()
    except ValueError as error:
        raise _Unreadable(f"answered {response.status} without JSON") from error
    if not response.is_ok or not isinstance(content, dict):
        kind = content.get("__type", "") if isinstance(content, dict) else ""
        raise _Unreadable(f"answered {response.status} {kind}")
    return content


def _read(content: Mapping[str, Any], access_key_id: str) -> Answer:
    if "Refusal" in content:
        refusal = content["Refusal"]
        if refusal != _WRONG_SIGNATURE and refusal not in REFUSALS:
            raise _Unreadable("an unknown refusal")
        return str(refusal)
    try:
        return _key(content, access_key_id)
    except (KeyError, TypeError, ValueError, binascii.Error, policy.MalformedPolicy) as error:
        raise _Unreadable(f"an answer without what belongs to it: {type(error).__name__}") from error


def _key(content: Mapping[str, Any], access_key_id: str) -> Key:
    told, principal, policies = content["Caller"], content["Principal"], content["Policies"]
    session = policies["Session"]
    rights = Rights(
        policy.Principal(
            policy.PrincipalKind(principal["Kind"]),
            principal["Arn"],
            principal["Account"],
            principal["RoleArn"],
            principal["UniqueId"],
        ),
        _parsed(policies["Identity"]),
        None if policies["Boundary"] is None else _parsed([policies["Boundary"]])[0],
        None if session is None else _parsed(session),
    )
    caller = Caller(
        told["Arn"],
        told["UserId"],
        told["AccountId"],
        told["PrincipalType"],
        access_key_id,
        dict(told["Context"]),
        rights,
    )
    return Key(base64.b64decode(content["SigningKey"], validate=True), caller)


def _parsed(documents: list[Mapping[str, Any]]) -> tuple[policy.Policy, ...]:
    return tuple(policy.parse(each["Document"], kind=each["Kind"]) for each in documents)
