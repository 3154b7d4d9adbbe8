"""Where the statements of a document stand in its text: what an explanation points at."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

CACHED_DOCUMENTS = 64
"""An answer points into the same few documents many times."""

_SPACE = " \t\n\r"
_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Position:
    """Line and column, both counted from one."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """A statement: from behind the sign before it to behind its own last sign, as IAM's simulator counts."""

    start: Position
    end: Position


@lru_cache(maxsize=CACHED_DOCUMENTS)
def spans(text: str) -> tuple[Span, ...]:
    """The spans of a valid document's statements in their order. Raises ``ValueError`` for what is no JSON object."""
    for name, start in _members(text):
        if name == "Statement":
            places = _elements(text, start) if text[_skip(text, start)] == "[" else [start]
            return tuple(Span(_position(text, place), _position(text, _end(text, place))) for place in places)
    return ()


def _members(text: str) -> Iterator[tuple[str, int]]:
    """Name, and where behind the colon the value's part begins, of each member of the outermost object."""
    place = _after(text, 0, "{")
    while text[_skip(text, place)] != "}":
        name, place = _decode(text, _skip(text, place))
        start = _after(text, place, ":")
        yield name, start
        place = _skip(text, _end(text, start))
        place += text[place] == ","


def _elements(text: str, start: int) -> list[int]:
    """Where, behind the bracket or the comma before it, each element of a list begins."""
    place = _after(text, start, "[")
    found = []
    while text[_skip(text, place)] != "]":
        found.append(place)
        place = _skip(text, _end(text, place))
        place += text[place] == ","
    return found


def _end(text: str, start: int) -> int:
    """Behind the value that begins after the blanks at ``start``."""
    end: int = _decode(text, _skip(text, start))[1]
    return end


def _skip(text: str, place: int) -> int:
    while text[place : place + 1] in _SPACE and place < len(text):
        place += 1
    if place == len(text):
        raise ValueError("the text ends too early")
    return place


def _after(text: str, place: int, sign: str) -> int:
    place = _skip(text, place)
    if text[place] != sign:
        raise ValueError(f"no {sign} where one is due")
    return place + 1


def _position(text: str, place: int) -> Position:
    return Position(text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place))
