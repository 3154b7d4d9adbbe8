"""OpenID Connect providers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.core import events
from identity.core.admin_base import DeedAdmin
from identity.iam import oidc_providers
from identity.iam.events import OidcProviderUpdated
from identity.iam.models import OidcProvider


@admin.register(OidcProvider)
class OidcProviderAdmin(DeedAdmin[OidcProvider]):
    list_display = ("url", "arn", "audiences", "created_at")
    list_filter = ("created_at",)
    search_fields = ("url", "client_ids")
    search_help_text = "Address or client ID."
    fields = ("url", "client_ids", "thumbprints", "tags", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: OidcProvider | None = None) -> tuple[str, ...]:
        """The address is part of the ARN, which trust policies name."""
        return ("created_at",) + (("url",) if obj else ())

    def save_model(self, request: HttpRequest, obj: OidcProvider, form: Any, change: bool) -> None:
        if not change:
            oidc_providers.save_new(obj)
            return
        super().save_model(request, obj, form, change)
        if "client_ids" in form.changed_data:
            events.record(OidcProviderUpdated(obj.url))

    def delete_model(self, request: HttpRequest, obj: OidcProvider) -> None:
        oidc_providers.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OidcProvider]) -> None:
        for provider in queryset:
            oidc_providers.delete(provider)

    def summary(self, row: OidcProvider) -> str:
        return f"{row.arn}: tokens for {self.audiences(row)} are accepted."

    @admin.display(description="client IDs")
    def audiences(self, row: OidcProvider) -> str:
        return ", ".join(row.client_ids[:5]) + (" …" if len(row.client_ids) > 5 else "") or "nobody"
