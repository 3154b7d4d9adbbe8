"""Regular expressions of the service models as Python predicates over a whole value.

The models are written for Java: ``\\w \\d \\s`` are ASCII there, and ``\\p{L}`` is a Unicode category, which
Python's ``re`` refuses. Thirteen patterns use categories; those known are plain string tests that take linear time
whatever the input, and any that a newer model brings is translated category by category.
"""

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache

Matches = Callable[[str], object]

PRINTABLE = r"\p{L}\p{M}\p{S}\p{N}\p{P}"
"""Letters, marks, symbols, numbers, punctuation: exactly what ``str.isprintable`` accepts, but for the blank."""

_BLANKS = str.maketrans("", "", "\t\n\v\f\r ")
_CLASS_ITEM = re.compile(r"\\p\{(\w+)\}")
_ASTRAL = (r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF")


def compile_pattern(pattern: str) -> Matches:
    """A predicate that is truthy when the whole value matches. Raises ValueError for what can't be translated."""
    known = _KNOWN.get(pattern)
    if known is not None:
        return known
    return re.compile(translate(pattern), re.ASCII).fullmatch


def translate(pattern: str) -> str:
    """The pattern in Python's dialect. Raises ValueError where a category stands outside a character class.

    Java reads ``\\u10000`` as four digits and a nought; the range over the upper planes is what is meant.
    """
    translated = _CLASS_ITEM.sub(lambda found: _category(found[1]), pattern.replace(*_ASTRAL))
    if r"\p" in translated or r"\P" in translated:
        raise ValueError(f"no translation of {pattern}")
    bare = re.sub(r"\[\^?(?:\\.|[^\]\\])*\]", "", pattern)
    if r"\p" in bare:
        raise ValueError(f"a category outside of a character class: {pattern}")
    return translated


@cache
def _category(name: str) -> str:
    """The ranges of one Unicode category as the inside of a character class. Takes 0.1 s, so it is kept."""
    points = [
        point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)).startswith(name)
    ]
    if not points:
        raise ValueError(f"no such category: {name}")
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _is_printable(text: str) -> bool:
    return text.isprintable() and " " not in text


def _is_printable_or_java_space(text: str) -> bool:
    return text.translate(_BLANKS).isprintable()


def _is_printable_or_plain_space(text: str) -> bool:
    return text.isprintable() or ("\v" not in text and "\f" not in text and _is_printable_or_java_space(text))


def _is_printable_or_separator(text: str) -> bool:
    return text.isprintable() or all(char.isprintable() or _is_separator(char) for char in text)


def _is_separator(char: str) -> bool:
    return unicodedata.category(char)[0] == "Z"


def _is_address(text: str) -> bool:
    return "@" in text[1:-1] and _is_printable(text)


def _is_code_template(text: str) -> bool:
    return "{####}" in text and _is_printable_or_java_space(text)


def _is_link_template(text: str) -> bool:
    start = text.find("{##")
    return start >= 0 and text.find("##}", start + 3) >= 0 and _is_printable_or_java_space(text)


def _is_provider_name(text: str) -> bool:
    if len(text) < 3 or not _is_printable(text[1]):
        return False
    return not any(char == "_" or _is_separator(char) for char in text[0] + text[2:])


def _is_tag_text(text: str) -> bool:
    return all(char in "_.:/=+-@" or unicodedata.category(char)[0] in "LZN" for char in text)


def _is_tag_text_or_braced(text: str) -> bool:
    return _is_tag_text(text.replace("{", "").replace("}", ""))


def _non_empty(test: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: bool(text) and test(text)


_KNOWN: dict[str, Matches] = {
    f"[{PRINTABLE}]+": _non_empty(_is_printable),
    f"^[{PRINTABLE}]+$": _non_empty(_is_printable),
    f"[{PRINTABLE}\\t\\n\\r ]+": _non_empty(_is_printable_or_plain_space),
    f"[{PRINTABLE}\\s]+": _non_empty(_is_printable_or_java_space),
    f"[{PRINTABLE}\\s*]+": _non_empty(_is_printable_or_java_space),
    f"[{PRINTABLE}\\s*]*": _is_printable_or_java_space,
    f"[{PRINTABLE}\\p{{Z}}]+": _non_empty(_is_printable_or_separator),
    f"[{PRINTABLE}]+@[{PRINTABLE}]+": _is_address,
    f"[{PRINTABLE}\\s*]*\\{{####\\}}[{PRINTABLE}\\s*]*": _is_code_template,
    f"[{PRINTABLE}\\s*]*\\{{##[{PRINTABLE}\\s*]*##\\}}[{PRINTABLE}\\s*]*": _is_link_template,
    f"[^_\\p{{Z}}][{PRINTABLE}][^_\\p{{Z}}]+": _is_provider_name,
    r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+": _non_empty(_is_tag_text),
    r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*": _is_tag_text,
    r"[\p{L}\p{Z}\p{N}_.:/=+\-@{}]+": _non_empty(_is_tag_text_or_braced),
    r"[\p{L}\p{Z}\p{N}_.:/=+\-@{}]*": _is_tag_text_or_braced,
}
