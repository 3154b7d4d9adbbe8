"""Revoked temporary credentials: one key id, or a role's or a web identity's sessions before a moment."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.core.admin_base import DeedAdmin
from identity.iam import revocations
from identity.iam.models import RevokedCredentials


@admin.register(RevokedCredentials)
class RevokedCredentialsAdmin(DeedAdmin[RevokedCredentials]):
    list_display = ("__str__", "role", "revoked_before", "created_at")
    list_filter = (("role", admin.RelatedOnlyFieldListFilter), "created_at")
    list_select_related = ("role",)
    search_fields = ("=access_key_id", "role__name", "=claim_value")
    search_help_text = (
        "A whole access key ID, part of a role's name, or a whole identity or identity pool ID."
    )
    autocomplete_fields = ("role",)
    fields = ("access_key_id", "role", ("claim", "claim_value"), "revoked_before")

    def has_change_permission(self, request: HttpRequest, obj: RevokedCredentials | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RevokedCredentials, form: Any, change: bool) -> None:
        if obj.role is not None:
            row = revocations.revoke_sessions(obj.role, before=obj.revoked_before)
        elif obj.claim:
            row = revocations.revoke_claim(obj.claim, obj.claim_value, before=obj.revoked_before)
        else:
            row = revocations.revoke_key(obj.access_key_id)
        obj.pk = row.pk

    def delete_model(self, request: HttpRequest, obj: RevokedCredentials) -> None:
        """Other processes go on refusing for up to a minute."""
        super().delete_model(request, obj)
        revocations.forget()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RevokedCredentials]) -> None:
        super().delete_queryset(request, queryset)
        revocations.forget()

    def summary(self, row: RevokedCredentials) -> str:
        return f"{row}: revoked on {row.created_at:%Y-%m-%d %H:%M:%S} UTC."
