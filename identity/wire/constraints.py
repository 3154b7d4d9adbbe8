"""What a scalar of the model must satisfy: one quick test for good values, and AWS's words for bad ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from identity.wire.patterns import Matches, compile_pattern

Holds = Callable[[Any], object]

_PASSWORD = r"^[\S]+.*[\S]+$"
_REAL_PATTERNS: dict[tuple[str, str], tuple[str, Matches]] = {
    # The model forbids blanks inside of a password; the service itself allows them and prints this pattern.
    # The test also takes a single character, which the password policy refuses in its own words.
    ("cognito-idp", "PasswordType"): (_PASSWORD, compile_pattern(r"\S(?:.*\S)?")),
    # The model knows prefixes only; a custom domain has dots, and the service takes it.
    ("cognito-idp", "DomainType"): (
        r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$",
        compile_pattern(r"[a-z0-9](?:[a-z0-9\-.]{0,61}[a-z0-9])?"),
    ),
    # The model's text allows * and ? in the name, its pattern forgets them.
    ("iam", "AttachmentName"): (r"[\w+=,.@*?-]+", compile_pattern(r"[\w+=,.@*?-]+")),
}


@dataclass(frozen=True, slots=True)
class Constraint:
    """Rules of one shape. ``holds`` answers for all at once; ``broken`` lists the words of those that don't hold."""

    holds: Holds | None
    rules: tuple[tuple[str, Holds], ...]

    def broken(self, value: Any) -> list[str]:
        return [words for words, test in self.rules if not test(value)]

    @property
    def words(self) -> str:
        """All rules as AWS lists them for elements of lists and maps, broken or not."""
        return ", ".join(words for words, _ in self.rules)


def of_shape(service: str, name: str, shape: Mapping[str, Any]) -> Constraint:
    """The constraint of a shape. Source: model traits ``min``, ``max``, ``pattern``, ``enum``; texts as captured."""
    rules = list(_range_rules(shape) if shape["type"] in ("integer", "long") else _length_rules(shape))
    if "pattern" in shape or (service, name) in _REAL_PATTERNS:
        shown, matches = _REAL_PATTERNS.get((service, name)) or (
            shape["pattern"],
            compile_pattern(shape["pattern"]),
        )
        rules.append((f"Member must satisfy regular expression pattern: {shown}", matches))
    if "enum" in shape:
        allowed = frozenset(shape["enum"])
        rules.append(
            (f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]", allowed.__contains__)
        )
    return Constraint(_all_of(shape, tuple(test for _, test in rules)), tuple(rules))


def _length_rules(shape: Mapping[str, Any]) -> list[tuple[str, Holds]]:
    rules: list[tuple[str, Holds]] = []
    if "max" in shape:
        most = shape["max"]
        rules.append(
            (f"Member must have length less than or equal to {most}", lambda value: len(value) <= most)
        )
    if shape.get("min", 0) > 0:
        least = shape["min"]
        words = f"Member must have length greater than or equal to {least}"
        rules.append((words, lambda value: len(value) >= least))
    return rules


def _range_rules(shape: Mapping[str, Any]) -> list[tuple[str, Holds]]:
    rules: list[tuple[str, Holds]] = []
    if "max" in shape:
        most = shape["max"]
        rules.append((f"Member must have value less than or equal to {most}", lambda value: value <= most))
    if "min" in shape:
        least = shape["min"]
        rules.append(
            (f"Member must have value greater than or equal to {least}", lambda value: value >= least)
        )
    return rules


def _all_of(shape: Mapping[str, Any], tests: tuple[Holds, ...]) -> Holds | None:
    """The tests as one. Text with a length, the usual case, is one function: this runs for every member of every call."""
    if len(tests) < 2:
        return tests[0] if tests else None
    if shape["type"] == "string" and "max" in shape:
        least, most = shape.get("min", 0), shape["max"]
        rest = tests[2:] if least > 0 else tests[1:]
        if not rest:
            return lambda value: least <= len(value) <= most
        if len(rest) == 1:
            (matches,) = rest
            return lambda value: least <= len(value) <= most and matches(value)
    return lambda value: all(test(value) for test in tests)
