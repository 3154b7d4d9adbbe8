"""Output shapes as closures: unset members left out, members in alphabetical order, values as the protocol writes them.

A member that the model doesn't know is a bug of ours: it is logged and left out, and raises under tests, which
set ``strict``.
"""

import base64
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger("identity.wire")

Shape = Callable[[Any], Any]

strict = False
"""Whether a wrong answer raises instead of being mended. Tests set it."""


class Entries(list[dict[str, Any]]):
    """A map as the query protocol writes it: pairs of ``key`` and ``value``."""


class WrongAnswer(AssertionError):
    """An operation answered what its model doesn't have."""


class Outputs:
    """The output closures of one service. ``protocol`` is the model's: JSON or query, which write times differently."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self._shapes = model["shapes"]
        self._operations = model["operations"]
        is_query = model["metadata"]["protocol"] == "query"
        self._time = _iso_time if is_query else _epoch_time
        self._map = _entries if is_query else _map
        self._compiled: dict[str, Shape] = {}

    def shape(self, operation: str) -> Shape | None:
        """What brings the answer of an operation into shape; None where the operation has no output."""
        output = self._operations[operation].get("output")
        return self._shape(output["shape"]) if output else None

    def _shape(self, name: str) -> Shape:
        if name not in self._compiled:
            self._compiled[name] = lambda value: self._compiled[name](value)
            self._compiled[name] = self._compile(name)
        return self._compiled[name]

    def _compile(self, name: str) -> Shape:
        shape = self._shapes[name]
        kind = shape["type"]
        if shape.get("document"):
            return lambda value: value
        if kind == "structure":
            return _structure(
                name, {key: self._shape(item["shape"]) for key, item in shape["members"].items()}
            )
        if kind == "list":
            return _list(name, self._shape(shape["member"]["shape"]))
        if kind == "map":
            return self._map(name, self._shape(shape["value"]["shape"]))
        if kind == "timestamp":
            return self._time
        return _SCALARS[kind](name)


def _structure(name: str, members: Mapping[str, Shape]) -> Shape:
    ordered = tuple(sorted(members.items()))

    def shape(given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            _report(f"{name} is not a mapping but {type(given).__name__}")
            return {}
        shaped = {}
        for key, shape_member in ordered:
            value = given.get(key)
            if value is not None:
                shaped[key] = shape_member(value)
        if not given.keys() <= members.keys():
            _report(f"{name} has no member {sorted(given.keys() - members.keys())}")
        return shaped

    return shape


def _list(name: str, element: Shape) -> Shape:
    def shape(given: Any) -> list[Any]:
        if isinstance(given, str | bytes | Mapping):
            _report(f"{name} is not a list but {type(given).__name__}")
            return []
        return [element(value) for value in given]

    return shape


def _map(name: str, element: Shape) -> Shape:
    def shape(given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            _report(f"{name} is not a mapping but {type(given).__name__}")
            return {}
        return {str(key): element(value) for key, value in given.items() if value is not None}

    return shape


def _entries(name: str, element: Shape) -> Shape:
    as_map = _map(name, element)
    return lambda given: Entries({"key": key, "value": value} for key, value in as_map(given).items())


def _string(name: str) -> Shape:
    def shape(value: Any) -> str:
        if not isinstance(value, str):
            _report(f"{name} is not text but {type(value).__name__}")
        return str(value)

    return shape


def _integer(name: str) -> Shape:
    def shape(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            _report(f"{name} is not a whole number but {type(value).__name__}")
        return int(value)

    return shape


def _boolean(name: str) -> Shape:
    def shape(value: Any) -> bool:
        if not isinstance(value, bool):
            _report(f"{name} is not a boolean but {type(value).__name__}")
        return bool(value)

    return shape


def _float(name: str) -> Shape:
    return float


def _blob(name: str) -> Shape:
    def shape(value: Any) -> str:
        return base64.b64encode(bytes(value)).decode()

    return shape


def _epoch_time(moment: datetime) -> float:
    """Epoch seconds with milliseconds."""
    return round(moment.timestamp(), 3)


def _iso_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _report(words: str) -> None:
    if strict:
        raise WrongAnswer(words)
    log.error("wrong answer left out: %s", words)


_SCALARS: Mapping[str, Callable[[str], Shape]] = {
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "boolean": _boolean,
    "float": _float,
    "double": _float,
    "blob": _blob,
}
