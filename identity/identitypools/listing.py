"""Pages of a list as the wire asks for them: ``core.paging`` with this service's error."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from identity.core import paging
from identity.identitypools.errors import InvalidParameter

M = TypeVar("M", bound=Model)


def page(
    rows: QuerySet[M], *, order: tuple[str, ...], limit: int, token: str | None, bound_to: str
) -> paging.Page[M]:
    """Raises InvalidParameter for a token that is spoilt, too old, or another query's."""
    try:
        return paging.page(rows, order=order, limit=limit, token=token, bound_to=bound_to)
    except paging.BadPageToken as error:
        raise InvalidParameter("Invalid NextToken.") from error
