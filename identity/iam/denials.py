"""Why policies refused, sealed for whoever may know: the encoded authorization messages.

The sentence that a refused caller reads names neither statements nor context, for those are not theirs to know.
The message says both, and only DecodeAuthorizationMessage opens it. It is made when a refusal is written and is
kept nowhere: all of it is in the seal.

Source: STS API reference, DecodeAuthorizationMessage.
"""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from identity.core import tickets
from identity.iam import policy
from identity.iam.credentials import pack
from identity.iam.errors import InvalidAuthorizationMessage
from identity.iam.policy.question import Question
from identity.iam.rights import Rights

KIND: Final = "iam:denial"
LIFETIME: Final = timedelta(hours=36)
MOST_PACKED: Final = 2_048
"""Bytes of compressed JSON: some 3,700 characters of a header, of which servers and proxies take 8,192 in all."""
LONGEST_TEXT: Final = 512
"""Characters of ARN and action in a message that would be too long otherwise."""

Json = Mapping[str, Any]  # Any: the message's JSON


def encode(request: policy.Request, held: Rights, user_id: str) -> str:
    """The sealed message of a refusal. ``user_id`` is the caller's ``aws:userid``.

    What would make it too long is left out: first the context, then the statements.
    """
    whole = _message(request, held, user_id)
    for message in (whole, _without_context(whole), _bare(whole)):
        packed = pack(message)
        if len(packed) <= MOST_PACKED:
            break
    return tickets.issue(KIND, {"d": base64.b64encode(packed).decode()}, lifetime=LIFETIME)


def decode(encoded: str) -> str:
    """The message's JSON text. Raises ``InvalidAuthorizationMessage``, also for one past its end."""
    try:
        ticket = tickets.open(KIND, encoded)
    except tickets.TicketError as error:
        raise InvalidAuthorizationMessage(why=str(error)) from error
    return zlib.decompress(base64.b64decode(ticket.content["d"])).decode()


def _message(request: policy.Request, held: Rights, user_id: str) -> dict[str, Any]:
    explanation = policy.explain(
        request, identity=held.identity, boundary=held.boundary, sessions=held.sessions
    )
    denying = [one for one in explanation.matched if not one.allows]
    return {
        "allowed": False,
        "explicitDeny": explanation.decision.explicit_deny,
        "matchedStatements": _items(_statement(one.source, held, user_id) for one in denying),
        "failures": _items([]),
        "context": {
            "principal": {"id": user_id, "arn": held.principal.arn},
            "action": request.action,
            "resource": request.resource,
            "conditions": _items(_context(request)),
        },
    }


def _statement(source: Json, held: Rights, user_id: str) -> dict[str, Any]:
    """A statement as AWS shows it: the operators of its conditions are left out there too."""
    conditions = source.get("Condition", {})
    return {
        "statementId": source.get("Sid", ""),
        "effect": source["Effect"].upper(),
        "principals": _values(held.principal.unique_id or user_id),
        "principalGroups": _items([]),
        "actions": _values(source.get("Action", source.get("NotAction", []))),
        "resources": _values(source.get("Resource", source.get("NotResource", []))),
        "conditions": _items(
            {"key": key, "values": _values(values)}
            for block in conditions.values()
            for key, values in block.items()
        ),
    }


def _context(request: policy.Request) -> Iterator[dict[str, Any]]:
    question = Question(request)
    for key in request.context:
        yield {"key": key, "values": _values(list(question.values(key.lower())))}


def _without_context(message: Json) -> dict[str, Any]:
    return {**message, "context": {**message["context"], "conditions": _items([])}}


def _bare(message: Json) -> dict[str, Any]:
    context = message["context"]
    principal = {name: text[:LONGEST_TEXT] for name, text in context["principal"].items()}
    short = {name: context[name][:LONGEST_TEXT] for name in ("action", "resource")}
    return {
        **message,
        "matchedStatements": _items([]),
        "context": {"principal": principal, **short, "conditions": _items([])},
    }


def _items(found: Any) -> dict[str, Any]:
    return {"items": list(found)}


def _values(given: Any) -> dict[str, Any]:
    listed = given if isinstance(given, list) else [given]
    return _items({"value": one if isinstance(one, str) else json.dumps(one)} for one in listed)
