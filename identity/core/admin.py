"""Django admin: what waits to be sent, what happened, what is locked. Contents are never shown."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.core import clock, outbox
from identity.core.admin_base import NamedLookups
from identity.core.models import Counter, Event, OutboxMessage

if TYPE_CHECKING:
    OutboxAdmin = admin.ModelAdmin[OutboxMessage]
    EventAdmin = admin.ModelAdmin[Event]
    CounterAdmin = admin.ModelAdmin[Counter]
else:  # Django's own class takes no type argument when it runs
    OutboxAdmin = EventAdmin = CounterAdmin = admin.ModelAdmin


class LookOnly(NamedLookups):
    """Rows that are the machine's: to be seen, not to be edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class State(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "waiting"), ("sent", "sent"), ("dead", "given up")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "waiting":
                return queryset.filter(sent_at=None, dead_at=None)
            case "sent":
                return queryset.exclude(sent_at=None)
            case "dead":
                return queryset.exclude(dead_at=None)
        return queryset


@admin.register(OutboxMessage)
class OutboxMessageAdmin(LookOnly, OutboxAdmin):
    list_display = ("id", "kind", "state", "created_at", "due_at", "attempts", "last_error")
    list_filter = (State, "kind")
    search_fields = ("id", "key")
    ordering = ("-created_at",)
    actions = ("retry",)
    fields = (
        "id",
        "kind",
        "key",
        "state",
        "created_at",
        "due_at",
        "claimed_until",
        "attempts",
        "sent_at",
        "dead_at",
        "last_error",
    )
    readonly_fields = fields

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("identity_core.change_outboxmessage")

    @admin.display(description="state")
    def state(self, message: OutboxMessage) -> str:
        if message.sent_at:
            return "sent"
        return "given up" if message.dead_at else "waiting"

    @admin.action(description="Try again what was given up", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        count = outbox.revive(queryset)
        self.message_user(request, f"{count} will be tried again.", messages.SUCCESS)


@admin.register(Event)
class EventRowAdmin(LookOnly, EventAdmin):
    list_display = ("id", "tag", "created_at", "published_at")
    list_filter = ("tag",)
    search_fields = ("tag",)
    date_hierarchy = "created_at"
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(Counter)
class CounterRowAdmin(LookOnly, CounterAdmin):
    list_display = ("key", "count", "ends_at", "is_over")
    search_fields = ("key",)
    ordering = ("-ends_at",)
    actions = ("unlock",)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("identity_core.delete_counter")

    @admin.display(boolean=True, description="over")
    def is_over(self, counter: Counter) -> bool:
        return counter.ends_at <= clock.now()

    @admin.action(description="Unlock: forget what was counted", permissions=["unlock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[Counter]) -> None:
        count, _ = queryset.delete()
        self.message_user(request, f"{count} unlocked.", messages.SUCCESS)
