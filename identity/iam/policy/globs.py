"""Text patterns: ``*`` and ``?`` as wildcards, ``${key}`` as a policy variable, matched without regular expressions.

Policies come from callers too (session policies), so matching must be linear in practice: a
greedy walk over the chunks between stars can't be driven into backtracking as a regular
expression can.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .errors import MalformedPolicy
from .question import Question

VARIABLE = re.compile(r"\$\{(?:(?P<char>[*?$])|(?P<key>[^{}',*?$]+?)(?:\s*,\s*'(?P<default>[^']*)')?)\}")

Match = Callable[[str, Question], bool]
"""Does the text match, in the light of the question's context (for variables)?"""


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable: the context key in lower case, and what stands for it when the key is not set."""

    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``*`` or ``?``."""

    sign: str


STAR: Final = Wildcard("*")
ANY: Final = Wildcard("?")

Part = str | Variable | Wildcard


def parts_of(text: str, *, variables: bool, wildcards: bool) -> list[Part]:
    """Cut a pattern into literals, wildcards and variables. Raises ``MalformedPolicy`` for a broken ``${``."""
    if not variables:
        return _split_wildcards(text) if wildcards else [text]
    parts: list[Part] = []
    position = 0
    while (start := text.find("${", position)) >= 0:
        found = VARIABLE.match(text, start)
        if found is None:
            raise MalformedPolicy(f"Invalid policy variable in {text!r}.")
        parts += parts_of(text[position:start], variables=False, wildcards=wildcards)
        parts.append(found["char"] or Variable(found["key"].strip().lower(), found["default"]))
        position = found.end()
    return parts + parts_of(text[position:], variables=False, wildcards=wildcards)


def _split_wildcards(text: str) -> list[Part]:
    signs: dict[str, Part] = {"*": STAR, "?": ANY}
    return [signs.get(piece, piece) for piece in re.split(r"([*?])", text) if piece]


def variables_in(text: str) -> list[str]:
    """The context keys of a pattern's variables, as they are written."""
    return [found["key"].strip() for found in VARIABLE.finditer(text) if found["key"]]


def is_dynamic(parts: Sequence[Part]) -> bool:
    """Does the pattern hold a variable?"""
    return any(isinstance(part, Variable) for part in parts)


def substitute(parts: Sequence[Part], question: Question) -> list[Part] | None:
    """The parts with each variable replaced by its text, which is literal; None when one is not set.

    Only single-valued keys can be used: a multi-valued one counts as not set.
    """
    replaced: list[Part] = []
    for part in parts:
        if isinstance(part, Variable):
            value = question.single(part.key)
            if value is None:
                value = part.default
            if value is None:
                return None
            replaced.append(value)
        else:
            replaced.append(part)
    return replaced


def literal(parts: Sequence[Part]) -> str:
    """The text of parts that hold neither wildcards nor variables."""
    return "".join(part for part in parts if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Gapped:
    """A chunk of fixed length with ``?`` in it: literal pieces at their offsets."""

    pieces: tuple[tuple[int, str], ...]
    length: int

    def at(self, text: str, position: int) -> bool:
        return all(text.startswith(piece, position + offset) for offset, piece in self.pieces)

    def find(self, text: str, start: int, end: int) -> int:
        return next((i for i in range(start, end - self.length + 1) if self.at(text, i)), -1)


Chunk = str | Gapped


def chunks_of(parts: Sequence[Part]) -> list[Chunk]:
    """The chunks between the stars; a pattern with n stars has n + 1 of them, some perhaps empty."""
    groups: list[list[Part]] = [[]]
    for part in parts:
        if part is STAR:
            groups.append([])
        else:
            groups[-1].append(part)
    return [_chunk(group) for group in groups]


def _chunk(group: Sequence[Part]) -> Chunk:
    if ANY not in group:
        return literal(group)
    pieces: list[tuple[int, str]] = []
    length = 0
    for part in group:
        if isinstance(part, str):
            pieces.append((length, part))
        length += len(part) if isinstance(part, str) else 1
    return Gapped(tuple(pieces), length)


def matches(chunks: Sequence[Chunk], text: str) -> bool:
    """Does the text consist of the chunks with anything between them? Greedy, without backtracking."""
    first, last = chunks[0], chunks[-1]
    size = len(text)
    if len(chunks) == 1:
        return text == first if isinstance(first, str) else size == first.length and first.at(text, 0)
    position = _length(first)
    end = size - _length(last)
    if end < position or not _at(first, text, 0) or not _at(last, text, end):
        return False
    for chunk in chunks[1:-1]:
        found = text.find(chunk, position, end) if isinstance(chunk, str) else chunk.find(text, position, end)
        if found < 0:
            return False
        position = found + _length(chunk)
    return True


def _length(chunk: Chunk) -> int:
    return len(chunk) if isinstance(chunk, str) else chunk.length


def _at(chunk: Chunk, text: str, position: int) -> bool:
    return text.startswith(chunk, position) if isinstance(chunk, str) else chunk.at(text, position)


def compile_glob(text: str, *, variables: bool, wildcards: bool = True) -> Match:
    """A pattern as a function. An unset variable without default makes it match nothing."""
    return compile_parts(parts_of(text, variables=variables, wildcards=wildcards))


def compile_parts(parts: Sequence[Part]) -> Match:
    """As ``compile_glob``, from parts already cut."""
    if is_dynamic(parts):
        return _dynamic(parts)
    chunks = chunks_of(parts)
    if len(chunks) == 1 and isinstance(chunks[0], str):
        whole = chunks[0]
        return lambda value, _question: value == whole
    if len(chunks) == 2 and isinstance(chunks[0], str) and chunks[1] == "":
        start = chunks[0]
        return lambda value, _question: value.startswith(start)
    if all(chunk == "" for chunk in chunks):
        return lambda _value, _question: True
    return lambda value, _question: matches(chunks, value)


def _dynamic(parts: Sequence[Part]) -> Match:
    def match(value: str, question: Question) -> bool:
        replaced = substitute(parts, question)
        return replaced is not None and matches(chunks_of(replaced), value)

    return match
