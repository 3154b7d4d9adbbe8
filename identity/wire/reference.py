"""The reference pages that are written from the code: settings, operations, errors, events. Markdown, no line numbers.

``docs/reference/cognito/`` beside them is written by hand.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from importlib import import_module
from importlib.util import find_spec
from types import GenericAlias
from typing import Any

from django.apps import apps

from identity.core import conf
from identity.core.errors import ServiceError
from identity.wire import absent, catalogue, errors, service
from identity.wire.catalogue import Entry
from identity.wire.errors import WireError

FOLDER = catalogue.ROOT / "docs" / "reference"

_HEAD = "<!-- Written by `manage.py reference_docs` from the code. Do not edit. -->\n\n"
_SERVICE_TITLES = {
    "cognito-idp": "User pools (`cognito-idp`)",
    "cognito-identity": "Identity pools (`cognito-identity`)",
    "cognito-sync": "Sync (`cognito-sync`)",
    "sts": "Security tokens (`sts`)",
    "iam": "Roles, policies and keys (`iam`)",
}
Cells = Iterable[str]


def pages() -> dict[str, str]:
    """File name to text, of every page."""
    return {name: _HEAD + "\n".join(write()).rstrip() + "\n" for name, write in _PAGES.items()}


# Settings


def _settings() -> Iterator[str]:
    yield "# Settings: `IDENTITY`\n"
    yield "One dict in Django's settings. `manage.py check` refuses unknown names and unusable values, `check --deploy`"
    yield "also unsafe ones. The ready-made deployment fills it from the environment: the README has those names.\n"
    rows = ([f"`{each.name.upper()}`", *_setting(each)] for each in fields(conf.Settings))
    yield from _table(("name", "type", "default", "what it is"), rows)


def _setting(each: Field[Any]) -> Iterator[str]:
    yield _type_name(each.type)
    yield f"`{_default(each)!r}`"
    yield each.metadata["help"] + ("" if each.repr else " Never in logs.")


def _type_name(given: Any) -> str:
    """Any: annotations are whatever stands in the class."""
    name = str(given) if isinstance(given, GenericAlias) else getattr(given, "__name__", str(given))
    return f"`{name.removeprefix('collections.abc.')}`"


def _default(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()


# Operations


def _operations() -> Iterator[str]:
    entries = list(catalogue.entries())
    built = [each for each in entries if each.state == "built"]
    yield "# Operations\n"
    yield f"{len(built)} of {len(entries)} operations are built. `manage.py operations Name` also tells the place in the code"
    yield "and the tests. Errors are those of the service's model; any operation may answer the [common ones](errors.md) too."
    for name, title in _SERVICE_TITLES.items():
        if found := service.get(name):
            of_service = [each for each in entries if each.service == name]
            yield f"\n## {title}\n"
            yield from _built(found, [each for each in of_service if each.state == "built"])
            yield from _not_built([each for each in of_service if each.state != "built"])


def _built(found: service.Service, entries: list[Entry]) -> Iterator[str]:
    if not entries:
        return
    rows = (
        [
            f"`{each.name}`",
            _told(found, each.name),
            each.callers,
            ", ".join(_short(e) for e in each.errors) or "–",
        ]
        for each in entries
    )
    yield from _table(
        ("operation", "what it does", "who may call it", "errors of the model (without `Exception`)"), rows
    )


def _told(found: service.Service, name: str) -> str:
    operation = found.find(name)
    return _first_paragraph(operation.function) if operation else ""


def _not_built(entries: list[Entry]) -> Iterator[str]:
    if entries:
        yield "\nNot built; each answers `NotImplementedException`:\n"
        by_reason: dict[str, list[str]] = {}
        for each in entries:
            reason = absent.ABSENT.get((each.service, each.name), "no reason listed")
            by_reason.setdefault(reason, []).append(f"`{each.name}`")
        yield from _table(("why", "operations"), ([reason, ", ".join(n)] for reason, n in by_reason.items()))


def _short(code: str) -> str:
    return code.removesuffix("Exception")


# Errors


def _errors() -> Iterator[str]:
    yield "# Errors\n"
    yield "JSON services answer the code in `__type` and in the header `x-amzn-ErrorType`, query services (`sts`, `iam`) in XML."
    yield "`<name>` stands for what the case puts in. Where an operation words a text of its own, that is in"
    yield "[cognito/](cognito/). A code may be known here before what raises it is built."
    yield "\n## Of any service\n"
    rows = ([*_error(each), each.query_code, str(each.query_status)] for each in _defined_in(errors))
    yield from _table(("code", "status", "text", "when", "code in `sts` and `iam`", "its status"), rows)
    for label, module in _app_modules("errors"):
        own = _defined_in(module)
        if own and module is not errors:
            yield f"\n## {label}\n"
            yield from _table(("code", "status", "text", "when"), map(_error, own))


def _defined_in(module: Any) -> list[Any]:
    """The error classes of a module in their order. Any: classes of errors, and modules."""
    bases = (ServiceError, WireError)
    found = (
        each for each in vars(module).values() if inspect.isclass(each) and issubclass(each, ServiceError)
    )
    own = [each for each in found if each.__module__ == module.__name__ and each not in bases]
    return [each for each in own if "code" in vars(each) or _is_worded(each)]


def _is_worded(error: type[ServiceError]) -> bool:
    return "message" in vars(error) or "__init__" in vars(error)


def _error(error: type[ServiceError]) -> list[str]:
    return [f"`{error.code}`", str(error.status), _text(_sample(error).message), _docstring(error)]


def _text(message: str) -> str:
    if message == ServiceError.message:
        return "as the case words it"
    return f"`{message}`" if message else "none"


def _sample(error: type[ServiceError]) -> ServiceError:
    """An instance whose text shows what the case puts in. Any: constructors differ."""
    make: Callable[..., ServiceError] = error
    for each in error.__mro__:
        if each is ServiceError:
            break
        if "__init__" in vars(each):
            positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            named = inspect.signature(error).parameters.values()
            return make(*(f"<{one.name}>" for one in named if one.kind in positional))
    return make()


# Events


def _events() -> Iterator[str]:
    yield "# Events\n"
    yield "What happened, as rows of one table: each is written in the transaction of the deed, and told after commit, in"
    yield "order and at least once, to the log `identity.events` and to the Django signal `identity.signals.event` with"
    yield "`id`, `tag`, `content` (the fields below) and `created_at`. Published events are kept for ninety days."
    for label, module in _app_modules("events"):
        found = [
            each for each in vars(module).values() if _is_event(each) and each.__module__ == module.__name__
        ]
        if found:
            yield f"\n## {label}\n"
            yield from _table(("tag", "fields", "notes"), (_event(each) for each in found))


def _is_event(given: Any) -> bool:
    return inspect.isclass(given) and is_dataclass(given) and isinstance(getattr(given, "tag", None), str)


def _event(event: Any) -> list[str]:
    named = ", ".join(f"`{each.name}` {_type_name(each.type).strip('`')}" for each in fields(event))
    return [f"`{event.tag}`", named, _docstring(event)]


# Common


def _app_modules(name: str) -> Iterator[tuple[str, Any]]:
    """The module of that name in each of our installed apps, with the app's title."""
    for app in apps.get_app_configs():
        if app.name.startswith("identity.") and find_spec(f"{app.name}.{name}"):
            yield f"{app.verbose_name} (`{app.name}`)", import_module(f"{app.name}.{name}")


def _docstring(given: type) -> str:
    """The class's own docstring, not its base's and not what ``dataclass`` makes up."""
    own = vars(given).get("__doc__")
    is_made_up = own is not None and own.startswith(f"{given.__name__}(")
    return _first_paragraph(given) if own and not is_made_up else ""


def _first_paragraph(given: Any) -> str:
    """In Markdown, without the sources. Any: a class or a function."""
    paragraph = (inspect.getdoc(given) or "").partition("\n\n")[0]
    return " ".join(paragraph.split()).partition(" Source:")[0].replace("``", "`")


def _table(heads: Cells, rows: Iterable[Cells]) -> Iterator[str]:
    titles = list(heads)
    yield _row(titles)
    yield _row("---" for _ in titles)
    yield from map(_row, rows)


def _row(cells: Cells) -> str:
    return f"| {' | '.join(each.replace('|', chr(92) + '|') for each in cells)} |"


_PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "settings.md": _settings,
    "operations.md": _operations,
    "errors.md": _errors,
    "events.md": _events,
}
