"""Reading parameters: each may come once only. Source: RFC 6749 §3.1 and §3.2."""

from collections.abc import Iterable, Mapping

from django.http import QueryDict

from portal.oauth.errors import INVALID_REQUEST, OAuthError


def once(given: QueryDict) -> dict[str, str]:
    """The parameters by name; an empty one counts as absent. Raises ``OAuthError`` for one that comes twice."""
    repeated = repeated_names(given)
    if repeated:
        raise OAuthError(INVALID_REQUEST, why=f"repeated: {', '.join(sorted(repeated))}")
    return first(given)


def first(given: QueryDict) -> dict[str, str]:
    """The first value of each parameter, where repetition is judged elsewhere."""
    return {name: values[0] for name, values in given.lists() if values and values[0]}


def repeated_names(given: QueryDict) -> set[str]:
    return {name for name, values in given.lists() if len(values) > 1}


def needed(given: Mapping[str, str], name: str) -> str:
    """Raises ``OAuthError`` where it is missing."""
    value = given.get(name)
    if not value:
        raise OAuthError(INVALID_REQUEST, why=f"{name} is missing")
    return value


def blank_separated(text: str) -> tuple[str, ...]:
    """A list as OAuth writes it, each item once, in its order."""
    return tuple(dict.fromkeys(text.split()))


def is_storable(values: Iterable[str]) -> bool:
    """Whether a database can look the values up: PostgreSQL takes no NUL."""
    return not any("\x00" in value for value in values)
