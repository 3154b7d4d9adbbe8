"""IAM's pages: ``MaxItems`` and ``Marker`` in, ``IsTruncated`` and ``Marker`` out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet

from identity.core import paging, tickets
from identity.iam import iam_shapes
from identity.iam.errors import ValidationFailed

Json = Mapping[str, Any]  # Any: shapes of the model
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

USUAL: Final = 100
_KIND = "iam:page"
_LIFETIME = timedelta(hours=1)


def of_rows(
    queryset: QuerySet[Row],
    request: Json,
    *,
    member: str,
    shape: Callable[[Row], Any],
    bound_to: str,
    order: tuple[str, ...] = ("name",),
) -> dict[str, Any]:
    """A page of rows under the member of that name. ``bound_to`` names the list with all that selects from it.

    Raises ``ValidationFailed`` for a marker of another list, or one older than an hour.
    """
    page = paging.Pager(_invalid_marker).page(
        queryset, order=order, limit=_limit(request), token=request.get("Marker"), bound_to=bound_to
    )
    return _answer(member, [shape(row) for row in page.rows], page.next_token)


def of_items(
    items: Sequence[Item], request: Json, *, member: str, bound_to: str, most: int | None = None
) -> dict[str, Any]:
    """A page of a list that is short and read whole (tags, versions): the marker is a place in it.

    ``most`` bounds the page where what the items stand for is dear.
    """
    start = _place(request.get("Marker"), bound_to)
    end = start + min(_limit(request), most or _limit(request))
    marker = None
    if end < len(items):
        marker = tickets.issue(_KIND, {"at": end}, lifetime=_LIFETIME, bound_to=bound_to)
    return _answer(member, list(items[start:end]), marker)


def of_tags(tags: Mapping[str, str], request: Json, *, bound_to: str) -> dict[str, Any]:
    """A page of the tags of what ``bound_to`` is the unique id or ARN of."""
    return of_items(iam_shapes.tag_list(tags), request, member="Tags", bound_to=f"tags {bound_to}")


def _limit(request: Json) -> int:
    limit: int = request.get("MaxItems", USUAL)
    return limit


def _place(marker: str | None, bound_to: str) -> int:
    if marker is None:
        return 0
    try:
        place: int = tickets.open(_KIND, marker, bound_to=bound_to).content["at"]
    except tickets.TicketError as error:
        raise _invalid_marker() from error
    return place


def _answer(member: str, shown: list[Any], marker: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {member: shown, "IsTruncated": marker is not None}
    return answer | ({"Marker": marker} if marker else {})


def _invalid_marker() -> ValidationFailed:
    return ValidationFailed("Invalid Marker.")
