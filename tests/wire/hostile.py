"""Input that no honest client sends, made from the model: for every member what is missing, wrong, too long, hostile.

``variants`` yields ``(label, input)``. Each differs from a good input in one place, so that the checks behind the
first one are reached as well.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from identity.wire import constraints

Path = tuple[str | int, ...]

TEXTS = {
    "empty": "",
    "blank": " ",
    "NUL": "a\x00b",
    "surrogate": "a\ud800",
    "control": "\x01\x1b[31m\r\n",
    "SQL": "'; DROP TABLE identity_userpools_user; --",
    "format": "%s%n{0}{x.__class__}${jndi:ldap://x}",
    "unicode": "ＡⅣ\u202e\u0130ß\ufb01e\u0301\U0001f600",
    "path": "../../etc/passwd",
    "markup": "<script>alert(1)</script>",
    "json": '{"a":1}',
    "number": "-1",
    "token": "AYABe" + "A" * 80,
    "jwt": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
    "arn": "arn:aws:iam::000000000000:role/nobody",
    "pool": "us-east-1_AAAAAAAAA",
    "identity": "us-east-1:00000000-0000-4000-8000-000000000000",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "nobody@example.com",
    "phone": "+15555550100",
    "template": "{####} {##a##} {username}",
    "url": "https://localhost:1/x?y#z",
    "long": "x" * 20_000,
    "long e": "é" * 3_000,
}
BRIEF = {label: TEXTS[label] for label in ("empty", "NUL", "surrogate", "format", "unicode", "long e")}
NUMBERS = {"zero": 0, "minus": -1, "max": 2**31 - 1, "huge": 2**31, "endless": 10**4000, "fraction": 1.5}
OTHERS = {
    "text": "x",
    "number": 5,
    "true": True,
    "list": [],
    "map": {},
    "null": None,
    "nested": [[{"a": [{}]}]],
}
_SAMPLES = (
    "a",
    "a_b",
    "us-east-1_AAAAAAAAA",
    "us-east-1:00000000-0000-4000-8000-000000000000",
    "arn:aws:iam::000000000000:role/sample",
    "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_AAAAAAAAA",
    "00000000-0000-4000-8000-000000000000",
    "a@example.com",
    "https://example.com/",
    "123456",
    "ab",
    "abc",
    "Your code is {####}",
    "Follow {##this##}",
    "1",
    "arn:aws:sns:us-east-1:000000000000:app/GCM/a",
    "import-a",
    "Level4",
    "/aws/cognito/x",
    "cognito:english",
    "terms-of-use",
    "tkn" + "a" * 25,
    "0" * 64,
    "a" * 16,
    "a" * 24,
    "a" * 40,
)


def variants(
    service: str, model: Mapping[str, Any], operation: str, given: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Every variant for an operation. ``given`` has true values by member name: ids that exist, names of users."""
    shapes = model["shapes"]
    if "input" not in model["operations"][operation]:
        yield "good", {}
        yield "something", {"Unheard": "x"}
        return
    name = model["operations"][operation]["input"]["shape"]
    good = _sample_structure(service, shapes, name, given)
    yield "good", good
    yield "nothing", {}
    yield "deep", _deep(good)
    yield (
        "a million",
        {**good, **dict.fromkeys(list(shapes[name].get("members", {}))[:1], "x" * 1000000)},
    )
    for label, value in OTHERS.items():
        yield f"input is {label}", value
    for path, shape_name in _places(shapes, name):
        texts = TEXTS if len(path) <= 2 else BRIEF
        for label, value in _values(service, shapes, shape_name, given, texts):
            yield f"{_shown(path)} {label}", _with(service, shapes, name, good, path, value, given)
        if _get(good, path) is not None:
            yield f"{_shown(path)} missing", _without(good, path)


def _values(
    service: str, shapes: Mapping[str, Any], name: str, given: Mapping[str, Any], texts: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    shape = shapes[name]
    yield from OTHERS.items()
    if shape["type"] in ("string", "blob", "timestamp"):
        yield from texts.items()
        yield from ((f"enum {value}", value) for value in shape.get("enum", ()))
        if "max" in shape:
            yield "one too long", "a" * (shape["max"] + 1)
            yield "as long as may be", "a" * min(shape["max"], 5000)
    if shape["type"] in ("integer", "long", "timestamp", "double", "float"):
        yield from NUMBERS.items()
        yield from ((f"at {edge}", shape[edge]) for edge in ("min", "max") if edge in shape)
    if shape["type"] == "list":
        element = _sample(service, shapes, shape["member"]["shape"], given)
        yield "of one", [element]
        yield "of two alike", [element, element]
        yield "of many", [element] * 1000
        yield "of null", [None]
    if shape["type"] == "map":
        value = _sample(service, shapes, shape["value"]["shape"], given)
        yield "of many", {f"k{number}": value for number in range(1000)}
        yield from ((f"key {label}", {text: value}) for label, text in texts.items())
        if shapes[shape["value"]["shape"]]["type"] == "string":
            yield from ((f"value {label}", {"a": text}) for label, text in texts.items())


def _places(shapes: Mapping[str, Any], name: str, seen: tuple[str, ...] = ()) -> Iterator[tuple[Path, str]]:
    """Every member below a structure, in lists by their first element, with the shape that stands there."""
    if name in seen:
        return
    for member, item in shapes[name].get("members", {}).items():
        path: Path = (member,)
        shape_name = item["shape"]
        yield path, shape_name
        while shapes[shape_name]["type"] == "list":
            path, shape_name = (*path, 0), shapes[shape_name]["member"]["shape"]
            if shapes[shape_name]["type"] != "structure":
                yield path, shape_name
        if shapes[shape_name]["type"] == "structure":
            for below, found in _places(shapes, shape_name, (*seen, name)):
                yield (*path, *below), found


def _sample(service: str, shapes: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> Any:
    shape = shapes[name]
    match shape["type"]:
        case "structure":
            return _sample_structure(service, shapes, name, given)
        case "list":
            count = max(1, shape.get("min", 0))
            return [_sample(service, shapes, shape["member"]["shape"], given)] * count
        case "map":
            return {}
        case "boolean":
            return False
        case "integer" | "long":
            return max(1, shape.get("min", 1))
        case "blob":
            return "AAAA"
        case "timestamp":
            return 1_700_000_000
    return _sample_text(service, name, shape)


def _sample_structure(
    service: str, shapes: Mapping[str, Any], name: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    shape = shapes[name]
    sample = {}
    for member, item in shape.get("members", {}).items():
        if member in given:
            sample[member] = given[member]
        elif member in shape.get("required", ()):
            sample[member] = _sample(service, shapes, item["shape"], given)
    return sample


def _sample_text(service: str, name: str, shape: Mapping[str, Any]) -> str:
    if "enum" in shape:
        return str(shape["enum"][0])
    holds = constraints.of_shape(service, name, shape).holds
    for text in (*_SAMPLES, "a" * shape.get("min", 1)):
        if holds is None or holds(text):
            return text
    raise LookupError(f"no sample for {service} {name}: {shape}")


def _with(
    service: str,
    shapes: Mapping[str, Any],
    name: str,
    good: Any,
    path: Path,
    value: Any,
    given: Mapping[str, Any],
) -> Any:
    """A copy with the value at the path; optional structures on the way are made good first."""
    copied = copy.deepcopy(good)
    place, shape_name = copied, name
    for index, part in enumerate(path):
        shape = shapes[shape_name]
        shape_name = shape["member"]["shape"] if isinstance(part, int) else shape["members"][part]["shape"]
        if index == len(path) - 1:
            break
        if isinstance(part, str) and not place.get(part):
            place[part] = _sample(service, shapes, shape_name, given)
        place = place[part]
    place[path[-1]] = value
    return copied


def _without(good: Any, path: Path) -> Any:
    copied = copy.deepcopy(good)
    place = copied
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    return copied


def _get(value: Any, path: Path) -> Any:
    for part in path:
        try:
            value = value[part]
        except (LookupError, TypeError):
            return None
    return value


def _deep(good: dict[str, Any]) -> Any:
    value: Any = "x"
    for _ in range(200):
        value = {"a": [value]}
    return {**good, "Unheard": value, next(iter(good), "Unheard"): value}


def _shown(path: Path) -> str:
    return ".".join(map(str, path))
