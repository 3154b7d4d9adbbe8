"""What an API on another machine may learn to check a signature itself: the key derived for one day, region and
service, the caller, and the policies that bear on them. Never the secret, and only for keys that were really used.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from identity.core import arns
from identity.iam import policy
from identity.iam.callers import IamCallers, rights_of
from identity.iam.policy.question import as_text
from identity.iam.rights import Rights
from identity.wire import sigv4
from identity.wire.callers import Key
from identity.wire.errors import InvalidSignature, UnknownKey, ValidationFailed

ACTION = "identity-portal:GetSigningKey"
SERVICE = "identity-portal"
"""What the API signs its question for."""

OLDEST = timedelta(seconds=sigv4.LONGEST_PRESIGNED) + timedelta(minutes=15)
AHEAD = timedelta(minutes=15)

_KEY_ID = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}", re.ASCII)
_STRING_TO_SIGN = re.compile(
    rf"{sigv4.ALGORITHM}\n(?P<moment>(?P<date>\d{{8}})T\d{{6}}Z)\n"
    rf"(?P=date)/(?P<region>[a-z0-9-]{{1,32}})/(?P<service>[A-Za-z0-9._-]{{1,64}})/{sigv4.TERMINATOR}\n[0-9a-f]{{64}}",
    re.ASCII,
)
_MOST_STRINGS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """Whose key is wanted, for which scope, and the signature that the key has made in it.

    ``strings_to_sign`` are the readings of one request that the signature may have been made over.
    """

    access_key_id: str
    session_token: str | None = field(repr=False)
    date: str
    region: str
    service: str
    strings_to_sign: tuple[str, ...] = field(repr=False)
    signature: str = field(repr=False)

    @property
    def resource(self) -> str:
        """What a policy names to say whose keys an API may have."""
        return arns.portal_service(self.service, region=self.region)


def read(given: object, now: datetime) -> Question:
    """The question in an API's JSON. Raises ValidationFailed, whose text names the member.

    What the API's caller chose is taken as it is: ``derive`` refuses what can't be an id, a token or a signature.
    """
    content = given if isinstance(given, dict) else {}
    strings = content.get("StringsToSign")
    if not isinstance(strings, list) or not 1 <= len(strings) <= _MOST_STRINGS:
        raise ValidationFailed("StringsToSign must be a list of one to eight texts.")
    scopes = {_scope_of(text, now) for text in strings}
    if len(scopes) != 1:
        raise ValidationFailed("StringsToSign must be of one request.")
    (scope,) = scopes
    token = content.get("SessionToken")
    return Question(
        access_key_id=_text(content, "AccessKeyId"),
        session_token=None if token is None else _text(content, "SessionToken"),
        date=scope[0],
        region=scope[1],
        service=scope[2],
        strings_to_sign=tuple(strings),
        signature=_text(content, "Signature"),
    )


def derive(question: Question, now: datetime) -> tuple[bytes, Key]:
    """The derived key, and whose it is.

    Raises UnknownKey, ExpiredKey; InvalidSignature where the signature wasn't made with it: key ids are no secret,
    and an API must not learn the keys of those who never called it.
    """
    token = question.session_token
    if not _KEY_ID.fullmatch(question.access_key_id) or (token is not None and not _TOKEN.fullmatch(token)):
        raise UnknownKey(why="malformed access key id or session token")
    held = IamCallers().find_key(question.access_key_id, question.session_token, now)
    if isinstance(held.secret, bytes):
        raise TypeError("IamCallers holds the secrets themselves")
    key = sigv4.signing_key(held.secret, question.date, question.region, question.service)
    matches = [sigv4.is_signature_of(text, question.signature, key) for text in question.strings_to_sign]
    if not any(matches):
        raise InvalidSignature
    return key, held


def describe(key: bytes, held: Key) -> dict[str, Any]:
    """The answer as JSON. Policies travel as texts, so that the API decides by the same engine."""
    rights = rights_of(held.caller)
    return {
        "SigningKey": base64.b64encode(key).decode(),
        "Caller": {
            "Arn": held.caller.arn,
            "UserId": held.caller.user_id,
            "AccountId": held.caller.account_id,
            "PrincipalType": held.caller.principal_type,
            "Context": _plain(held.caller.context),
        },
        "Principal": {
            "Kind": str(rights.principal.kind),
            "Arn": rights.principal.arn,
            "Account": rights.principal.account,
            "RoleArn": rights.principal.role_arn,
            "UniqueId": rights.principal.unique_id,
        },
        "Policies": _policies(rights),
    }


def _policies(rights: Rights) -> dict[str, Any]:
    return {
        "Identity": [_document(each) for each in rights.identity],
        "Boundary": None if rights.boundary is None else _document(rights.boundary),
        "Session": None if rights.sessions is None else [_document(each) for each in rights.sessions],
    }


def _document(compiled: policy.Policy) -> dict[str, str]:
    return {"Kind": compiled.kind, "Document": compiled.text}


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    """Condition keys as JSON: moments as the text that conditions compare."""
    return {name: as_text(value) if isinstance(value, datetime) else value for name, value in context.items()}


def _scope_of(text: object, now: datetime) -> tuple[str, str, str]:
    found = _STRING_TO_SIGN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValidationFailed("StringsToSign must hold strings to sign of Signature Version 4.")
    try:
        moment = datetime.strptime(found["moment"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValidationFailed("StringsToSign must hold moments.") from error
    if not now - OLDEST <= moment <= now + AHEAD:
        raise ValidationFailed("StringsToSign must be of a request that may still be answered.")
    return found["date"], found["region"], found["service"]


def _text(content: Mapping[str, object], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise ValidationFailed(f"{name} must be a text.")
    return value
