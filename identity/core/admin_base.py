"""What the apps' admin classes share: a summary line, actions ("deeds") that stand in the list and on the object's
page, and asking once before the irreversible."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from identity.core.errors import ServiceError
from identity.core.storable import is_storable

Row = TypeVar("Row", bound=Model)
Deed = Callable[[Any], object]  # Any: each admin class gives the verbs of its own model

if TYPE_CHECKING:

    class _ModelAdmin(admin.ModelAdmin[Row]): ...
else:  # Django's own class takes no type argument when it runs

    class _ModelAdmin(admin.ModelAdmin, Generic[Row]): ...


class NamedLookups:
    """A list is filtered only by what it offers, and by the ids of related rows; no row has an id that can't be stored.

    Django lets any column be compared, so that a bisection could read hashes that no page shows.
    """

    _SUFFIXES = frozenset({"", "exact", "isnull", "isempty", "gte", "lt", "in", "year", "month", "day"})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        suffix = self._suffix(lookup)
        if suffix in self._SUFFIXES:
            return suffix != "year" or (value.isdecimal() and len(value) <= 4)
        model: type[Model] = self.model  # type: ignore[attr-defined]  # the admin class that this is mixed into
        is_column = lookup.partition("__")[0] in {field.name for field in model._meta.get_fields()}
        return lookup.endswith("__id__exact") or not (is_column or lookup.startswith("pk"))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if not is_storable(object_id):
            return None
        return super().get_object(request, object_id, from_field)  # type: ignore[misc]  # the admin class's

    def _suffix(self, lookup: str) -> str | None:
        """How an offered column is compared; None for a column that isn't offered."""
        for offered in self._offered():
            if lookup == offered or lookup.startswith(f"{offered}__"):
                return lookup.removeprefix(offered).removeprefix("__")
        return None

    def _offered(self) -> list[str]:
        given = [*self.list_filter, self.date_hierarchy]  # type: ignore[attr-defined]
        names = [each[0] if isinstance(each, tuple) else each for each in given]
        return [name for name in names if isinstance(name, str)]


class _Chosen(AutocompleteSelect):
    """Shows nothing as chosen that can't be a key: Django's own looks it up even where the form has refused it."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if self._is_key(one)], attr)

    def _is_key(self, text: str) -> bool:
        target = self.field.target_field
        try:
            target.run_validators(target.to_python(text))
        except ValidationError:
            return False
        return is_storable(str(text))


class DeedAdmin(NamedLookups, _ModelAdmin[Row]):
    """An action does its deed by ``carry_out``, after ``ask_once`` where it destroys.

    ``warning`` is what the page that asks begins with.
    """

    show_full_result_count = False
    list_per_page = 50
    change_form_template = "admin/identity_core/change_form_with_deeds.html"
    warning = ""

    def summary(self, row: Row) -> str:
        """The line that an object's page starts with."""
        return str(row)

    # Deeds are verbs that know their own transactions: a host's ATOMIC_REQUESTS would have a refusal undo what was
    # counted, and hold the transaction open while a trigger is asked.
    @transaction.non_atomic_requests
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, extra_context)

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
            chosen = [one for one in self.get_action_choices(request, []) if one[0] != "delete_selected"]
            context["summary"] = self.summary(row)
            context["deeds"] = [{"name": name, "label": label} for name, label in chosen]
            context["deeds_url"] = self._url("changelist")
        return super().change_view(request, object_id, form_url, context)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **options: Any
    ) -> "ModelChoiceField[Any] | None":
        if db_field.name in self.get_autocomplete_fields(request):
            options["widget"] = _Chosen(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def carry_out(
        self, request: HttpRequest, chosen: QuerySet[Row], deed: Deed, *, done: str
    ) -> HttpResponse | None:
        """Do ``deed`` to each chosen row, log and say what became of it, and go back to where the button was.

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
            "warning": self.warning,
            "rows": list(chosen),
            "gone": gone,
            "action": action,
            "from_page": "from_page" in request.POST,
            "select_across": request.POST.get("select_across") == "1",
        }
        return TemplateResponse(request, "admin/identity_core/ask_once.html", context)

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
