"""A mutation's result under its fields' own names, whatever aliases it came by."""

from typing import Any

import pytest
from graphql import build_schema

from identity.kit.graphql import documents, publishing
from identity.kit.graphql.api import Limits

pytestmark = pytest.mark.core_suite

SCHEMA = build_schema("""
    interface Thing { id: ID  parent: Thing }
    type Note implements Thing { id: ID  parent: Thing  title(mark: String): String  pages: [Thing] }
    type Folder implements Thing { id: ID  parent: Thing  name: String }
    type Query { thing: Thing }
    type Mutation { make: Thing }
""")


def told(selection: str, value: Any) -> Any:
    document = documents.read(f"mutation {{ make {{ {selection} }} }}", None, Limits())
    (node,) = document.operation.selection_set.selections
    return publishing.by_field_names(SCHEMA, document, value, [node])  # type: ignore[list-item]  # it is a field


def test_one_field_under_two_aliases_is_told_with_all_that_was_selected_of_it() -> None:
    selection = "a: parent { id p: parent { id } } b: parent { __typename parent { t: __typename } }"
    value = {"a": {"id": 1, "p": {"id": 2}}, "b": {"__typename": "Note", "parent": {"t": "Folder"}}}

    assert told(selection, value) == {
        "parent": {"id": 1, "__typename": "Note", "parent": {"id": 2, "__typename": "Folder"}}
    }


def test_lists_are_merged_by_place() -> None:
    selection = "... on Note { a: pages { id } b: pages { __typename } }"
    value = {
        "a": [{"id": 1}, {"id": 2}, None],
        "b": [{"__typename": "Note"}, {"__typename": "Folder"}, None],
    }

    assert told(selection, value) == {
        "pages": [{"id": 1, "__typename": "Note"}, {"id": 2, "__typename": "Folder"}, None]
    }


def test_one_field_asked_in_two_ways_is_told_as_it_came_first() -> None:
    selection = '... on Note { a: title(mark: "!") b: title(mark: "?") }'

    assert told(selection, {"a": "Tea!", "b": "Tea?"}) == {"title": "Tea!"}


BOTH = "... on Note { x: title } ... on Folder { x: name }"


@pytest.mark.parametrize("name", ["Note", "Folder"])
def test_a_name_that_two_types_share_is_told_by_the_type(name: str) -> None:
    field = {"Note": "title", "Folder": "name"}[name]

    assert told(f"t: __typename {BOTH}", {"t": name, "x": "mine"}) == {"__typename": name, field: "mine"}


def test_without_the_type_a_name_that_two_types_share_is_not_told() -> None:
    assert told(f"id {BOTH}", {"id": 1, "x": "mine"}) == {"id": 1}
    below = "... on Note { parent { x: id } } ... on Folder { parent { x: __typename } }"
    assert told(below, {"parent": {"x": "7"}}) == {"parent": {}}


def test_a_value_is_never_taken_for_the_type() -> None:
    selection = f"... on Note {{ t: title }} ... on Folder {{ t: __typename }} {BOTH}"

    assert told(selection, {"t": "Folder", "x": "mine"}) == {}
