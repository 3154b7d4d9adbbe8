"""What keeps a trust policy from letting somebody in: element by element, in words for its author.

Not on the way of a decision: each element is asked on its own, as a statement that is open in all others.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .compiled import parse
from .deciding import lets_in
from .document import LIMITS, VERSIONS, read
from .principals import Grant
from .question import Question, Request

_OPEN = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


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
    document: str, request: Request, *, principal_ids: Mapping[str, str] | None = None
) -> tuple[Shortfall, ...]:
    """Every Allow that doesn't fit and every Deny that does. Pure. Raises ``MalformedPolicy``."""
    trust = read(document, "trust", LIMITS["trust"])
    asked = _Asked(VERSIONS[0 if trust.variables else 1], request, principal_ids or {})
    found = []
    for number, statement in enumerate(trust.statements, 1):
        denies = statement["Effect"] == "Deny"
        reasons = tuple(_unfit(statement, asked))
        if denies and not reasons:
            found.append(Shortfall(number, statement.get("Sid", ""), True, ("It denies this explicitly.",)))
        if not denies and reasons:
            found.append(Shortfall(number, statement.get("Sid", ""), False, reasons))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to single elements of a document of this version."""

    version: str
    request: Request
    ids: Mapping[str, str]

    def grant(self, element: Mapping[str, Any]) -> Grant:
        """What a statement of only this element grants. ``Any``: straight out of JSON."""
        replaced = {"Action"} if "NotAction" in element else set()
        statement = {name: value for name, value in _OPEN.items() if name not in replaced} | dict(element)
        alone = {"Version": self.version, "Statement": [statement]}
        compiled = parse(alone, kind="resource", principal_ids=self.ids, remember=False)
        found = compiled.allowed_by(Question(self.request))
        return found[0] if found else Grant.NONE


def _unfit(statement: Mapping[str, Any], asked: _Asked) -> Iterator[str]:
    request = asked.request
    who = request.principal
    if not lets_in(asked.grant({"Principal": statement["Principal"]}), who):
        named = who.arn if who else "everyone"
        yield f"Principal {json.dumps(statement['Principal'])} does not name {named}."
    for name, words in (("Action", "does not cover"), ("NotAction", "leaves out")):
        if name in statement and not asked.grant({name: statement[name]}):
            yield f"{name} {json.dumps(statement[name])} {words} {request.action}."
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
