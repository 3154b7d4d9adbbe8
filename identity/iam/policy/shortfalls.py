"""What keeps a resource or trust policy from letting somebody in: element by element, in words for its author.

Not on the way of a decision: each element is asked on its own, as a statement that is open in all others.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .compiled import parse
from .document import LIMITS, Kind, read
from .principals import Grant
from .question import PrincipalKind, Question, Request

_OPEN = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_BY_NAME_ONLY = (PrincipalKind.WEB_IDENTITY, PrincipalKind.SERVICE)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A statement that doesn't help: an Allow with the elements that don't fit, or a Deny that does.

    ``number`` is the statement's place in the document, from one.
    """

    number: int
    sid: str
    denies: bool
    reasons: tuple[str, ...]


def shortfalls(
    document: str, request: Request, *, kind: Kind = "trust", principal_ids: Mapping[str, str] | None = None
) -> tuple[Shortfall, ...]:
    """Every Allow that doesn't fit and every Deny that does. Pure. Raises ``MalformedPolicy``."""
    found = []
    for number, statement in enumerate(read(document, kind, LIMITS[kind]).statements, 1):
        denies = statement["Effect"] == "Deny"
        reasons = tuple(_unfit(statement, _Asked(document, request, principal_ids or {})))
        if denies and not reasons:
            found.append(Shortfall(number, statement.get("Sid", ""), True, ("It denies this explicitly.",)))
        if not denies and reasons:
            found.append(Shortfall(number, statement.get("Sid", ""), False, reasons))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to single elements of a document."""

    document: str
    request: Request
    ids: Mapping[str, str]

    def grant(self, element: Mapping[str, Any]) -> Grant:
        """What a statement of only this element grants. ``Any``: straight out of JSON."""
        closed = {"NotPrincipal": "Principal", "NotAction": "Action", "NotResource": "Resource"}
        replaced = {closed[name] for name in element if name in closed}
        statement = {name: value for name, value in _OPEN.items() if name not in replaced} | dict(element)
        version = json.loads(self.document).get("Version", "2008-10-17")
        alone = {"Version": version, "Statement": [statement]}
        compiled = parse(alone, kind="resource", principal_ids=self.ids, remember=False)
        found = compiled.allowed_by(Question(self.request))
        return found[0] if found else Grant.NONE


def _unfit(statement: Mapping[str, Any], asked: _Asked) -> Iterator[str]:
    request = asked.request
    who = request.principal
    needed = Grant.DIRECT if who is not None and who.kind in _BY_NAME_ONLY else Grant.ACCOUNT
    for name, words in (
        ("Principal", f"does not name {who.arn if who else 'everyone'}"),
        ("NotPrincipal", f"leaves out {who.arn if who else 'everyone'}"),
        ("Action", f"does not cover {request.action}"),
        ("NotAction", f"leaves out {request.action}"),
        ("Resource", f"does not cover {request.resource}"),
        ("NotResource", f"leaves out {request.resource}"),
    ):
        least = needed if name in ("Principal", "NotPrincipal") else Grant.ACCOUNT
        if name in statement and asked.grant({name: statement[name]}) < least:
            yield f"{name} {json.dumps(statement[name])} {words}."
    question = Question(request)
    for operator, block in statement.get("Condition", {}).items():
        for key, values in block.items():
            if not asked.grant({"Condition": {operator: {key: values}}}):
                yield f"{operator} {key}: wanted {json.dumps(values)}, {_present(question, key)}."


def _present(question: Question, key: str) -> str:
    values = question.values(key.lower())
    if not values:
        return "there is none"
    return f"there is {json.dumps(values[0] if len(values) == 1 else list(values))}"
