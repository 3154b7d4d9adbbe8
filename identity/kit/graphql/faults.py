"""Faults of single fields and of documents, in AppSync's JSON."""

import logging
import re
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from identity.kit.graphql.api import Api
from identity.kit.graphql.errors import FieldFault

log = logging.getLogger("identity.kit")

_LONGEST = 1000
_INTERNAL = "Internal error"
# Raised by graphql-core as a fault of the resolver's; it names nothing but the schema.
_NULL = re.compile(r"Cannot return null for non-nullable field [\w.]+\.")
_SUGGESTION = re.compile(r" Did you mean .*", re.DOTALL)


def shape(api: Api, error: GraphQLError) -> dict[str, Any]:
    """One entry of ``errors``. What a resolver didn't mean for the caller is logged and not told, nor do suggestions name
    fields where introspection is closed."""
    cause = error.original_error
    locations = [
        {"line": each.line, "column": each.column, "sourceName": None} for each in error.locations or ()
    ]
    if isinstance(cause, FieldFault):
        return {
            "path": error.path,
            "data": cause.data,
            "errorType": cause.error_type,
            "errorInfo": cause.info,
            "locations": locations,
            "message": cause.message,
        }
    if cause is not None and not isinstance(cause, GraphQLError) and not _NULL.fullmatch(str(cause)):
        log.error("GraphQL field %s failed", _shown(error.path), exc_info=cause)
        told = {"data": None, "errorType": "InternalFailure", "errorInfo": None}
        return {"path": error.path, **told, "locations": locations, "message": _INTERNAL}
    message = error.message if api.introspection else _SUGGESTION.sub("", error.message)
    return {"path": error.path, "locations": locations or None, "message": message[:_LONGEST]}


def fault(error_type: str, message: str) -> dict[str, Any]:
    """One entry of ``errors`` in a WebSocket's messages."""
    return {"errorType": error_type, "message": message}


def of_document(message: str) -> dict[str, Any]:
    """The answer to a document that can't be executed: no data, one error that says why."""
    return {"data": None, "errors": [{"path": None, "locations": None, "message": message[:_LONGEST]}]}


def _shown(path: Sequence[str | int] | None) -> str:
    return ".".join(str(step) for step in path or ())
