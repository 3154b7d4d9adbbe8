"""Names of condition keys and tags: they are alike whatever their case."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

Value = TypeVar("Value")


def distinct_keys(keys: Iterable[str]) -> list[str]:
    """Without names that differ from an earlier one in case only."""
    found: dict[str, str] = {}
    for key in keys:
        found.setdefault(key.lower(), key)
    return list(found.values())


def overlaid(known: Mapping[str, Value], added: Mapping[str, Value]) -> dict[str, Value]:
    """What is known with what is added in the place of keys alike."""
    replaced = {key.lower() for key in added}
    return {key: value for key, value in known.items() if key.lower() not in replaced} | dict(added)
