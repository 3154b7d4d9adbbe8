"""Simulations over the wire: may they, by which statement, and what is missing. Source: IAM API reference.

One result for each action, with the decision on each resource inside; the result's own decision is the strictest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from identity.core import arns
from identity.core.conf import settings
from identity.iam import policy, roles, rows, simulation, users
from identity.iam.errors import InvalidInput
from identity.iam.operations import asked, exclusions, pages
from identity.iam.policy import PolicyType
from identity.iam.policy.positions import Span, spans
from identity.iam.rows import Holder
from identity.iam.service import iam
from identity.iam.simulation import Reason, Source, Subject, Verdict, strictness
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model

_TYPES: Final = {
    PolicyType.IDENTITY: "IAM Policy",
    PolicyType.BOUNDARY: "Permissions Boundary Policy",
    PolicyType.RESOURCE: "Resource Policy",
}
"""What the service writes; its model lists other words."""
_LISTS: Final = "List"
MOST_DECISIONS: Final = 500
"""Actions times resources in one answer: what remains comes with the next page."""
MOST_CHARACTERS: Final = 131_072
"""Of all documents of one member of a request together, white space counted."""
MOST_WORK: Final = 500_000
"""Decisions in one answer times the characters of the policies that each asks: bounds time and length of the answer."""
VALUES_AT_ONCE: Final = 10
"""So many values of one condition key cost no more than one."""


@iam.operation(resource=asked.source)
def simulate_principal_policy(call: Call, request: Json) -> dict[str, Any]:
    """May a role or a user do it? Their policies as they stand, with others added, left out or in their place."""
    holder = _holder(request["PolicySourceArn"])
    subject = simulation.of_holder(holder)
    subject = exclusions.applied(subject, request.get("PolicyExclusionList", ()), holder)
    added = _documents(request, "PolicyInputList", "identity")
    subject = replace(subject, identity=(*subject.identity, *added))
    return _simulated(subject, request)


@iam.operation
def simulate_custom_policy(call: Call, request: Json) -> dict[str, Any]:
    """What would these policies allow? They are only read, and belong to nobody."""
    if request.get("OrderedOrganizationPolicyInputList"):
        raise InvalidInput("Service control policies are not built: an account here stands alone.")
    if "ResourcePolicy" in request and "CallerArn" not in request:
        raise InvalidInput("CallerArn is required with ResourcePolicy.")
    return _simulated(Subject(None, tuple(_documents(request, "PolicyInputList", "identity"))), request)


@iam.operation(resource=asked.source)
def get_context_keys_for_principal_policy(call: Call, request: Json) -> dict[str, Any]:
    """The condition keys that the policies of a role or a user refer to, and those of documents given along."""
    subject = simulation.of_holder(_holder(request["PolicySourceArn"]))
    bounds = () if subject.boundary is None else (subject.boundary,)
    sources = [*subject.identity, *bounds, *_documents(request, "PolicyInputList", "identity")]
    return {"ContextKeyNames": simulation.context_keys(sources)}


@iam.operation
def get_context_keys_for_custom_policy(call: Call, request: Json) -> dict[str, Any]:
    """The condition keys that these policies refer to."""
    sources = list(_documents(request, "PolicyInputList", "identity"))
    return {"ContextKeyNames": simulation.context_keys(sources)}


def _simulated(subject: Subject, request: Json) -> dict[str, Any]:
    """A page of results, each of which is only computed where it is shown."""
    subject = _with_caller(_with_given(subject, request), request)
    resources = list(dict.fromkeys(request.get("ResourceArns") or ["*"]))
    for resource in resources:
        _require_resource(resource)
    for action in request["ActionNames"]:
        _require_action(action)
    context, owner = _context(request), _owner(request)

    def decided(action: str) -> dict[str, Any]:
        verdicts = [
            simulation.ask(subject, action, resource, context, owner=_owner_of(resource, owner))
            for resource in resources
        ]
        return _result(action, resources, verdicts)

    # Not bound to the content of the question, which may be long: a marker is a place in the caller's own list.
    page = pages.of_items(
        request["ActionNames"],
        request,
        member="EvaluationResults",
        bound_to="simulation",
        most=_most_actions(subject, resources, context),
    )
    return page | {"EvaluationResults": [decided(action) for action in page["EvaluationResults"]]}


def _most_actions(subject: Subject, resources: Sequence[str], context: Json) -> int:
    """How many actions one answer can decide on. Raises ``InvalidInput`` where it is not even one."""
    longest = max((len(values) for values in context.values() if isinstance(values, list)), default=0)
    size = sum(policy.size(source.document) for source in subject.sources)
    work = len(resources) * size * (1 + longest // VALUES_AT_ONCE)
    if len(resources) > MOST_DECISIONS or work > MOST_WORK:
        raise InvalidInput("These are too many resources, or values of a context key, for policies so large.")
    return min(MOST_DECISIONS // len(resources), MOST_WORK // max(1, work))


def _with_given(subject: Subject, request: Json) -> Subject:
    bounds = _documents(request, "PermissionsBoundaryPolicyInputList", "boundary")
    if len(bounds) > 1:
        raise InvalidInput("Only one permissions boundary can be simulated.")
    resource_policy = None
    if "ResourcePolicy" in request:
        resource_policy = _document("ResourcePolicy", 1, request["ResourcePolicy"], "resource")
    return replace(
        subject, boundary=bounds[0] if bounds else subject.boundary, resource_policy=resource_policy
    )


def _with_caller(subject: Subject, request: Json) -> Subject:
    """As somebody else, with the policies of the subject; who it is about may be named, too."""
    arn = request.get("CallerArn")
    if arn is None or arn == request.get("PolicySourceArn"):
        return subject
    try:
        return simulation.as_named(subject, arn)
    except ValueError as error:
        raise InvalidInput(f"Invalid CallerArn: {arn} is not the ARN of a user or a role.") from error


def _holder(arn: str) -> Holder:
    """The role or user of this ARN. Raises ``InvalidInput`` for another kind, ``NoSuchEntity``."""
    try:
        resource = arns.parse(arn).resource
    except ValueError as error:
        raise InvalidInput(
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        ) from error
    kind, _, rest = resource.partition("/")
    finders: dict[str, Callable[[str], Holder]] = {"role": roles.get, "user": users.get}
    if kind not in finders or not rest:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    found = finders[kind](rest.rpartition("/")[2])
    if found.arn != arn:
        raise rows.not_found(kind, found.name)
    return found


def _documents(request: Json, member: str, kind: policy.Kind) -> list[Source]:
    if sum(map(len, request.get(member, ()))) > MOST_CHARACTERS:
        raise InvalidInput(f"The documents of {member} together exceed {MOST_CHARACTERS} characters.")
    return [_document(member, number, text, kind) for number, text in enumerate(request.get(member, ()), 1)]


def _document(member: str, number: int, text: str, kind: policy.Kind) -> Source:
    try:
        return simulation.given(number, text, kind, id=member)
    except policy.MalformedPolicy as error:
        raise InvalidInput(f"Document {number} of {member}: {error}") from error


def _require_action(action: str) -> None:
    if not simulation.is_one_action(action):
        raise InvalidInput(f"Invalid Input Action: {action}")


def _require_resource(resource: str) -> None:
    if not simulation.is_resource(resource):
        raise InvalidInput(f"Invalid Input Resource arn: {resource}")


def _context(request: Json) -> dict[str, Any]:
    """Lists stay lists: in policies they are other keys than single values. Keys without a value are not there."""
    found: dict[str, Any] = {}
    for entry in request.get("ContextEntries", ()):
        name, values = entry.get("ContextKeyName"), entry.get("ContextKeyValues", [])
        is_list = entry.get("ContextKeyType", "string").endswith(_LISTS)
        if name is None or (len(values) > 1 and not is_list):
            raise InvalidInput(f"Context entry {name or ''}: several values need one of the list types.")
        if is_list or values:
            found = policy.overlaid(found, {name: values if is_list else values[0]})
    return found


def _owner(request: Json) -> str | None:
    """The account that owns resources; None where the request neither names one nor has a resource policy."""
    if "ResourceOwner" not in request:
        return settings().account_id if "ResourcePolicy" in request else None
    owner: str = request["ResourceOwner"]
    account = owner.removesuffix(":root").rpartition(":")[2]
    if not (account.isascii() and account.isdigit() and len(account) == 12):
        raise InvalidInput(f"Invalid ResourceOwner: {owner}")
    return account


def _owner_of(resource: str, owner: str | None) -> str | None:
    fields = policy.arn_fields(resource)
    return owner if owner is None or fields is None else fields[4] or owner


def _result(action: str, resources: Sequence[str], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    strictest = max(verdicts, key=lambda each: strictness(each.decision)).decision
    deciding = [each for each in verdicts if strictness(each.decision) == strictness(strictest)]
    reasons = list(dict.fromkeys(reason for each in deciding for reason in each.reasons))
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": "*",
        "EvalDecision": _word(strictest),
        "MatchedStatements": _statements(reasons),
        "MissingContextValues": policy.distinct_keys(key for each in verdicts for key in each.missing),
        **_boundary_detail(verdicts),
    }
    if list(resources) == ["*"]:
        return result
    specific = [_specific(resource, each) for resource, each in zip(resources, verdicts, strict=True)]
    return result | {"EvalDecisionDetails": _details(verdicts), "ResourceSpecificResults": specific}


def _specific(resource: str, verdict: Verdict) -> dict[str, Any]:
    shown = {
        "EvalResourceName": resource,
        "EvalResourceDecision": _word(verdict.decision),
        "MatchedStatements": _statements(verdict.reasons),
        "MissingContextValues": list(verdict.missing),
        **_boundary_detail([verdict]),
    }
    return shown | ({"EvalDecisionDetails": _details([verdict])} if verdict.parts else {})


def _word(decision: policy.Decision) -> str:
    return ("allowed", "implicitDeny", "explicitDeny")[strictness(decision)]


def _boundary_detail(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    if verdicts[0].boundary_allows is None:
        return {}
    allowed = all(each.boundary_allows for each in verdicts)
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": allowed}}


def _details(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """The strictest decision of each type of policy, where two accounts decide."""
    found: dict[str, policy.Decision] = {}
    for each in verdicts:
        for kind, decision in each.parts.items():
            known = found.get(_TYPES[kind], decision)
            found[_TYPES[kind]] = max(known, decision, key=strictness)
    return {kind: _word(decision) for kind, decision in found.items()}


def _statements(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [
        {
            "SourcePolicyId": each.source.id,
            "SourcePolicyType": _TYPES[each.type],
            **_places(each),
        }
        for each in reasons
    ]


def _places(reason: Reason) -> dict[str, Any]:
    """None for a stored document that can't be read, in whose place a denial of everything stands."""
    try:
        span: Span = spans(reason.source.document)[reason.statement]
    except (ValueError, IndexError):
        return {}
    return {
        "StartPosition": {"Line": span.start.line, "Column": span.start.column},
        "EndPosition": {"Line": span.end.line, "Column": span.end.column},
    }
