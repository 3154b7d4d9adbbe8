"""May they? The policies of a role or user asked about one action on one resource, and which statement decides.

The Simulate operations and the admin's pages ask the same function, and it asks the engine that decides requests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from identity.core import arns
from identity.core.conf import settings
from identity.iam import managed_policies, policy, rights
from identity.iam.models import ManagedPolicy, Role, User
from identity.iam.policy import PolicyType, Principal, PrincipalKind
from identity.iam.rows import Holder, noun

Context = Mapping[str, Any]  # Any: the values of condition keys

SESSION: Final = "simulation"
"""The session name of a role that is asked about."""


@dataclass(frozen=True, slots=True)
class Source:
    """A policy and where it comes from.

    ``origin`` is the model's word: user, role, aws-managed, user-managed, resource, or none for one that was given
    along. ``arn`` is empty where it is not a managed policy.
    """

    id: str
    origin: str
    document: str
    compiled: policy.Policy = field(repr=False)
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the question is about, with all policies that bear on it. ``context`` comes with the principal."""

    principal: Principal | None
    identity: tuple[Source, ...] = ()
    boundary: Source | None = None
    resource_policy: Source | None = None
    context: Context = field(default_factory=dict)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All its policies."""
        others = (self.boundary, self.resource_policy)
        return (*self.identity, *(source for source in others if source is not None))


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement that applies: its place in the document of ``source``, counted from nought."""

    type: PolicyType
    source: Source
    statement: int
    sid: str
    allows: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with the statements that made it, and the context keys that they ask for and nobody gave.

    ``others`` apply too but did not decide. ``boundary_allows`` is None where nothing bounds. ``parts`` are the
    separate decisions of the two accounts, where the resource is another's.
    """

    decision: policy.Decision
    reasons: tuple[Reason, ...]
    others: tuple[Reason, ...]
    missing: tuple[str, ...]
    boundary_allows: bool | None = None
    parts: Mapping[PolicyType, policy.Decision] = field(default_factory=dict)


def of_holder(holder: Holder) -> Subject:
    """A role (that is: a session of it without session policies) or a user as they stand. Four queries."""
    boundary = holder.permissions_boundary
    return Subject(
        principal=principal_of(holder),
        identity=(*_inline(holder), *map(_managed, holder.attached_policies.all())),
        boundary=None if boundary is None else _managed(boundary, "boundary"),
        context=context_of(holder),
    )


def principal_of(holder: Holder) -> Principal:
    """As whom a role or user asks."""
    account = settings().account_id
    if isinstance(holder, User):
        return Principal(PrincipalKind.USER, holder.arn, account, unique_id=holder.user_id)
    arn = arns.assumed_role(holder.name, SESSION)
    return Principal(PrincipalKind.ROLE_SESSION, arn, account, holder.arn, holder.role_id)


def context_of(holder: Holder) -> dict[str, Any]:
    """The condition keys that a role or user brings into every request. ``Any``: values of condition keys."""
    kind = principal_of(holder).kind
    if isinstance(holder, Role):
        return rights.principal_context(holder.arn, f"{holder.role_id}:{SESSION}", kind, holder.tags)
    context = rights.principal_context(holder.arn, holder.user_id, kind, holder.tags)
    return context | {"aws:username": holder.name}


def as_named(subject: Subject, arn: str) -> Subject:
    """With the policies of the subject, as somebody of whom no more is known than the ARN of a role or user says.

    Tags and ids would tell whoever may simulate what they may not read. Raises ``ValueError`` for another ARN.
    """
    parts = arns.parse(arn)
    kind, _, rest = parts.resource.partition("/")
    name = rest.rpartition("/")[2]
    if parts.service != "iam" or kind not in ("role", "user") or not name:
        raise ValueError(f"{arn} is of no role or user")
    known: dict[str, Any] = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": parts.account}
    if kind == "user":
        principal = Principal(PrincipalKind.USER, arn, parts.account)
        known["aws:username"] = name
    else:
        session = arns.assumed_role(name, SESSION)
        principal = Principal(PrincipalKind.ROLE_SESSION, session, parts.account, arn)
    return replace(subject, principal=principal, context=known | {"aws:PrincipalType": str(principal.kind)})


def given(number: int, document: str, kind: policy.Kind, *, id: str) -> Source:
    """A document that was handed in. Raises ``policy.MalformedPolicy``."""
    origin = "resource" if kind == "resource" else "none"
    return Source(f"{id}.{number}", origin, document, policy.parse(document, kind=kind, remember=False))


def ask(
    subject: Subject, action: str, resource: str, context: Context, *, owner: str | None = None
) -> Verdict:
    """Decide one action on one resource, and say why.

    What ``context`` gives stands in the place of what the principal brings, whatever the case of the keys. ``owner``
    is the account of the resource: where it is another's than the caller's, both have to allow.
    """
    request = policy.Request(action, resource, policy.overlaid(subject.context, context), subject.principal)
    if owner is None or subject.principal is None or owner == subject.principal.account:
        return _verdict(subject, request)
    return _across_accounts(subject, request)


def is_one_action(text: str) -> bool:
    """Can it be asked about: one operation of a service, without wildcards?"""
    service, _, name = text.partition(":")
    return bool(service and name) and "*" not in text and "?" not in text


def is_resource(text: str) -> bool:
    """Can it be asked about: an ARN, or ``*`` for actions that know no resource?"""
    return text == "*" or policy.arn_fields(text) is not None


def context_keys(sources: Sequence[Source]) -> list[str]:
    """The condition keys that policies refer to, by name; of spellings that differ in case the first."""
    keys = (key for source in sources for key in sorted(policy.context_keys(source.compiled)))
    return sorted(policy.distinct_keys(keys))


def _verdict(subject: Subject, request: policy.Request) -> Verdict:
    resources = () if subject.resource_policy is None else (subject.resource_policy,)
    bounds = () if subject.boundary is None else (subject.boundary,)
    explained = policy.explain(
        request,
        identity=[source.compiled for source in subject.identity],
        boundary=subject.boundary.compiled if subject.boundary else None,
        resource_policies=[source.compiled for source in resources],
    )
    by_type = {
        PolicyType.IDENTITY: subject.identity,
        PolicyType.BOUNDARY: bounds,
        PolicyType.RESOURCE: resources,
    }
    applying = [
        Reason(each.type, by_type[each.type][each.policy], each.statement, each.sid, each.allows)
        for each in explained.matched
    ]
    decided, others = _divided(explained.decision, applying)
    return Verdict(
        explained.decision,
        decided,
        others,
        explained.missing_context,
        _boundary_allows(applying) if bounds else None,
    )


def _divided(
    decision: policy.Decision, applying: Sequence[Reason]
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """The statements that decided, and the rest. A verdict by default has no statement of its own."""
    if not decision.allowed and not decision.explicit_deny:
        return (), tuple(applying)
    decided = tuple(each for each in applying if each.allows is decision.allowed)
    return decided, tuple(each for each in applying if each.allows is not decision.allowed)


def _boundary_allows(applying: Sequence[Reason]) -> bool:
    bounding = [each.allows for each in applying if each.type is PolicyType.BOUNDARY]
    return bool(bounding) and all(bounding)


def _across_accounts(subject: Subject, request: policy.Request) -> Verdict:
    """The caller's account decides by its policies, the resource's account by the resource's alone."""
    own = _verdict(replace(subject, resource_policy=None), request)
    resources = () if subject.resource_policy is None else (subject.resource_policy.compiled,)
    foreign = policy.explain(
        request,
        identity=(policy.parse(managed_policies.EVERYTHING),),
        resource_policies=resources,
        resource_policy_required=True,
    )
    decision = _stricter(own.decision, foreign.decision)
    theirs = [
        Reason(each.type, subject.resource_policy, each.statement, each.sid, each.allows)
        for each in foreign.matched
        if each.type is PolicyType.RESOURCE and subject.resource_policy is not None
    ]
    decided, others = _divided(decision, [*own.reasons, *own.others, *theirs])
    missing = tuple(policy.distinct_keys((*own.missing, *foreign.missing_context)))
    parts = {PolicyType.IDENTITY: own.decision, PolicyType.RESOURCE: foreign.decision}
    return Verdict(decision, decided, others, missing, own.boundary_allows, parts)


def _stricter(one: policy.Decision, other: policy.Decision) -> policy.Decision:
    return max(one, other, key=strictness)


def strictness(decision: policy.Decision) -> int:
    """Nought for allowed, more for denied, most for denied explicitly."""
    return 0 if decision.allowed else 2 if decision.explicit_deny else 1


def _inline(holder: Holder) -> list[Source]:
    kind = noun(holder)
    return [
        Source(
            f"{kind}_{holder.name}_{row.name}", kind, row.document, rights.compiled(row.document, "identity")
        )
        for row in holder.inline_policies.all()
    ]


def _managed(managed: ManagedPolicy, kind: policy.Kind = "identity") -> Source:
    origin = "aws-managed" if managed.is_aws_managed else "user-managed"
    compiled = rights.compiled(managed.document, kind)
    return Source(managed.name, origin, managed.document, compiled, managed.arn)
