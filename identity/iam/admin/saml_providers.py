"""SAML identity providers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.core.admin_base import DeedAdmin
from identity.iam import saml_providers
from identity.iam.models import SamlProvider


@admin.register(SamlProvider)
class SamlProviderAdmin(DeedAdmin[SamlProvider]):
    list_display = ("name", "entity_id", "arn", "valid_until", "created_at")
    list_filter = ("created_at", "valid_until")
    search_fields = ("name", "entity_id", "provider_id")
    search_help_text = "Name, entity ID or unique id."
    fields = ("name", "metadata", "tags", "entity_id", "keys", "valid_until", "provider_id", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SamlProvider]:
        """A document may be long; the list shows none."""
        return super().get_queryset(request).defer("metadata")

    def get_readonly_fields(self, request: HttpRequest, obj: SamlProvider | None = None) -> tuple[str, ...]:
        """The name is part of the ARN, which trust policies name; the rest follows from the document."""
        return ("entity_id", "keys", "valid_until", "provider_id", "created_at") + (("name",) if obj else ())

    def save_model(self, request: HttpRequest, obj: SamlProvider, form: Any, change: bool) -> None:
        saml_providers.save(obj)

    def delete_model(self, request: HttpRequest, obj: SamlProvider) -> None:
        saml_providers.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SamlProvider]) -> None:
        for provider in queryset:
            saml_providers.delete(provider)

    def summary(self, row: SamlProvider) -> str:
        state = "its metadata has expired: nothing of it counts" if row.is_expired else self.keys(row)
        return f"{row.arn}: assertions of {row.entity_id} are accepted; {state}."

    @admin.display(description="signing keys")
    def keys(self, row: SamlProvider) -> str:
        count = len(row.certificates)
        return f"{count} signing key{'' if count == 1 else 's'}"
