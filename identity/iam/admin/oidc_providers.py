"""OpenID Connect providers."""

from django.contrib import admin
from django.http import HttpRequest

from identity.core.admin_base import DeedAdmin
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

    def summary(self, row: OidcProvider) -> str:
        return f"{row.arn}: tokens for {self.audiences(row)} are accepted."

    @admin.display(description="client IDs")
    def audiences(self, row: OidcProvider) -> str:
        return ", ".join(row.client_ids[:5]) + (" …" if len(row.client_ids) > 5 else "") or "nobody"
