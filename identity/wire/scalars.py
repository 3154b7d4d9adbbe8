"""JSON values as the model's scalar types, strictly: a number is no string and a boolean no number."""

import base64
import binascii
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from identity.wire.errors import SerializationError

Read = Callable[[Any], Any]

MAX_DOCUMENT_DEPTH = 64
"""Levels of a free-form document; deeper ones would exhaust the stack when they are written again."""

_LIMITS = {"integer": 2**31, "long": 2**63}
_ARTICLES = {"integer": "an Integer", "long": "a Long", "boolean": "a Boolean", "string": "a String"}


def reader(type_name: str) -> Read:
    """The function that reads one scalar type. It raises SerializationError for a value of another type."""
    return _READERS[type_name]


def refuse(value: Any, type_name: str) -> SerializationError:
    """The error for a value of the wrong type, in the service's words."""
    if isinstance(value, dict):
        return SerializationError("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return SerializationError("Start of list found where not expected.")
    if type_name in ("structure", "map", "list"):
        return SerializationError(f"Expected {'list' if type_name == 'list' else 'map'} or null")
    return SerializationError(
        f"{_token(value)} can not be converted to {_ARTICLES.get(type_name, type_name)}"
    )


def check_document(value: Any) -> Any:
    """Pass free-form JSON through. Raises SerializationError where it is nested too deeply."""
    level = [value]
    for _ in range(MAX_DOCUMENT_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return value
    raise SerializationError("Document is nested too deeply")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


def _string(value: Any) -> str:
    if value.__class__ is not str:
        raise refuse(value, "string")
    return value


def _boolean(value: Any) -> bool:
    if value.__class__ is not bool:
        raise refuse(value, "boolean")
    return value


def _number(type_name: str) -> Callable[[Any], int]:
    limit = _LIMITS[type_name]

    def read(value: Any) -> int:
        if value.__class__ is float and value.is_integer():
            value = int(value)
        if value.__class__ is not int or not -limit <= value < limit:
            raise refuse(value, type_name)
        return value

    return read


def _float(value: Any) -> float:
    if value.__class__ not in (int, float) or not math.isfinite(value):
        raise refuse(value, "a Double")
    return float(value)


def _blob(value: Any) -> bytes:
    if value.__class__ is bytes:
        return value
    try:
        return base64.b64decode(_string(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SerializationError("Invalid base64 string") from error


def _timestamp(value: Any) -> datetime:
    """Epoch seconds, or ISO 8601 text with or without an offset. Raises SerializationError."""
    try:
        if value.__class__ in (int, float):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(_string(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SerializationError("Unable to parse date") from error


_READERS: dict[str, Read] = {
    "string": _string,
    "boolean": _boolean,
    "integer": _number("integer"),
    "long": _number("long"),
    "float": _float,
    "double": _float,
    "blob": _blob,
    "timestamp": _timestamp,
}
