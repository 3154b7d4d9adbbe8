"""Documents measured before anything is validated or executed, and taken apart. Pure.

Every measure is counted once a fragment, so that fragments that multiply one another cost nothing to count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
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
    """Parse and measure. Raises GraphQLError for its syntax, Unclear, TooMuch."""
    ast = parse(text, max_tokens=limits.tokens)
    fragments = {
        each.name.value: each for each in ast.definitions if isinstance(each, FragmentDefinitionNode)
    }
    operation = _operation(ast, operation_name)
    measure = _Measure(fragments)
    size = measure.of(operation.selection_set)
    if size.depth > limits.depth:
        raise TooMuch(f"Query depth {size.depth} is greater than the limit of {limits.depth}.")
    if size.fields > limits.fields:
        raise TooMuch(f"The query selects more than {limits.fields} fields.")
    return Document(ast, operation, fragments, measure.introspects)


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
    """Sizes of selection sets. A fragment that contains itself counts as nothing there: validation refuses it."""

    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, _Size] = field(default_factory=dict)
    introspects: bool = False

    def of(self, selections: SelectionSetNode | None) -> _Size:
        sizes = [self._of_node(node) for node in selections.selections] if selections else []
        return _Size(max((size.depth for size in sizes), default=0), sum(size.fields for size in sizes))

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
                return self._of_fragment(node.name.value)
        return _Size()

    def _of_fragment(self, name: str) -> _Size:
        fragment = self.fragments.get(name)
        if fragment is None:
            return _Size()
        if name not in self.known:
            self.known[name] = _Size()
            self.known[name] = self.of(fragment.selection_set)
        return self.known[name]
