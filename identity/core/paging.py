"""Pages by key, never by offset: rows that come or go meanwhile neither repeat nor vanish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet

from identity.core import tickets

LIFETIME = timedelta(hours=1)
_KIND = "page"

Row = TypeVar("Row", bound=models.Model)


class BadPageToken(Exception):
    """Not a token of this query, or older than an hour."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    next_token: str | None


def page(
    queryset: QuerySet[Row], *, order: tuple[str, ...], limit: int, token: str | None, bound_to: str
) -> Page[Row]:
    """One page of ``queryset``, at most ``limit`` rows, after the row that ``token`` names.

    ``order`` are columns without nulls, ``-`` before one turns it round; the last one is unique, and an index
    on all of them makes a page cost the same wherever it is. ``bound_to`` names the query with everything that
    selects (pool, filter): a token of another query is refused. Raises ``BadPageToken``.
    """
    if limit < 1:
        raise ValueError("limit must be at least 1")
    binding = "\0".join((bound_to, *order))
    if token is not None:
        queryset = queryset.filter(_after(queryset.model, order, _open(token, binding, len(order))))
    rows = list(queryset.order_by(*order)[: limit + 1])
    if len(rows) <= limit:
        return Page(rows, None)
    last = [_plain(_value(rows[limit - 1], name.lstrip("-"))) for name in order]
    return Page(rows[:limit], tickets.issue(_KIND, {"after": last}, lifetime=LIFETIME, bound_to=binding))


@dataclass(frozen=True, slots=True)
class Pager:
    """Pages of one service, which refuses a token by an error of its own."""

    refusal: Callable[[], Exception]

    def page(
        self, rows: QuerySet[Row], *, order: tuple[str, ...], limit: int, token: str | None, bound_to: str
    ) -> Page[Row]:
        """As ``page``; raises what ``refusal`` makes instead of ``BadPageToken``."""
        try:
            return page(rows, order=order, limit=limit, token=token, bound_to=bound_to)
        except BadPageToken as error:
            raise self.refusal() from error


def _open(token: str, binding: str, columns: int) -> list[Any]:
    try:
        after: list[Any] = tickets.open(_KIND, token, bound_to=binding).content["after"]
    except tickets.TicketError as error:
        raise BadPageToken("page token is not of this query") from error
    if len(after) != columns:
        raise BadPageToken("page token is not of this query")
    return after


def _after(model: type[models.Model], order: Sequence[str], values: Sequence[Any]) -> Q:
    """``(a, b) > (x, y)`` written as ``a >= x and (a > x or (a = x and b > y))``: the first term lets both
    databases enter the index at the right place."""
    condition = Q()
    for name, raw in reversed(list(zip(order, values, strict=True))):
        column, beyond = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        value = _python(model, column, raw)
        here = Q(**{f"{column}__{beyond}": value})
        condition = here | (Q(**{column: value}) & condition) if condition else here
    first, direction = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{direction}": _python(model, first, values[0])}) & condition


def _value(row: models.Model, path: str) -> Any:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (int, float, str)) else str(value)


def _python(model: type[models.Model], path: str, raw: Any) -> Any:
    names = path.split("__")
    for name in names[:-1]:
        related = model._meta.get_field(name).related_model
        if not isinstance(related, type):
            raise ValueError(f"cannot order by {path}")
        model = related
    field = model._meta.pk if names[-1] == "pk" else model._meta.get_field(names[-1])
    if not isinstance(field, models.Field):
        raise ValueError(f"cannot order by {path}")
    try:
        return field.to_python(raw)
    except ValidationError as error:
        raise BadPageToken("page token is not of this query") from error
