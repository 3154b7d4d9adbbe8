"""What the admin classes share: rows to look at, a summary line, and actions that ask once before they destroy."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from identity.core.errors import ServiceError

Row = TypeVar("Row", bound=Model)
Deed = Callable[[Any], object]  # Any: each admin class gives the verbs of its own model

if TYPE_CHECKING:

    class _ModelAdmin(admin.ModelAdmin[Row]): ...
else:  # Django's own class takes no type argument when it runs

    class _ModelAdmin(admin.ModelAdmin, Generic[Row]): ...


class LookOnlyAdmin(_ModelAdmin[Row]):
    """Nothing is added, edited or deleted by hand; what may be done stands in ``actions``, which call verbs.

    Actions that change need the model's change permission (``permissions=["operate"]``), those that destroy its
    delete permission (``permissions=["remove"]``).
    """

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return super().has_delete_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Whoever may change or delete may look, as in Django, although here nothing is edited."""
        return (
            super().has_view_permission(request, obj)
            or self.has_operate_permission(request)
            or self.has_remove_permission(request)
        )

    def summary(self, row: Row) -> str:
        """The line that an object's page starts with."""
        return str(row)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        context = dict(extra_context or {})
        if row is not None and self.has_view_permission(request, row):
            context["summary"] = self.summary(row)
            context["deeds"] = [
                {"name": name, "label": label} for name, label in self.get_action_choices(request, [])
            ]
            context["deeds_url"] = self._url("changelist")
        return super().change_view(request, object_id, form_url, context)

    def carry_out(
        self, request: HttpRequest, chosen: QuerySet[Row], deed: Deed, *, done: str
    ) -> HttpResponse | None:
        """Do ``deed`` to each chosen row, say what became of it, and go back to where the button was.

        A refusal of the domain is told and stops none of the others.
        """
        rows = list(chosen)
        changed = [row for row in rows if self._tried(request, row, deed, done)]
        if changed:
            self.message_user(request, f"{done}: {', '.join(map(str, changed[:10]))}", messages.SUCCESS)
        if "from_page" in request.POST and len(rows) == 1 and rows[0].pk is not None:
            return HttpResponseRedirect(self._url("change", quote(rows[0].pk)))
        return None

    def ask_once(
        self, request: HttpRequest, chosen: QuerySet[Row], *, action: str, question: str, gone: Sequence[str]
    ) -> TemplateResponse | None:
        """The page that asks, with what will be gone; None once it has been answered."""
        if "confirmed" in request.POST:
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": question,
            "opts": self.model._meta,
            "rows": list(chosen),
            "gone": gone,
            "action": action,
            "from_page": "from_page" in request.POST,
            "select_across": request.POST.get("select_across") == "1",
        }
        return TemplateResponse(request, "admin/identity_userpools/ask_once.html", context)

    def _tried(self, request: HttpRequest, row: Row, deed: Deed, done: str) -> bool:
        name, pk = str(row), row.pk
        try:
            deed(row)
        except ServiceError as refusal:
            self.message_user(request, f"{name}: {refusal.message}", messages.ERROR)
            return False
        logged = row if row.pk is not None else self.model(pk=pk)
        self.log_change(request, logged, done)
        return True

    def _url(self, page: str, *args: Any) -> str:
        meta = self.model._meta
        return reverse(f"{self.admin_site.name}:{meta.app_label}_{meta.model_name}_{page}", args=args)


def pretty(document: Any) -> SafeString:
    """JSON, readable and escaped."""
    return format_html("<pre>{}</pre>", json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))


def listed_link(model: type[Model], text: str, **filters: Any) -> SafeString:
    """A link to another model's list, filtered."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(filters), text)
