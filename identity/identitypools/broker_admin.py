"""Brokers in Django's admin: to set up, and to try out."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from identity.core.admin_base import DeedAdmin
from identity.identitypools import broker_tokens, brokers
from identity.identitypools.models import Broker


@admin.register(Broker)
class BrokerAdmin(DeedAdmin[Broker]):
    list_display = ("pool", "endpoint", "audience", "authenticated_role", "guest_role", "modified_at")
    list_select_related = ("pool",)
    search_fields = ("pool__id", "pool__name", "endpoint", "audience")
    search_help_text = "Identity pool, address or audience."
    autocomplete_fields = ("pool",)
    actions = ("try_out",)
    fields = (
        "pool",
        "endpoint",
        "audience",
        ("authenticated_role", "guest_role"),
        "roles",
        "session_policy",
        "guest_session_policy",
        "duration_seconds",
        ("created_at", "modified_at"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Broker | None = None) -> tuple[str, ...]:
        return ("created_at", "modified_at") + (("pool",) if obj else ())

    def summary(self, row: Broker) -> str:
        return f"{row.host} must trust the issuer {broker_tokens.issuer()} with the client ID {row.audience}."

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:  # another broker took the audience after the form was checked
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Broker, form: Any, change: bool) -> None:
        brokers.save(obj)

    def delete_model(self, request: HttpRequest, obj: Broker) -> None:
        brokers.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Broker]) -> None:
        for broker in queryset:
            brokers.remove(broker)

    def has_try_permission(self, request: HttpRequest) -> bool:
        """Whoever may change an address may have it asked; who only looks may not."""
        return self.has_change_permission(request)

    @admin.action(description="Try it now: ask for credentials of each role", permissions=["try"])
    def try_out(self, request: HttpRequest, chosen: QuerySet[Broker]) -> HttpResponse | None:
        rows = list(chosen)
        for broker in rows:
            self._tell(request, broker, brokers.try_out(broker))
        if "from_page" in request.POST and len(rows) == 1:
            return HttpResponseRedirect(self._url("change", rows[0].pk))
        return None

    def _tell(self, request: HttpRequest, broker: Broker, trials: list[brokers.Trial]) -> None:
        if not trials:
            self.message_user(request, f"{broker}: no role is set.", messages.WARNING)
        for trial in trials:
            level = messages.SUCCESS if trial.is_good else messages.ERROR
            self.message_user(request, f"{broker}, {trial.role_arn}: {trial.answer}", level)
