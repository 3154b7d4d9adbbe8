"""Access keys: made here with the secret shown once, switched off and on, deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from identity.core.admin_base import DeedAdmin
from identity.iam import keys
from identity.iam.models import AccessKey

_SHOWN_ONCE = "_shown_once"


@admin.register(AccessKey)
class AccessKeyAdmin(DeedAdmin[AccessKey]):
    list_display = ("key_id", "user", "status", "secret", "last_used_at", "created_at")
    list_filter = ("status", "last_used_at", "created_at")
    list_select_related = ("user",)
    search_fields = ("=key_id", "user__name")
    search_help_text = "A whole key ID, or part of a user's name."
    autocomplete_fields = ("user",)
    actions = ("deactivate", "activate")

    def get_fields(self, request: HttpRequest, obj: AccessKey | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("user",)
        return ("key_id", "user", "status", "secret", "last_used_at", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: AccessKey | None = None) -> tuple[str, ...]:
        """A key is not edited: the actions switch it, a new one replaces it."""
        return tuple(self.get_fields(request, obj)) if obj else ()

    def summary(self, row: AccessKey) -> str:
        used = f"last used {row.last_used_at:%Y-%m-%d %H:%M} UTC" if row.last_used_at else "never used"
        return f"{row.key_id} of {row.user}: {row.status.lower()}, {used}, secret {self.secret(row)}."

    @admin.display(description="secret")
    def secret(self, row: AccessKey) -> str:
        return f"set on {row.secret_set_at:%Y-%m-%d}"

    def save_model(self, request: HttpRequest, obj: AccessKey, form: Any, change: bool) -> None:
        if change:
            return
        new = keys.create(obj.user)
        obj.key_id = new.key_id
        obj.refresh_from_db()
        setattr(obj, _SHOWN_ONCE, new)

    def delete_model(self, request: HttpRequest, obj: AccessKey) -> None:
        keys.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> None:
        for key in queryset.select_related("user"):
            keys.delete(key)

    def response_add(
        self, request: HttpRequest, obj: AccessKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page with the secret, rendered at once: kept neither in a message nor in the session."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Access key created",
            "opts": self.model._meta,
            "new": getattr(obj, _SHOWN_ONCE),
            "user_name": obj.user.name,
        }
        return TemplateResponse(request, "admin/identity_iam/new_key.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = never_cache(super().add_view)(request, form_url, extra_context)
        return response

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    @admin.action(description="Deactivate", permissions=["switch"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[AccessKey]) -> HttpResponse | None:
        asked = self.ask_once(
            request,
            chosen,
            action="deactivate",
            question="Deactivate these access keys?",
            gone=["Requests signed with these keys are refused from now on, until they are activated again."],
        )
        return asked or self.carry_out(request, chosen, _switch_off, done="Deactivated")

    @admin.action(description="Activate", permissions=["switch"])
    def activate(self, request: HttpRequest, chosen: QuerySet[AccessKey]) -> HttpResponse | None:
        return self.carry_out(request, chosen, _switch_on, done="Activated")


def _switch_off(key: AccessKey) -> None:
    keys.set_status(key, AccessKey.Status.INACTIVE)


def _switch_on(key: AccessKey) -> None:
    keys.set_status(key, AccessKey.Status.ACTIVE)
