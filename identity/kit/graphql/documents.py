"""Documents measured before anything is validated or executed, and taken apart. Pure.

Sizes are counted once a fragment, so that fragments that multiply one another cost nothing to count. What is small
enough is then spelt out, for how often it repeats itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

from identity.kit.graphql.api import Limits


class TooMuch(Exception):
    """The document asks for more than the limits allow. Its text may be told."""


class Unclear(Exception):
    """The document has no operation, or none of the name, or several and no name was given. Its text may be told."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document with its one operation."""

    ast: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    introspects: bool

    @property
    def kind(self) -> str:
        """``query``, ``mutation`` or ``subscription``."""
        return self.operation.operation.value


def read(text: str, operation_name: str | None, limits: Limits) -> Document:
    """Parse and measure. Raises GraphQLError for its syntax and for fragments that contain themselves; Unclear, TooMuch."""
    try:
        return _read(text, operation_name, limits)
    except RecursionError as error:
        raise TooMuch("The query nests too deeply.") from error


def selected(
    selections: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[tuple[FieldNode, str | None]]:
    """The fields of a selection set, fragments spelt out, each with the type that its fragment is for. Only for
    validated documents: a fragment that contains itself would not end."""
    for node in selections.selections if selections else ():
        match node:
            case FieldNode():
                yield node, None
            case InlineFragmentNode():
                own = node.type_condition.name.value if node.type_condition else None
                yield from ((each, deeper or own) for each, deeper in selected(node.selection_set, fragments))
            case FragmentSpreadNode():
                fragment = fragments[node.name.value]
                own = fragment.type_condition.name.value
                below = selected(fragment.selection_set, fragments)
                yield from ((each, deeper or own) for each, deeper in below)


def response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def given_arguments(node: FieldNode, variables: Mapping[str, Any]) -> frozenset[str]:
    """The arguments that are there at all: a variable that isn't given leaves its argument away."""
    return frozenset(
        argument.name.value
        for argument in node.arguments or ()
        if not isinstance(argument.value, VariableNode) or argument.value.name.value in variables
    )


def _read(text: str, operation_name: str | None, limits: Limits) -> Document:
    ast = parse(text, max_tokens=limits.tokens)
    fragments = {
        each.name.value: each for each in ast.definitions if isinstance(each, FragmentDefinitionNode)
    }
    operation = _operation(ast, operation_name)
    measure = _Measure(fragments)
    size = measure.of(operation.selection_set)
    if size.depth > limits.depth:
        raise TooMuch(f"Query depth {size.depth} is greater than the limit of {limits.depth}.")
    introspects = measure.introspects
    _require_quick_validation(ast, measure, limits)
    return Document(ast, operation, fragments, introspects)


def _require_quick_validation(ast: DocumentNode, measure: "_Measure", limits: Limits) -> None:
    """Of all definitions, for all are validated. What was spelt out within another needs no count of its own."""
    spelt: set[int] = set()
    operations = [each for each in ast.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = [each for each in ast.definitions if isinstance(each, FragmentDefinitionNode)]
    for each in (*operations, *fragments):
        if measure.of(each.selection_set).fields > limits.fields:
            raise TooMuch(f"The query selects more than {limits.fields} fields.")
        if id(each) not in spelt:
            _Repeats(measure, limits.repeats, spelt).count(each.selection_set)


def _operation(ast: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [each for each in ast.definitions if isinstance(each, OperationDefinitionNode)]
    if name:
        found = [each for each in found if each.name and each.name.value == name]
    if not found:
        raise Unclear(f"Unknown operation named '{name}'." if name else "Must provide an operation.")
    if len(found) > 1:
        raise Unclear("Must provide operation name if query contains multiple operations.")
    return found[0]


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    fields: int = 0


@dataclass(slots=True)
class _Measure:
    """Sizes of selection sets. Raises GraphQLError for a fragment that contains itself, as validation would."""

    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, _Size | None] = field(default_factory=dict)
    introspects: bool = False

    def of(self, selections: SelectionSetNode | None) -> _Size:
        sizes = [self._of_node(node) for node in selections.selections] if selections else []
        return _Size(max((size.depth for size in sizes), default=0), sum(size.fields for size in sizes))

    def of_fragment(self, node: FragmentSpreadNode) -> _Size:
        name = node.name.value
        fragment = self.fragments.get(name)
        if fragment is None:
            return _Size()
        if name not in self.known:
            self.known[name] = None
            self.known[name] = self.of(fragment.selection_set)
        size = self.known[name]
        if size is None:  # being measured
            raise GraphQLError(f"Cannot spread fragment '{name}' within itself.", node)
        return size

    def _of_node(self, node: Any) -> _Size:
        match node:
            case FieldNode() if node.name.value.startswith("__"):
                self.introspects |= node.name.value in ("__schema", "__type")
                # How deep introspection may go is one of graphql-core's own rules.
                return _Size(1, self.of(node.selection_set).fields + 1)
            case FieldNode():
                below = self.of(node.selection_set)
                return _Size(below.depth + 1, below.fields + 1)
            case InlineFragmentNode():
                return self.of(node.selection_set)
            case FragmentSpreadNode():
                return self.of_fragment(node)
        return _Size()


@dataclass(slots=True)
class _Repeats:
    """How often the document selects what stands at one path of the answer, fragments spelt out.

    Validation compares each such selection with each other: without a bound, a small document takes it seconds.
    """

    measure: _Measure
    most: int
    spelt: set[int]  # by identity: nodes hash by all that is in them
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def count(self, selections: SelectionSetNode | None, path: tuple[str, ...] = ()) -> None:
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    below = (*path, response_key(node))
                    self.counts[below] += 1
                    if self.counts[below] > self.most:
                        raise TooMuch(f"The query selects {below[-1]!r} more than {self.most} times.")
                    self.count(node.selection_set, below)
                case InlineFragmentNode():
                    self.count(node.selection_set, path)
                # One without fields holds unknown fragments only, which may multiply one another.
                case FragmentSpreadNode() if self.measure.of_fragment(node).fields:
                    fragment = self.measure.fragments[node.name.value]
                    self.spelt.add(id(fragment))
                    self.count(fragment.selection_set, path)
