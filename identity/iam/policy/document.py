"""Reading a policy document: strict JSON, its size, and the rules on which elements may stand where."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .errors import MalformedPolicy

Kind = Literal["identity", "resource", "trust", "session", "boundary"]

VERSIONS = ("2012-10-17", "2008-10-17")
LIMITS: Mapping[Kind, int] = {
    "identity": 10_240,
    "resource": 20_480,
    "trust": 4_096,
    "session": 2_048,
    "boundary": 6_144,
}
"""Characters without white space. A role's inline policies share 10,240; trust policies have the quota that can be asked for."""
RAW_LIMIT = 131_072
DEEPEST = 10
"""Levels of objects and lists: from the document down to a condition's values there are seven."""

SID = re.compile(r"[A-Za-z0-9]*", re.ASCII)
TOP = {"Version", "Id", "Statement"}
ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A policy as read: ``variables`` is true where ``${…}`` means a policy variable."""

    kind: Kind
    variables: bool
    statements: Sequence[Mapping[str, Any]]  # Any: straight out of JSON, checked element by element


def size(text: str) -> int:
    """The characters of a document that count against its limit: all but white space."""
    return sum(map(len, text.split()))


def read(text: str, kind: Kind, limit: int) -> Document:
    """Parse and check everything about a document but the meaning of its elements. Raises ``MalformedPolicy``."""
    if len(text) > RAW_LIMIT or size(text) > limit:
        raise MalformedPolicy(f"The policy is larger than {limit} characters (white space aside).")
    document = _load(text)
    _require_flat(document)
    if not isinstance(document, dict):
        raise MalformedPolicy("Syntax errors in policy: the document must be an object.")
    _refuse_unknown(document, TOP if kind in ("resource", "trust") else TOP - {"Id"}, "the document")
    version = document.get("Version", "2008-10-17")
    if version not in VERSIONS:
        raise MalformedPolicy(f'Version must be "{VERSIONS[0]}" or "{VERSIONS[1]}".')
    statements = _statements(document)
    for statement in statements:
        _check_statement(statement, kind)
    _check_sids(statements, kind)
    return Document(kind, version == VERSIONS[0], statements)


def _load(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except MalformedPolicy:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedPolicy("Syntax errors in policy: not valid JSON.") from error


def _require_flat(document: Any) -> None:
    """Nothing that is checked or shown later can be nested deeper than Python recurses."""
    level = [document]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise MalformedPolicy("Syntax errors in policy: elements are nested too deeply.")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedPolicy(f"Syntax errors in policy: duplicate key {twice!r}.")
    return found


def _refuse_constant(name: str) -> Any:
    raise MalformedPolicy(f"Syntax errors in policy: {name} is not valid JSON.")


def _refuse_unknown(given: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(given.keys() - known):
        raise MalformedPolicy(f"Syntax errors in policy: {where} has prohibited field {unknown[0]!r}.")


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement")
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise MalformedPolicy("Syntax errors in policy: Statement must be an object or a list of objects.")
    return listed


def _check_statement(statement: Mapping[str, Any], kind: Kind) -> None:
    _refuse_unknown(statement, ELEMENTS, "a statement")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy('Syntax errors in policy: Effect must be "Allow" or "Deny".')
    _one_of(statement, "Action", "NotAction", "Policy statement must contain actions.")
    if kind in ("resource", "trust"):
        _one_of(statement, "Principal", "NotPrincipal", "Policy statement must contain a principal.")
    elif "Principal" in statement or "NotPrincipal" in statement:
        raise MalformedPolicy("Policy document should not specify a principal.")
    if kind == "trust":
        _check_trust(statement)
    else:
        _one_of(statement, "Resource", "NotResource", "Policy statement must contain resources.")


def _check_trust(statement: Mapping[str, Any]) -> None:
    for name in ("Resource", "NotResource", "NotPrincipal"):
        if name in statement:
            raise MalformedPolicy(f"Has prohibited field {name}.")


def _one_of(statement: Mapping[str, Any], first: str, second: str, missing: str) -> None:
    if first in statement and second in statement:
        raise MalformedPolicy(f"Syntax errors in policy: {first} and {second} exclude each other.")
    if statement.get(first, statement.get(second)) in (None, [], ""):
        raise MalformedPolicy(missing)


def _check_sids(statements: Sequence[Mapping[str, Any]], kind: Kind) -> None:
    sids = [statement["Sid"] for statement in statements if "Sid" in statement]
    for sid in sids:
        if not isinstance(sid, str) or (kind != "resource" and not SID.fullmatch(sid)):
            raise MalformedPolicy(
                "Statement IDs (SID) must be alpha-numeric. "
                "Check that your input satisfies the regular expression [0-9A-Za-z]*"
            )
    named = [sid for sid in sids if sid]
    if len(set(named)) != len(named):
        raise MalformedPolicy("Statement IDs (SID) in a single policy must be unique.")


def texts(value: Any, what: str) -> list[str]:
    """A text or a list of texts, as a list. Raises ``MalformedPolicy``."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise MalformedPolicy(f"Syntax errors in policy: {what} must be a string or a list of strings.")
    return listed


def scalars(value: Any, what: str) -> list[str]:
    """As ``texts``, but JSON's numbers and booleans are taken too, as their text."""
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, (str, bool, int, float)) for one in listed):
        raise MalformedPolicy(f"Syntax errors in policy: {what} must be a value or a list of values.")
    return [one if isinstance(one, str) else json.dumps(one) for one in listed]
