"""ListUsers: the filter's grammar, and the query it stands for.

Source: cognito/user-pools §10; Cognito developer guide, "Searching for users using the ListUsers API".
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Left

from identity.core.paging import Page
from identity.userpools import aliases, attribute_values, attributes, listing, schema
from identity.userpools.errors import InvalidParameter
from identity.userpools.models import User, UserPool

_CLAUSE = re.compile(r'\s*([^\s=^"]+)\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*\Z', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NIL = "00000000-0000-0000-0000-000000000000"
_ENABLED = {"Enabled": True, "Disabled": False}
SEARCHABLE = (*attributes.FILTERABLE, "username", "sub", "status", "cognito:user_status")


@dataclass(frozen=True, slots=True)
class Clause:
    """``attribute`` equals ``value``, or begins with it."""

    attribute: str
    value: str
    is_prefix: bool


def parse(text: str) -> Clause | None:
    """The one clause of a filter; None for an empty one. Raises InvalidParameter."""
    if not text.strip():
        return None
    match = _CLAUSE.match(text)
    if match is None or not attribute_values.is_storable(match[3]):
        raise InvalidParameter("Error while parsing filter")
    attribute, operator, value = match.groups()
    if attribute not in SEARCHABLE:
        raise InvalidParameter(f"Invalid search attribute: {attribute}")
    return Clause(attribute, _ESCAPED.sub(r"\1", value), is_prefix=operator == "^=")


def find(pool: UserPool, filter_text: str, *, limit: int, token: str | None) -> Page[User]:
    """One page: of a filter ascending by its attribute, else the oldest first. Raises InvalidParameter."""
    clause = parse(filter_text)
    users: QuerySet[User] = User.objects.in_pool(pool)
    order: tuple[str, ...] = ("created_at", "id")
    if clause is not None:
        users = _matching(users, pool, clause)
        order = (_COLUMNS.get(clause.attribute, clause.attribute), "id")
    bound_to = f"users:{pool.pk}:{filter_text.strip()}"
    return listing.page(users, order=order, limit=limit, token=token, bound_to=bound_to)


def check_names(pool: UserPool, names: Collection[str]) -> None:
    """Raises InvalidParameter for an attribute that no user of the pool can have."""
    known = schema.by_name(pool.schema)
    for name in names:
        if name not in known and name != "identities":
            raise InvalidParameter(f"One or more requested attributes do not exist: {name}")


_COLUMNS = {"status": "is_enabled", "cognito:user_status": "status"}


def _matching(users: QuerySet[User], pool: UserPool, clause: Clause) -> QuerySet[User]:
    match clause.attribute:
        case "sub":
            return _by_sub(users, clause)
        case "status":
            states = [is_enabled for word, is_enabled in _ENABLED.items() if _fits(clause, word)]
            return users.filter(is_enabled__in=states)
        case "cognito:user_status":
            folded = Clause(clause.attribute, clause.value.upper(), clause.is_prefix)
            return users.filter(status__in=[each for each in User.Status.values if _fits(folded, each)])
        case "username":
            return _by_text(users, "username", aliases.folded(pool, clause.value), clause.is_prefix)
    # These columns hold lower case; an empty one is an attribute that the user lacks.
    found = _by_text(users, clause.attribute, clause.value.lower(), clause.is_prefix)
    return found.exclude(**{clause.attribute: ""})


def _fits(clause: Clause, word: str) -> bool:
    return word.startswith(clause.value) if clause.is_prefix else word == clause.value


def _by_text(users: QuerySet[User], column: str, value: str, is_prefix: bool) -> QuerySet[User]:
    if not is_prefix:
        return users.filter(**{column: value})
    if not value:
        return users
    # LIKE finds the rows by index but ignores case on SQLite, so the beginning is compared as well.
    found = users.filter(**{f"{column}__startswith": value})
    return found.alias(beginning=Left(column, len(value))).filter(beginning=value)


def _by_sub(users: QuerySet[User], clause: Clause) -> QuerySet[User]:
    """A prefix is a range of UUIDs; what cannot begin one finds nobody."""
    length = len(clause.value)
    if length > len(_NIL) or (not clause.is_prefix and length != len(_NIL)):
        return users.none()
    try:
        lowest = UUID(clause.value + _NIL[length:])
        highest = UUID(clause.value + _NIL.replace("0", "f")[length:])
    except ValueError:
        return users.none()
    if not str(lowest).startswith(clause.value):
        return users.none()
    return users.filter(sub__gte=lowest, sub__lte=highest)
