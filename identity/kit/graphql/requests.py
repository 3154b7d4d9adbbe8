"""What a request asks: its body, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.core.errors import ServiceError
from identity.kit.graphql.errors import Malformed
from identity.wire import content


@dataclass(frozen=True, slots=True)
class Asked:
    query: str
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    operation_name: str | None = None


def read(body: bytes) -> Asked:
    """Raises Malformed for anything but ``{"query": …, "variables": {…}, "operationName": …}``."""
    try:
        given = content.read_json(body)
    except ServiceError as error:
        raise Malformed(why=error.why) from error
    if not isinstance(given, dict) or not isinstance(given.get("query"), str) or not given["query"].strip():
        raise Malformed
    variables, name = given.get("variables"), given.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Malformed
    return Asked(given["query"], variables or {}, name or None)
