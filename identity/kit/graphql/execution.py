"""Queries and mutations: from what was asked to AppSync's answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from identity.kit.graphql import documents, faults, publishing
from identity.kit.graphql.api import Api
from identity.kit.graphql.context import Context
from identity.kit.graphql.documents import Document
from identity.kit.graphql.errors import PERMISSION_DENIED, PermissionDenied, Refused, Unauthorized
from identity.kit.graphql.requests import Asked

Answer = dict[str, Any]


def run(api: Api, asked: Asked, context: Context) -> Answer:
    """The answer's JSON; after a mutation its subscribers are told.

    Raises Refused where policies allow none of the fields. Resolvers are plain functions: one that needs to wait blocks
    its thread, as all of Django's views do.
    """
    try:
        document = documents.read(asked.query, asked.operation_name, api.limits)
    except GraphQLError as error:
        return {"data": None, "errors": [faults.shape(api, error)]}
    except (documents.TooMuch, documents.Unclear) as error:
        return faults.of_document(str(error))
    if document.kind == "subscription":
        return faults.of_document(
            "Subscriptions are served by WebSocket: connect to the endpoint's /realtime."
        )
    if document.introspects and not api.introspection:
        return faults.of_document("GraphQL introspection is not allowed.")
    return _execute(api, asked, document, context)


def _execute(api: Api, asked: Asked, document: Document, context: Context) -> Answer:
    result = api.loaded().strawberry.execute_sync(
        asked.query,
        variable_values=dict(asked.variables),
        context_value=context,
        operation_name=asked.operation_name,
    )
    errors: Sequence[GraphQLError] = result.errors or ()
    _require_any(document, errors)
    if document.kind == "mutation" and result.data:
        publishing.tell(api, document, result.data)
    answer: Answer = {"data": _data(result.data, errors)}
    if errors:
        answer["errors"] = [faults.shape(api, error) for error in errors]
    return answer


def _require_any(document: Document, errors: Sequence[GraphQLError]) -> None:
    """A caller to whom policies allow nothing of what was asked is turned away as one without any right."""
    denied = {
        error.path[0] for error in errors if error.path and isinstance(error.original_error, PermissionDenied)
    }
    chosen = documents.selected(document.operation.selection_set, document.fragments) if denied else ()
    if denied and denied.issuperset(documents.response_key(node) for node, _ in chosen):
        raise Refused(PERMISSION_DENIED, why="no policy allows any of the fields")


def _data(data: Mapping[str, Any] | None, errors: Sequence[GraphQLError]) -> Mapping[str, Any] | None:
    """A request for one field that is refused has no data at all."""
    if data and list(data.values()) == [None]:
        refused = any(
            isinstance(error.original_error, Unauthorized) and len(error.path or ()) == 1 for error in errors
        )
        return None if refused else data
    return data
