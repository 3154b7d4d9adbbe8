"""Bodies and query strings as plain values. What a database could not store is refused here, once for all services."""

import json
from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from identity.core.storable import is_storable
from identity.wire.errors import SerializationError

MAX_FIELDS = 2_000
"""Fields of a form: far more than any query operation has."""


def read_json(body: bytes) -> Any:
    """A JSON body; an empty one is an empty object. Raises SerializationError for anything malformed.

    NUL and lone surrogates can only come as escapes, so only bodies with escapes are searched for them.
    """
    if not body:
        return {}
    try:
        parsed = _decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SerializationError(why=type(error).__name__) from error
    if b"\\u" in body:
        require_storable(parsed)
    return parsed


def read_form(text: str) -> dict[str, str]:
    """Fields of a form or a query string; of repeated ones the last counts. Raises SerializationError."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise SerializationError(why=type(error).__name__) from error
    require_storable(pairs)
    return dict(pairs)


def require_storable(value: Any) -> None:
    """Raises SerializationError where any text in it has a NUL, which PostgreSQL refuses, or a lone surrogate."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if not is_storable(item):
                raise SerializationError(why="NUL or lone surrogate")
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, Iterable):
            waiting.extend(item)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
