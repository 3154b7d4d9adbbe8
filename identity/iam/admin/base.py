"""What the admin classes share: a summary line, actions also on the object's page, and asking before the irreversible."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from identity.iam import policy

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:

    class _ModelAdmin(admin.ModelAdmin[Row]): ...

    InlinePolicies = BaseInlineFormSet[Any, Any, Any]
else:  # Django's own classes take no type arguments when they run

    class _ModelAdmin(admin.ModelAdmin, Generic[Row]): ...

    InlinePolicies = BaseInlineFormSet


class IamAdmin(_ModelAdmin[Row]):
    """Actions stand in the list and on the object's page; those that destroy ask once."""

    show_full_result_count = False
    list_per_page = 50

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
        row = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if row is not None and self.has_view_permission(request, row):
            chosen = [one for one in self.get_action_choices(request, []) if one[0] != "delete_selected"]
            context["summary"] = self.summary(row)
            context["deeds"] = [{"name": name, "label": label} for name, label in chosen]
            context["deeds_url"] = self._url("changelist")
        return super().change_view(request, object_id, form_url, context)

    def carry_out(
        self, request: HttpRequest, chosen: QuerySet[Row], deed: Callable[[Any], object], *, done: str
    ) -> HttpResponse | None:
        """Do ``deed`` to each chosen row, log and say so, and go back to where the button was."""
        rows = list(chosen)
        for row in rows:
            deed(row)
            self.log_change(request, row, done)
        self.message_user(request, f"{done}: {', '.join(map(str, rows[:10]))}", messages.SUCCESS)
        if "from_page" in request.POST and len(rows) == 1:
            return HttpResponseRedirect(self._url("change", rows[0].pk))
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
        return TemplateResponse(request, "admin/identity_iam/ask_once.html", context)

    def _url(self, page: str, *args: Any) -> str:
        meta = self.model._meta
        return reverse(f"{self.admin_site.name}:{meta.app_label}_{meta.model_name}_{page}", args=args)


class LimitedPolicies(InlinePolicies):
    """Inline policies that share one limit: each row alone can't see the others of the same form."""

    limit = 0

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if getattr(form, "cleaned_data", None)]
        total = sum(policy.size(one.get("document", "")) for one in kept if not one.get("DELETE"))
        if total > self.limit:
            raise ValidationError(f"The inline policies together exceed {self.limit} characters.")
