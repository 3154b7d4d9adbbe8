"""A policy compiled once into closures, and the bounded cache of those."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from .arns import compile_resource
from .conditions import Check, compile_condition
from .document import LIMITS, Document, Kind, read, scalars, texts
from .errors import MalformedPolicy
from .globs import Chunk, chunks_of, matches, parts_of
from .principals import Grant, Naming, compile_not_principal, compile_principal, names_in
from .question import Question

CACHED_POLICIES = 512
"""A few kilobytes each. Session policies come from callers, so the cache has to be bounded."""
CACHED_LENGTH = 32_768
"""Characters, white space counted: a document that is padded beyond this is compiled whenever it is asked."""

COGNITO = "cognito-identity.amazonaws.com"


class Statement:
    """One compiled statement. ``source`` is what it was made of, ``index`` its place in the document."""

    __slots__ = (
        "_action",
        "_conditions",
        "_principal",
        "_resource",
        "_spares",
        "allows",
        "index",
        "sid",
        "source",
        "variables",
    )

    def __init__(
        self, index: int, source: Mapping[str, Any], document: Document, ids: Mapping[str, str]
    ) -> None:
        self.index = index
        self.source = source
        self.variables = document.variables
        self.sid: str = source.get("Sid", "")
        self.allows: bool = source["Effect"] == "Allow"
        self._action = _compile_actions(source)
        self._resource = _compile_resources(source, variables=document.variables)
        self._principal = _compile_principals(source, ids)
        self._spares = "NotPrincipal" in source and not self.allows
        self._conditions = _compile_conditions(source.get("Condition", {}), variables=document.variables)

    def applies(self, question: Question) -> Grant:
        """How the statement grants (or denies); ``Grant.NONE`` where it does not match."""
        if not self._action(question.action) or not self._resource(question):
            return Grant.NONE
        grant = self._names(question)
        for check in self._conditions if grant else ():
            if not check(question):
                return Grant.NONE
        return grant

    def concerns(self, question: Question) -> bool:
        """Is it about this action and this principal, whatever the resource and the conditions?"""
        return self._action(question.action) and self._names(question) is not Grant.NONE

    def _names(self, question: Question) -> Grant:
        """How the statement means the principal. NotPrincipal with Deny spares nobody who has a permissions boundary.

        Source: IAM user guide, "Permissions boundaries for IAM entities".
        """
        if self._principal is None or (question.is_bounded and self._spares):
            return Grant.EVERYONE
        return self._principal(question.principal)

    def covers(self, question: Question) -> bool:
        """Is it about this resource?"""
        return self._resource(question)


class Policy:
    """A parsed policy, to be given to ``decide`` and ``explain``. ``text`` is the document that it was read from."""

    __slots__ = ("allows", "denies", "kind", "statements", "text")

    def __init__(self, document: Document, ids: Mapping[str, str], text: str = "") -> None:
        self.statements = tuple(
            Statement(index, source, document, ids) for index, source in enumerate(document.statements)
        )
        self.kind = document.kind
        self.text = text
        self.allows = tuple(one for one in self.statements if one.allows)
        self.denies = tuple(one for one in self.statements if not one.allows)

    def denied_by(self, question: Question) -> Statement | None:
        """The first Deny that matches."""
        return next((one for one in self.denies if one.applies(question)), None)

    def allowed_by(self, question: Question) -> tuple[Grant, Statement] | None:
        """The Allow that names the principal most closely."""
        best: tuple[Grant, Statement] | None = None
        for statement in self.allows:
            grant = statement.applies(question)
            if grant and (best is None or grant > best[0]):
                best = (grant, statement)
        return best


def parse(
    document: str | Mapping[str, Any],
    *,
    kind: Kind = "identity",
    limit: int | None = None,
    principal_ids: Mapping[str, str] | None = None,
    remember: bool = True,
) -> Policy:
    """Compile a policy document, or take it from the cache.

    ``limit`` is the size allowed, in characters without white space (by default the kind's).
    ``principal_ids`` binds role and user ARNs of a resource or trust policy to the unique ids they
    had when it was saved. ``remember`` False leaves the cache to others: for documents that strangers bring, or
    that are asked once. Raises ``MalformedPolicy``, whose text is fit for the author.

    Source: IAM user guide, "Policy reference".
    """
    text = document if isinstance(document, str) else json.dumps(document)
    ids = tuple(sorted((principal_ids or {}).items()))
    compiled = _remembered if remember and len(text) <= CACHED_LENGTH else _compiled
    return compiled(text, kind, LIMITS[kind] if limit is None else limit, ids)


def _compiled(text: str, kind: Kind, limit: int, ids: tuple[tuple[str, str], ...]) -> Policy:
    return Policy(read(text, kind, limit), dict(ids), text)


_remembered = lru_cache(maxsize=CACHED_POLICIES)(_compiled)


def principals_named(document: str, kind: Kind = "trust") -> list[str]:
    """The ``AWS`` entries of a valid document's principals: what is bound to unique ids when it is saved."""
    found: list[str] = []
    for statement in read(document, kind, LIMITS[kind]).statements:
        element = statement.get("Principal", statement.get("NotPrincipal"))
        found += [name for name in names_in(element, "AWS") if name not in found]
    return found


def _compile_actions(source: Mapping[str, Any]) -> Callable[[str], bool]:
    negated = "NotAction" in source
    listed = texts(source["NotAction" if negated else "Action"], "Action")
    for action in listed:
        _check_action(action, trust="Resource" not in source and "NotResource" not in source)
    patterns = [chunks_of(parts_of(one.lower(), variables=False, wildcards=True)) for one in listed]
    exact = frozenset(p[0] for p in patterns if len(p) == 1 and isinstance(p[0], str))
    # Most wildcards are one star at the end, and the text before it is found many times faster alone.
    starts = tuple(p[0] for p in patterns if len(p) == 2 and isinstance(p[0], str) and p[1] == "")
    globs = [p for p in patterns if not _is_plain(p)]

    def match(action: str) -> bool:
        if action in exact or action.startswith(starts):
            return not negated
        for glob in globs:
            if matches(glob, action):
                return not negated
        return negated

    return match


def _is_plain(pattern: Sequence[Chunk]) -> bool:
    """Is it a text, or a text and a star behind it?"""
    return isinstance(pattern[0], str) and (len(pattern) == 1 or (len(pattern) == 2 and pattern[1] == ""))


def _check_action(action: str, *, trust: bool) -> None:
    if trust and not action.lower().startswith("sts:"):
        raise MalformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.")
    if action == "*":
        return
    vendor, colon, name = action.partition(":")
    if not colon or not vendor or not name:
        raise MalformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if ":" in name:
        raise MalformedPolicy("Actions/Condition can contain only one colon.")


def _compile_resources(source: Mapping[str, Any], *, variables: bool) -> Check:
    negated = "NotResource" in source
    element = source.get("NotResource" if negated else "Resource")
    if element is None:  # a trust policy: the role itself is the resource
        return lambda _question: True
    tests = [compile_resource(one, variables=variables) for one in texts(element, "Resource")]
    if len(tests) == 1 and not negated:
        return tests[0]
    return lambda question: any(test(question) for test in tests) is not negated


def _compile_principals(source: Mapping[str, Any], ids: Mapping[str, str]) -> Naming | None:
    if "NotPrincipal" in source:
        return compile_not_principal(source["NotPrincipal"], ids, deny=source["Effect"] == "Deny")
    if "Principal" not in source:
        return None
    if "Resource" not in source and "NotResource" not in source and source["Effect"] == "Allow":
        _require_audience(source)
    return compile_principal(source["Principal"], ids)


def _require_audience(source: Mapping[str, Any]) -> None:
    """Trusting identity pools without naming one would let in the guests of any. Source: identity pools guide."""
    if COGNITO not in names_in(source["Principal"], "Federated"):
        return
    block = source.get("Condition")
    blocks = block.values() if isinstance(block, dict) else []
    keys = {str(key).lower() for keys in blocks if isinstance(keys, dict) for key in keys}
    if f"{COGNITO}:aud" not in keys:
        raise MalformedPolicy(
            f'A trust policy for "{COGNITO}" must have a condition on "{COGNITO}:aud", the identity pool id.'
        )


def _compile_conditions(block: Any, *, variables: bool) -> list[Check]:
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise MalformedPolicy("Syntax errors in policy: Condition must be an object of objects.")
    return [
        compile_condition(name, key, scalars(values, "Condition"), variables=variables)
        for name, keys in block.items()
        for key, values in keys.items()
    ]
