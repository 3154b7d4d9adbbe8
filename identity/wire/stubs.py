"""Typed stubs from the models: one ``TypedDict`` a shape, so that mypy catches a misspelt member on either side.

Input structures have required members; in outputs every member may be absent. A shape used both ways is written for
the input, with its ``required`` members. Nothing of it exists at run time: import under ``TYPE_CHECKING``.
"""

import keyword
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "shapes"

_HEAD = '''"""Shapes of {name}, written by ``manage.py wire_stubs``. Do not edit."""

from datetime import datetime
from typing import Any, NotRequired, TypedDict

'''
_SCALARS = {
    "string": "str",
    "boolean": "bool",
    "integer": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "blob": "bytes",
    "timestamp": "datetime",
}


def module_name(service: str) -> str:
    """``cognito-idp`` becomes ``cognito_idp``."""
    return service.replace("-", "_")


def stub(name: str, model: Mapping[str, Any]) -> str:
    """The text of one service's stub file."""
    shapes = model["shapes"]
    inputs = _reachable(shapes, _ends(model, "input"))
    used = inputs | _reachable(shapes, _ends(model, "output"))
    blocks = [
        _typed_dict(shapes, shape, is_input=shape in inputs)
        for shape in sorted(used)
        if shapes[shape]["type"] == "structure" and not shapes[shape].get("document")
    ]
    return _HEAD.format(name=name) + "\n".join(blocks)


def _ends(model: Mapping[str, Any], end: str) -> Iterator[str]:
    for operation in model["operations"].values():
        if end in operation:
            yield operation[end]["shape"]


def _reachable(shapes: Mapping[str, Any], names: Iterator[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            shape = shapes[name]
            waiting += [item["shape"] for item in shape.get("members", {}).values()]
            waiting += [shape[part]["shape"] for part in ("member", "key", "value") if part in shape]
    return seen


def _typed_dict(shapes: Mapping[str, Any], name: str, *, is_input: bool) -> str:
    """The functional form serves members that are no Python names."""
    shape = shapes[name]
    required = set(shape.get("required", ())) if is_input else set()
    members = {
        member: _annotation(shapes, item["shape"], is_required=member in required)
        for member, item in shape["members"].items()
    }
    if any(keyword.iskeyword(member) for member in members):
        inner = ", ".join(f'"{member}": {text}' for member, text in members.items())
        return f'{name} = TypedDict("{name}", {{{inner}}})\n'
    lines = [f"    {member}: {text}" for member, text in members.items()] or ["    pass"]
    return "\n".join((f"class {name}(TypedDict):", *lines, ""))


def _annotation(shapes: Mapping[str, Any], name: str, *, is_required: bool) -> str:
    text = _type(shapes, name)
    return text if is_required else f"NotRequired[{text}]"


def _type(shapes: Mapping[str, Any], name: str) -> str:
    shape = shapes[name]
    if shape.get("document"):
        return "Any"
    if shape["type"] == "structure":
        return name
    if shape["type"] == "list":
        return f"list[{_type(shapes, shape['member']['shape'])}]"
    if shape["type"] == "map":
        return f"dict[str, {_type(shapes, shape['value']['shape'])}]"
    return _SCALARS[shape["type"]]
