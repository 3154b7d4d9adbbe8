"""One-time codes and former passwords: that they are there and since when, never what they are."""

from django.contrib import admin

from identity.userpools.admin.base import LookOnlyAdmin
from identity.userpools.models import Code, FormerPassword


@admin.register(Code)
class CodeAdmin(LookOnlyAdmin[Code]):
    list_display = ("user", "purpose", "destination", "attempts", "created_at", "expires_at", "spent_at")
    list_filter = ("purpose", ("spent_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("=user__sub", "=user__username", "destination")
    ordering = ("-created_at",)
    actions = None
    fields = readonly_fields = (
        "user",
        "purpose",
        "attribute",
        "destination",
        "attempts",
        "created_at",
        "expires_at",
        "spent_at",
    )

    def summary(self, row: Code) -> str:
        state = f"spent on {row.spent_at:%Y-%m-%d %H:%M} UTC" if row.spent_at else "not spent"
        return f"{row.get_purpose_display()} code of {row.user} · {row.attempts} wrong tries · {state}"


@admin.register(FormerPassword)
class FormerPasswordAdmin(LookOnlyAdmin[FormerPassword]):
    list_display = ("user", "set_on")
    list_select_related = ("user",)
    search_fields = ("=user__sub", "=user__username")
    ordering = ("-created_at",)
    actions = None
    fields = readonly_fields = ("user", "set_on")

    def summary(self, row: FormerPassword) -> str:
        return f"A former password of {row.user}, kept so that it does not come back"

    @admin.display(ordering="created_at")
    def set_on(self, former: FormerPassword) -> str:
        return f"set on {former.created_at:%Y-%m-%d}"
