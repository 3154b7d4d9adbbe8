"""The verdict over all policies that bear on a request. Source: IAM user guide, "Policy evaluation logic"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .compiled import Policy, Statement
from .principals import Grant
from .question import Principal, PrincipalKind, Question, Request


class PolicyType(StrEnum):
    """Where a verdict comes from, in the words of the access-denied messages."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict. ``by`` is the type of policy that decided, ``sid`` the statement's Sid where it has one.

    ``ending`` completes "User: … is not authorized to perform: … on resource: …"; empty when allowed.
    """

    allowed: bool
    explicit_deny: bool
    by: PolicyType | None
    sid: str
    ending: str


def decide(
    request: Request,
    *,
    identity: Sequence[Policy] = (),
    boundary: Policy | None = None,
    sessions: Sequence[Policy] | None = None,
    resource_policies: Sequence[Policy] = (),
    resource_policy_required: bool = False,
    session_denies_by_default: bool = False,
) -> Decision:
    """Decide one request within the account. Pure.

    ``sessions`` None: the session carries no policy of its own; a sequence: one of them has to
    allow. ``resource_policy_required``: trust policies, without whose Allow nothing goes.
    ``session_denies_by_default``: what a session without session policies means (true for
    federation tokens).
    """
    question = Question(request, is_bounded=boundary is not None)
    everything = by_type(identity, boundary, sessions, resource_policies)
    for kind, statement in _denials(everything, question):
        return _explicitly_denied(kind, statement)
    granted = _granted(resource_policies, question)
    if resource_policy_required and granted is None:
        return _implicitly_denied(PolicyType.RESOURCE, request.action)
    if granted is not None and _is_enough(granted[0], question.principal):
        return _allowed(PolicyType.RESOURCE, granted[1])
    if question.principal is not None and question.principal.kind is PrincipalKind.ROOT:
        return _allowed(None, None)
    if session_denies_by_default and sessions is None:
        sessions = ()
    needed = [(PolicyType.IDENTITY, identity)] if granted is None or granted[0] < Grant.ROLE else []
    needed += [(PolicyType.BOUNDARY, (boundary,))] if boundary is not None else []
    needed += [(PolicyType.SESSION, sessions)] if sessions is not None else []
    return _all_allow(needed, question, request, granted)


def by_type(
    identity: Sequence[Policy],
    boundary: Policy | None,
    sessions: Sequence[Policy] | None,
    resource_policies: Sequence[Policy],
) -> tuple[tuple[PolicyType, Sequence[Policy]], ...]:
    """All policies that bear on a request, in the order in which a denial is looked for."""
    return (
        (PolicyType.IDENTITY, identity),
        (PolicyType.RESOURCE, resource_policies),
        (PolicyType.BOUNDARY, () if boundary is None else (boundary,)),
        (PolicyType.SESSION, sessions or ()),
    )


def _all_allow(
    needed: Sequence[tuple[PolicyType, Sequence[Policy]]],
    question: Question,
    request: Request,
    granted: tuple[Grant, Statement] | None,
) -> Decision:
    first: tuple[PolicyType, Statement] | None = None
    for kind, policies in needed:
        allowing = next((found for one in policies if (found := one.allowed_by(question))), None)
        if allowing is None:
            return _implicitly_denied(_missing(kind, request.principal), request.action)
        first = first or (kind, allowing[1])
    if granted is not None and granted[0] >= Grant.ROLE:
        return _allowed(PolicyType.RESOURCE, granted[1])
    return _allowed(*first) if first else _allowed(None, None)


def _is_enough(grant: Grant, principal: Principal | None) -> bool:
    """Whether the resource's own Allow decides. "Everyone" does not reach past what a session was bounded by."""
    if grant is Grant.EVERYONE:
        return principal is None or principal.kind not in (
            PrincipalKind.ROLE_SESSION,
            PrincipalKind.FEDERATED_USER,
        )
    return grant is Grant.DIRECT


def _missing(kind: PolicyType, principal: Principal | None) -> PolicyType:
    """Who has no identity policies could only have been let in by the resource's."""
    outsiders = (PrincipalKind.ANONYMOUS, PrincipalKind.SERVICE, PrincipalKind.WEB_IDENTITY)
    if kind is PolicyType.IDENTITY and principal is not None and principal.kind in outsiders:
        return PolicyType.RESOURCE
    return kind


def _denials(
    everything: Sequence[tuple[PolicyType, Sequence[Policy]]], question: Question
) -> Iterator[tuple[PolicyType, Statement]]:
    for kind, policies in everything:
        for policy in policies:
            if statement := policy.denied_by(question):
                yield kind, statement


def _granted(policies: Sequence[Policy], question: Question) -> tuple[Grant, Statement] | None:
    found = [grant for policy in policies if (grant := policy.allowed_by(question))]
    counting = [grant for grant in found if lets_in(grant[0], question.principal)]
    return max(counting, key=lambda grant: grant[0], default=None)


def lets_in(grant: Grant, principal: Principal | None) -> bool:
    """Does an Allow that names the principal so closely count? A token of some provider, or a service, is let in
    by name only, never by "everyone"."""
    if principal is not None and principal.kind in (PrincipalKind.WEB_IDENTITY, PrincipalKind.SERVICE):
        return grant is Grant.DIRECT
    return grant is not Grant.NONE


def _allowed(by: PolicyType | None, statement: Statement | None) -> Decision:
    return Decision(True, False, by, statement.sid if statement else "", "")


def _implicitly_denied(by: PolicyType, action: str) -> Decision:
    return Decision(False, False, by, "", f"because no {by} allows the {action} action")


def _explicitly_denied(by: PolicyType, statement: Statement) -> Decision:
    article = "an" if by is PolicyType.IDENTITY else "a"
    return Decision(False, True, by, statement.sid, f"with an explicit deny in {article} {by}")
