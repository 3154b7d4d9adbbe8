"""Why a verdict is what it is: the statements that apply, and the context that was asked for but not given.

Not on the way of a decision: ``decide`` stays as fast as if this weren't here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .arns import could_match
from .compiled import Policy, Statement, parse
from .conditions import knows_variables
from .deciding import Decision, PolicyType, by_type, decide, lets_in
from .document import Kind, scalars, texts
from .globs import variables_in
from .keys import distinct_keys
from .principals import Grant
from .question import Question, Request


@dataclass(frozen=True, slots=True)
class Matched:
    """A statement that applies to the request.

    ``policy`` is the policy's place in the sequence that was given for its ``type`` (0 for the boundary),
    ``statement`` the statement's place in its document, ``source`` what it was made of.
    """

    type: PolicyType
    policy: int
    statement: int
    sid: str
    allows: bool
    source: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with its reasons.

    ``missing_context`` names, as the policies write them, the keys that statements about this action and resource
    ask for (in conditions and variables) and the request does not bring.
    """

    decision: Decision
    matched: tuple[Matched, ...]
    missing_context: tuple[str, ...]


def explain(
    request: Request,
    *,
    identity: Sequence[Policy] = (),
    boundary: Policy | None = None,
    sessions: Sequence[Policy] | None = None,
    resource_policies: Sequence[Policy] = (),
    resource_policy_required: bool = False,
    session_denies_by_default: bool = False,
) -> Explanation:
    """Decide as ``decide`` does, and say which statements applied and which context keys were missing. Pure."""
    decision = decide(
        request,
        identity=identity,
        boundary=boundary,
        sessions=sessions,
        resource_policies=resource_policies,
        resource_policy_required=resource_policy_required,
        session_denies_by_default=session_denies_by_default,
    )
    question = Question(request, is_bounded=boundary is not None)
    everything = [
        (type_, index, statement)
        for type_, policies in by_type(identity, boundary, sessions, resource_policies)
        for index, policy in enumerate(policies)
        for statement in policy.statements
    ]
    return Explanation(
        decision,
        tuple(
            Matched(type_, index, statement.index, statement.sid, statement.allows, statement.source)
            for type_, index, statement in everything
            if _applies(statement, question)
        ),
        _missing([statement for _, _, statement in everything], question),
    )


def context_keys(document: str | Mapping[str, Any] | Policy, *, kind: Kind = "identity") -> set[str]:
    """All context keys that a document refers to, in conditions and variables, each as it is first written.

    Names that differ in case only are one key. Raises ``MalformedPolicy``.
    """
    policy = document if isinstance(document, Policy) else parse(document, kind=kind)
    return set(distinct_keys(key for statement in policy.statements for key in _all_keys(statement)))


def _applies(statement: Statement, question: Question) -> bool:
    grant = statement.applies(question)
    if statement.allows:
        return lets_in(grant, question.principal)
    return grant is not Grant.NONE


def _missing(statements: Sequence[Statement], question: Question) -> tuple[str, ...]:
    asked = (
        key
        for statement in statements
        if statement.concerns(question)
        for key in _asked(statement, question)
        if not question.has(key.lower())
    )
    return tuple(distinct_keys(asked))


def _asked(statement: Statement, question: Question) -> Iterator[str]:
    """What a statement about this action asks for, once its resources come near the request's; else nothing."""
    listed = _resources(statement)
    if "Resource" in statement.source:
        listed = [one for one in listed if could_match(one, question, variables=statement.variables)]
    if listed if "Resource" in statement.source else statement.covers(question):
        yield from _keys(statement, listed)


def _all_keys(statement: Statement) -> Iterator[str]:
    return _keys(statement, _resources(statement))


def _keys(statement: Statement, resources: Sequence[str]) -> Iterator[str]:
    """The keys of these of the statement's resources and of its conditions."""
    if statement.variables:
        for resource in resources:
            yield from variables_in(resource)
    for name, block in statement.source.get("Condition", {}).items():
        for key, values in block.items():
            yield key
            if statement.variables and knows_variables(name):
                for value in scalars(values, "Condition"):
                    yield from variables_in(value)


def _resources(statement: Statement) -> Sequence[str]:
    element = statement.source.get("Resource", statement.source.get("NotResource", []))
    return texts(element, "Resource")
