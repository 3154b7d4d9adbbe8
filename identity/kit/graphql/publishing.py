"""What a mutation returned, told to the processes that serve subscriptions."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from graphql import FieldNode, GraphQLObjectType, GraphQLSchema

from identity.core import broadcast
from identity.kit.graphql import documents
from identity.kit.graphql.api import Api
from identity.kit.graphql.documents import Document

log = logging.getLogger("identity.kit")


def channel(api: Api) -> str:
    return f"graphql:{api.id}"


def tell(api: Api, document: Document, data: Mapping[str, Any]) -> None:
    """Broadcast each of the mutations' results that a subscription may tell of. Never raises, never waits long."""
    loaded = api.loaded()
    telling = loaded.telling_mutations
    if not telling:
        return
    for node, _ in documents.selected(document.operation.selection_set, document.fragments):
        value = data.get(documents.response_key(node))
        if node.name.value in telling and value is not None:
            _send(api, node.name.value, by_field_names(loaded.core, document, value, [node]))


def by_field_names(schema: GraphQLSchema, document: Document, value: Any, nodes: Iterable[FieldNode]) -> Any:
    """A result under its fields' own names: subscribers have other aliases than who made the mutation."""
    if isinstance(value, list):
        return [by_field_names(schema, document, item, nodes) for item in value]
    if not isinstance(value, dict):
        return value
    nodes = list(nodes)
    below: dict[str, list[FieldNode]] = {}
    type_name = _type_name(document, value, nodes)
    for node in nodes:
        for child, for_type in documents.selected(node.selection_set, document.fragments):
            if not _is_other_type(schema, for_type, type_name):
                below.setdefault(documents.response_key(child), []).append(child)
    if not below:  # a scalar that happens to be an object
        return value
    return {
        children[0].name.value: by_field_names(schema, document, value[key], children)
        for key, children in below.items()
        if key in value
    }


def _type_name(document: Document, value: Mapping[str, Any], nodes: Iterable[FieldNode]) -> str | None:
    for node in nodes:
        for child, _ in documents.selected(node.selection_set, document.fragments):
            if child.name.value == "__typename":
                name: str | None = value.get(documents.response_key(child))
                return name
    return None


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
