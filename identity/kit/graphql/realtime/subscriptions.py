"""One subscription: started, matched with what mutations return, and told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import ExecutionResult, FieldNode, GraphQLError, execute_sync, validate

from identity.kit.graphql import documents, faults, requests
from identity.kit.graphql.api import Api, Limits
from identity.kit.graphql.context import Context
from identity.kit.graphql.documents import Document
from identity.kit.graphql.errors import PERMISSION_DENIED, PermissionDenied, Refused
from identity.kit.graphql.schema import Info, Loaded, require_access

Fault = Mapping[str, Any]


class NotStarted(Exception):
    """The subscription is refused, for these reasons in AppSync's JSON."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__()


@dataclass(frozen=True, slots=True)
class Subscription:
    """``filters`` are the arguments that were given: fields of the result must equal them."""

    api: Api
    document: Document
    field_name: str
    variables: Mapping[str, Any] = field(repr=False)
    filters: Mapping[str, Any] = field(repr=False)
    context: Context

    @property
    def mutations(self) -> frozenset[str]:
        return self.api.loaded().told_by[self.field_name]


def start(api: Api, data: str, context: Context) -> Subscription:
    """Check what is asked and let the field's resolver object: it is called once, now, with the arguments.

    Raises NotStarted. Touches the database as far as the resolver does.
    """
    try:
        asked = requests.read(data.encode("utf-8", "surrogatepass"))
        document = documents.read(asked.query, asked.operation_name, _limits(api))
    except Refused as error:
        raise NotStarted(faults.fault("BadRequestException", error.message)) from error
    except GraphQLError as error:
        raise NotStarted(faults.shape(api, error)) from error
    except (documents.TooMuch, documents.Unclear) as error:
        raise NotStarted(faults.fault("BadRequestException", str(error))) from error
    loaded = api.loaded()
    if document.kind != "subscription":
        raise NotStarted(faults.fault("BadRequestException", "Only subscriptions are served here."))
    if errors := validate(loaded.core, document.ast):
        raise NotStarted(*(faults.shape(api, error) for error in errors))
    node = _only_field(document)
    _require_no_objection(loaded, document, asked, context)
    filters = _arguments(loaded, document, asked, node)
    return Subscription(api, document, node.name.value, asked.variables, filters, context)


def _limits(api: Api) -> Limits:
    return replace(api.limits, fields=min(api.limits.fields, api.limits.subscription_fields))


def matches(subscription: Subscription, value: Any) -> bool:
    """Whether a mutation's result has what the subscription filters by. What the mutation's own selection left out
    matches nothing; a filter that is null matches null."""
    if not subscription.filters:
        return True
    if not isinstance(value, dict):
        return False
    return all(
        name in value and _is_same(value[name], wanted) for name, wanted in subscription.filters.items()
    )


def payload(subscription: Subscription, value: Any) -> dict[str, Any]:
    """What the subscriber is told of a result: of its fields those that both selected, and that it may see."""
    result = _on_image(subscription, value)
    told: dict[str, Any] = {"data": result.data}
    if result.errors:
        told["errors"] = [faults.shape(subscription.api, error) for error in result.errors]
    return told


def _require_no_objection(
    loaded: Loaded, document: Document, asked: requests.Asked, context: Context
) -> None:
    result = execute_sync(
        loaded.core,
        document.ast,
        context_value=context,
        variable_values=dict(asked.variables),
        operation_name=asked.operation_name,
    )
    if result.errors:
        raise NotStarted(*(_objection(context.api, error) for error in result.errors))
    if not result.data:  # skipped by a directive: whether it is allowed was never asked
        raise NotStarted(faults.fault("BadRequestException", "A subscription selects one field."))


def _objection(api: Api, error: GraphQLError) -> Fault:
    if isinstance(error.original_error, PermissionDenied):
        return faults.fault("UnauthorizedException", PERMISSION_DENIED)
    return faults.shape(api, error)


def _only_field(document: Document) -> FieldNode:
    nodes = [node for node, _ in documents.selected(document.operation.selection_set, document.fragments)]
    if len(nodes) != 1:
        raise NotStarted(faults.fault("BadRequestException", "A subscription selects one field."))
    return nodes[0]


def _arguments(loaded: Loaded, document: Document, asked: requests.Asked, node: FieldNode) -> dict[str, Any]:
    """As JSON would have them: the image knows scalars and enums by their wire form only."""
    seen: dict[str, Any] = {}

    def note(root: Any, info: Info, **arguments: Any) -> None:
        seen.update(arguments)

    execute_sync(
        loaded.image,
        document.ast,
        variable_values=dict(asked.variables),
        operation_name=asked.operation_name,
        field_resolver=note,
    )
    given = documents.given_arguments(node, asked.variables)
    return {name: value for name, value in seen.items() if name in given}


def _on_image(subscription: Subscription, value: Any) -> ExecutionResult:
    api, loaded = subscription.api, subscription.api.loaded()

    def told(root: Any, info: Info, **_: Any) -> Any:
        rule = loaded.rules[info.parent_type.name, info.field_name]
        require_access(api, subscription.context, rule, info)
        return root.get(info.field_name)

    name = subscription.document.operation.name
    return execute_sync(
        loaded.image,
        subscription.document.ast,
        {subscription.field_name: value},
        variable_values=dict(subscription.variables),
        operation_name=name.value if name else None,
        field_resolver=told,
    )


def _is_same(value: Any, wanted: Any) -> bool:
    """JSON's equality: true is not 1."""
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)
