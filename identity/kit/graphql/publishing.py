"""What a mutation returned, told to the processes that serve subscriptions."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from graphql import FieldNode, GraphQLObjectType, GraphQLSchema, SelectionSetNode, print_ast

from identity.core import broadcast
from identity.kit.graphql import documents
from identity.kit.graphql.api import Api
from identity.kit.graphql.documents import Document

log = logging.getLogger("identity.kit")

_Chosen = tuple[FieldNode, str | None]


def channel(api: Api) -> str:
    return f"graphql:{api.id}"


def tell(api: Api, document: Document, data: Mapping[str, Any]) -> None:
    """Broadcast each of the mutations' results that a subscription may tell of. Never raises, never waits long."""
    loaded = api.loaded()
    telling = loaded.telling_mutations
    if not telling:
        return
    for key, chosen in _by_key(document, document.operation.selection_set).items():
        nodes = [node for node, _ in chosen]
        name, value = nodes[0].name.value, data.get(key)
        if name in telling and value is not None:
            _send(api, name, by_field_names(loaded.core, document, value, nodes))


def by_field_names(schema: GraphQLSchema, document: Document, value: Any, nodes: Sequence[FieldNode]) -> Any:
    """A result under its fields' own names: subscribers have other aliases than who made the mutation.

    One field under two aliases is told once, with all that was selected of it; asked with other arguments, it is told as
    it came first. What may be one field or another, because the type isn't known, is not told.
    """
    if isinstance(value, list):
        return [by_field_names(schema, document, item, nodes) for item in value]
    if not isinstance(value, dict):
        return value
    below = _by_key(document, *(node.selection_set for node in nodes))
    if not below:  # a scalar that happens to be an object
        return value
    type_name = _type_name(value, below)
    told: dict[str, Any] = {}
    first: dict[str, FieldNode] = {}
    for key, chosen in below.items():
        children = [child for child, for_type in chosen if not _is_other_type(schema, for_type, type_name)]
        name = _only_name(children)
        if name is None or key not in value:
            continue
        found = by_field_names(schema, document, value[key], children)
        if first.setdefault(name, children[0]) is children[0]:
            told[name] = found
        elif _arguments(first[name]) == _arguments(children[0]):
            told[name] = _merged(told[name], found)
    return told


def _by_key(document: Document, *selections: SelectionSetNode | None) -> dict[str, list[_Chosen]]:
    """What is selected under each name of the answer, with the type that it is for."""
    found: dict[str, list[_Chosen]] = {}
    for each in selections:
        for node, for_type in documents.selected(each, document.fragments):
            found.setdefault(documents.response_key(node), []).append((node, for_type))
    return found


def _only_name(nodes: Iterable[FieldNode]) -> str | None:
    names = {node.name.value for node in nodes}
    return names.pop() if len(names) == 1 else None


def _type_name(value: Mapping[str, Any], below: Mapping[str, list[_Chosen]]) -> str | None:
    for key, chosen in below.items():
        # Of a name that is another field's in another type, the value may be that field's.
        if key in value and _only_name(node for node, _ in chosen) == "__typename":
            name: str | None = value[key]
            return name
    return None


def _arguments(node: FieldNode) -> list[str]:
    return sorted(print_ast(argument) for argument in node.arguments or ())


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        shared = {name: _merged(one[name], other[name]) for name in one.keys() & other.keys()}
        return {**one, **other, **shared}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_merged(*pair) for pair in zip(one, other, strict=True)]
    return one


def _is_other_type(schema: GraphQLSchema, for_type: str | None, type_name: str | None) -> bool:
    if for_type is None or type_name is None or for_type == type_name:
        return False
    return isinstance(schema.type_map.get(for_type), GraphQLObjectType)


def _send(api: Api, mutation: str, value: Any) -> None:
    text = json.dumps({"mutation": mutation, "value": value}, cls=DjangoJSONEncoder)
    if len(text) > api.limits.event_bytes:
        log.warning("%s: a result of %s is too large to be told to subscribers", api.id, mutation)
        return
    broadcast.send(channel(api), text)
