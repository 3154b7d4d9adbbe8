"""What the pages of roles and users share: their changes are told of like those that come by the API."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from identity.core import events
from identity.core.events import Recordable
from identity.iam import holders
from identity.iam.admin.why import Held, WhyAdmin

_RIGHTS = frozenset({"attached_policies", "permissions_boundary"})


class HolderAdmin(WhyAdmin[Held]):
    """Django keeps each of these requests in one transaction, and the events with it.

    Rows are ``Any`` where Django's own method is called: mypy forgets there that they are of ``Held``.
    """

    created: ClassVar[Any]  # Any: the event's class, which takes the name
    deleted: ClassVar[Any]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        happened = self.happened(obj, form) if change else [self.created(obj.name)]
        for event in happened:
            events.record(event)

    def happened(self, row: Held, form: Any) -> list[Recordable]:
        """What else there is to tell of a changed row. ``Any``: Django's form."""
        return []

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if _RIGHTS.intersection(form.changed_data) or any(formset.has_changed() for formset in formsets):
            holders.record(form.instance, "edited", "")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        events.record(self.deleted(obj.name))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Held]) -> None:
        for row in queryset:
            self.delete_model(request, row)
