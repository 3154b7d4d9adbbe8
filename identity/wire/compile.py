"""Input shapes of a model as plain closures, made once: each takes parsed JSON and gives a cleaned copy of it.

Wrong JSON types end the call at once (SerializationError); broken constraints are collected and reported together.
Members that are null count as absent and unknown members are passed over, as AWS does. A null in a list is refused, and
in a map too unless the service drops it: a login without its token is not no login. Good input never builds a path or a message:
that is only done for members that break a rule.
"""

from collections.abc import Callable, Mapping
from typing import Any

from identity.wire import constraints, scalars
from identity.wire.constraints import Constraint
from identity.wire.errors import INVALID_REQUEST

Faults = list[str]
Clean = Callable[[Any, str, Faults], Any]
"""``(value, path, faults) -> cleaned value``. ``path`` is AWS's lower-camel path of the value, "" at the root."""

Validate = Callable[[Any], dict[str, Any]]

MAX_FAULTS = 100
"""Faults reported for one call, so that a long list of bad elements can't be made into a huge answer."""

MAX_ECHO = 1024
"""Characters of a refused value that are sent back."""

_read_string = scalars.reader("string")
_MISSING = "Member must not be null"
_NESTED = ("structure", "list", "map")


class Inputs:
    """The input closures of one service. Shapes are compiled when first asked for and then shared.

    ``drops_nulls``: values of maps that are null count as absent.
    """

    def __init__(
        self, service: str, model: Mapping[str, Any], error_code: str, *, drops_nulls: bool = False
    ) -> None:
        self._service = service
        self._operations = model["operations"]
        self._shapes = model["shapes"]
        self._error = INVALID_REQUEST[error_code]
        self._drops_nulls = drops_nulls
        self._compiled: dict[str, Clean] = {}

    def validate(self, operation: str) -> Validate:
        """What checks and cleans the input of one operation. It raises SerializationError and InvalidRequest."""
        given_shape = self._operations[operation].get("input")
        clean = self._clean(given_shape["shape"]) if given_shape else _NOTHING
        error = self._error

        def validate(given: Any) -> dict[str, Any]:
            faults: Faults = []
            cleaned: dict[str, Any] = clean(given, "", faults)
            if faults:
                raise error(_summary(faults))
            return cleaned

        return validate

    def _clean(self, name: str) -> Clean:
        """The closure of a shape; a shape that contains itself is reached by name when it is met."""
        if name not in self._compiled:
            self._compiled[name] = lambda value, path, faults: self._compiled[name](value, path, faults)
            self._compiled[name] = self._compile(name)
        return self._compiled[name]

    def _compile(self, name: str) -> Clean:
        shape = self._shapes[name]
        if shape.get("document"):
            return lambda value, path, faults: scalars.check_document(value)
        if shape["type"] == "structure":
            return _structure(self._members(shape), tuple(shape.get("required", ())))
        if shape["type"] == "list":
            return self._list(name, shape)
        if shape["type"] == "map":
            return self._map(name, shape)
        return _scalar(shape, constraints.of_shape(self._service, name, shape))

    def _members(self, shape: Mapping[str, Any]) -> dict[str, tuple[str, Clean]]:
        return {
            name: (_lower_camel(name), self._clean(member["shape"]))
            for name, member in shape["members"].items()
        }

    def _list(self, name: str, shape: Mapping[str, Any]) -> Clean:
        element_name = shape["member"]["shape"]
        element = self._shapes[element_name]
        length = constraints.of_shape(self._service, name, shape)
        hidden = self._is_hidden(name)
        if element["type"] in _NESTED:
            return _list_of_nested(self._clean(element_name), length, hidden)
        rules = constraints.of_shape(self._service, element_name, element)
        return _list_of_scalars(scalars.reader(element["type"]), rules, length, hidden)

    def _map(self, name: str, shape: Mapping[str, Any]) -> Clean:
        key_name, value_name = shape["key"]["shape"], shape["value"]["shape"]
        key_rules = constraints.of_shape(self._service, key_name, self._shapes[key_name])
        length = constraints.of_shape(self._service, name, shape)
        hidden = self._is_hidden(name)
        value = self._shapes[value_name]
        if value["type"] in _NESTED:
            clean = _map_of_nested(self._clean(value_name), key_rules, length, hidden)
        else:
            rules = constraints.of_shape(self._service, value_name, value)
            clean = _map_of_scalars(scalars.reader(value["type"]), rules, key_rules, length, hidden)
        return clean if self._drops_nulls else _refusing_nulls(clean, hidden)

    def _is_hidden(self, name: str) -> bool:
        """Whether a shape is, or may hold, what must not be echoed. Structures are never echoed."""
        shape = self._shapes[name]
        if shape.get("sensitive") or shape["type"] == "structure":
            return True
        return any(
            self._is_hidden(shape[part]["shape"]) for part in ("member", "key", "value") if part in shape
        )


def _scalar(shape: Mapping[str, Any], rules: Constraint) -> Clean:
    read = scalars.reader(shape["type"])
    holds = rules.holds
    hidden = bool(shape.get("sensitive")) or shape["type"] == "blob"

    def clean_free_string(value: Any, path: str, faults: Faults) -> Any:
        if value.__class__ is not str:
            raise scalars.refuse(value, "string")
        return value

    if holds is None:
        return clean_free_string if shape["type"] == "string" else lambda value, path, faults: read(value)

    def clean(value: Any, path: str, faults: Faults) -> Any:
        value = read(value)
        if not holds(value):
            faults.extend(_fault(value, path, words, hidden) for words in rules.broken(value))
        return value

    def clean_string(value: Any, path: str, faults: Faults) -> Any:
        if value.__class__ is not str:
            raise scalars.refuse(value, "string")
        if not holds(value):
            faults.extend(_fault(value, path, words, hidden) for words in rules.broken(value))
        return value

    return clean_string if shape["type"] == "string" else clean


def _structure(members: Mapping[str, tuple[str, Clean]], required: tuple[str, ...]) -> Clean:
    find = members.get

    def clean(given: Any, path: str, faults: Faults) -> dict[str, Any]:
        if given.__class__ is not dict:
            raise scalars.refuse(given, "structure")
        cleaned = {}
        for name, value in given.items():
            member = find(name)
            if member is not None and value is not None:
                cleaned[name] = member[1](value, f"{path}.{member[0]}" if path else member[0], faults)
        for name in required:
            if name not in cleaned:
                faults.append(
                    _fault(None, f"{path}.{members[name][0]}" if path else members[name][0], _MISSING)
                )
        return cleaned

    return clean


_NOTHING = _structure({}, ())
"""The input of an operation whose model has none."""


def _list_of_scalars(read: scalars.Read, rules: Constraint, length: Constraint, hidden: bool) -> Clean:
    holds = rules.holds
    words = f"Member must satisfy constraint: [{', '.join(filter(None, (rules.words, _MISSING)))}]"

    def clean(given: Any, path: str, faults: Faults) -> list[Any]:
        if given.__class__ is not list:
            raise scalars.refuse(given, "list")
        _check_length(given, path, faults, length, hidden)
        cleaned = [read(value) for value in given if value is not None]
        if len(cleaned) != len(given) or (holds is not None and not all(map(holds, cleaned))):
            faults.append(_fault(given, path, words, hidden))
        return cleaned

    return clean


def _list_of_nested(element: Clean, length: Constraint, hidden: bool) -> Clean:
    def clean(given: Any, path: str, faults: Faults) -> list[Any]:
        if given.__class__ is not list:
            raise scalars.refuse(given, "list")
        cleaned: list[Any] = []
        if not _check_length(given, path, faults, length, hidden):
            return cleaned
        for number, value in enumerate(given, 1):
            if len(faults) >= MAX_FAULTS:
                break
            if value is None:
                faults.append(_fault(None, f"{path}.{number}.member", _MISSING))
            else:
                cleaned.append(element(value, f"{path}.{number}.member", faults))
        return cleaned

    return clean


def _map_of_scalars(
    read: scalars.Read, rules: Constraint, key_rules: Constraint, length: Constraint, hidden: bool
) -> Clean:
    value_holds = rules.holds or _always
    key_holds = key_rules.holds or _always
    any_length = length.holds is None

    def clean(given: Any, path: str, faults: Faults) -> dict[str, Any]:
        if given.__class__ is not dict:
            raise scalars.refuse(given, "map")
        cleaned = {}
        good: object = any_length
        for key, value in given.items():
            if value is None:
                continue
            cleaned[key] = value = value if value.__class__ is str and read is _read_string else read(value)
            good = good and value_holds(value) and key_holds(key)
        if not good:
            explain(cleaned, path, faults)
        return cleaned

    def explain(cleaned: dict[str, Any], path: str, faults: Faults) -> None:
        _check_map(cleaned, path, faults, key_rules, length, hidden)
        if not all(map(value_holds, cleaned.values())):
            faults.append(
                _fault(cleaned, path, f"Map value must satisfy constraint: [{rules.words}]", hidden)
            )

    return clean


def _map_of_nested(element: Clean, key_rules: Constraint, length: Constraint, hidden: bool) -> Clean:
    def clean(given: Any, path: str, faults: Faults) -> dict[str, Any]:
        if given.__class__ is not dict:
            raise scalars.refuse(given, "map")
        kept = {key: value for key, value in given.items() if value is not None}
        if not _check_map(kept, path, faults, key_rules, length, hidden):
            return kept
        return {key: element(value, f"{path}.{key}.member", faults) for key, value in kept.items()}

    return clean


def _refusing_nulls(clean: Clean, hidden: bool) -> Clean:
    """A map's closure, which passes nulls over, made to report them."""

    def clean_whole(given: Any, path: str, faults: Faults) -> Any:
        cleaned = clean(given, path, faults)
        if None in given.values():
            faults.append(_fault(given, path, f"Map value must satisfy constraint: [{_MISSING}]", hidden))
        return cleaned

    return clean_whole


def _always(value: Any) -> bool:
    return True


def _check_map(
    given: dict[str, Any], path: str, faults: Faults, key_rules: Constraint, length: Constraint, hidden: bool
) -> bool:
    fits = _check_length(given, path, faults, length, hidden)
    if key_rules.holds is None or all(map(key_rules.holds, given)):
        return fits
    faults.append(_fault(given, path, f"Map keys must satisfy constraint: [{key_rules.words}]", hidden))
    return False


def _check_length(given: Any, path: str, faults: Faults, length: Constraint, hidden: bool) -> bool:
    if length.holds is None or length.holds(given):
        return True
    faults.extend(_fault(given, path, words, hidden) for words in length.broken(given))
    return False


def _fault(value: Any, path: str, words: str, hidden: bool = False) -> str:
    """One failure in AWS's words. What is sensitive is left out, as AWS does (``Value at 'password' failed …``)."""
    shown = "" if hidden else " null" if value is None else f" '{_echo(value)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {words}"


def _echo(value: Any) -> str:
    """A value as Java prints it, cut off where it is long."""
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{key}={_echo(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(map(_echo, value)) + "]"
    elif value is None:
        text = "null"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= MAX_ECHO else text[:MAX_ECHO] + "…"


def _summary(faults: Faults) -> str:
    kept = faults[:MAX_FAULTS]
    noun = "error" if len(kept) == 1 else "errors"
    return f"{len(kept)} validation {noun} detected: {'; '.join(kept)}"


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]
