"""What is known of each operation: from the model, the registry and, in a checkout, the tests that name it."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from identity.wire import absent, model, service
from identity.wire.service import Service

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation of one service. ``place`` is ``file:line`` of our function, None where there is none."""

    service: str
    name: str
    place: str | None
    callers: str
    errors: tuple[str, ...]
    state: str


def entries(name: str | None = None) -> Iterator[Entry]:
    """Every operation of the installed services, or those of one name (wire name or snake case)."""
    for found in service.services().values():
        for operation_name in found.operation_names:
            if name is None or name in (operation_name, model.snake(operation_name)):
                yield _entry(found, operation_name)


def tests_of(name: str) -> list[str]:
    """``file:line`` of each test line that names the operation; none where the tests aren't installed."""
    needles = (name, f"{model.snake(name)}(")
    folder = ROOT / "tests"
    found = []
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else ():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if any(needle in line for needle in needles):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found


def _entry(found: Service, name: str) -> Entry:
    operation = found.find(name)
    model_errors = found.model["operations"][name].get("errors", ())
    return Entry(
        service=found.name,
        name=name,
        place=_place(operation.function) if operation else None,
        callers=_callers(found, name),
        errors=tuple(error["shape"] for error in model_errors),
        state="built"
        if operation
        else f"not built: {absent.ABSENT.get((found.name, name), 'no reason listed')}",
    )


def _callers(found: Service, name: str) -> str:
    operation = found.find(name)
    if found.is_unsigned(name):
        members = found.model["shapes"][found.model["operations"][name]["input"]["shape"]]["members"]
        return "a user's access token" if "AccessToken" in members else "anyone"
    if operation and operation.unchecked:
        return "any signed caller"
    return f"a signed caller allowed {found.name}:{name}"


def _place(function: Callable[..., object]) -> str:
    target = inspect.unwrap(function)
    path = Path(inspect.getsourcefile(target) or "")
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{shown}:{inspect.getsourcelines(target)[1]}"
