"""Managed policies."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from identity.core import events
from identity.core.admin_base import DeedAdmin
from identity.iam import managed_policies, rows
from identity.iam.events import PolicyDeleted
from identity.iam.models import ManagedPolicy


@admin.register(ManagedPolicy)
class ManagedPolicyAdmin(DeedAdmin[ManagedPolicy]):
    list_display = ("name", "arn", "attached_to", "version", "updated_at")
    list_filter = ("is_aws_managed", "updated_at")
    search_fields = ("name", "policy_id", "path", "description")
    search_help_text = "Name, unique id, path or description."
    fields = (
        ("name", "path"),
        "description",
        "document",
        "tags",
        "policy_id",
        "is_aws_managed",
        "version",
        "other_versions",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ManagedPolicy]:
        counts = {
            "role_count": Count("roles", distinct=True),
            "user_count": Count("users", distinct=True),
        }
        return super().get_queryset(request).annotate(**counts)

    def get_readonly_fields(self, request: HttpRequest, obj: ManagedPolicy | None = None) -> tuple[str, ...]:
        """Name and path are part of the ARN. Policies that come with the product stay as they are."""
        fixed: tuple[str, ...] = (
            "policy_id",
            "is_aws_managed",
            "version",
            "other_versions",
            "created_at",
            "updated_at",
        )
        if obj is not None:
            fixed += ("name", "path")
            fixed += ("description", "document", "tags") if obj.is_aws_managed else ()
        return fixed

    def has_delete_permission(self, request: HttpRequest, obj: ManagedPolicy | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_aws_managed)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting by the list: it would not ask row by row whether a policy may go."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: ManagedPolicy, form: Any, change: bool) -> None:
        """A changed document is a new version: the old one is kept beside it.

        Of the row itself only what was changed is written: versions may have been made since the page was shown.
        """
        if not change:
            managed_policies.save_new(obj)
            return
        others = [name for name in form.changed_data if name != "document"]
        with transaction.atomic():
            rows.hold(obj)
            if others:
                obj.save(update_fields=others)
            if "document" in form.changed_data:
                managed_policies.set_document(obj, obj.document)

    def delete_model(self, request: HttpRequest, obj: ManagedPolicy) -> None:
        super().delete_model(request, obj)
        events.record(PolicyDeleted(obj.arn))

    def summary(self, row: ManagedPolicy) -> str:
        return f"{row.arn}: version {row.version}, attached to {self.attached_to(row)}."

    @admin.display(description="other versions")
    def other_versions(self, row: ManagedPolicy) -> str:
        """Those that are kept and do not count; the API shows, chooses and deletes them."""
        kept = row.other_versions.all() if row.pk else ()
        return ", ".join(f"v{each.number} of {each.created_at:%Y-%m-%d %H:%M} UTC" for each in kept) or "none"

    @admin.display(description="attached to")
    def attached_to(self, row: ManagedPolicy) -> str:
        roles, users = getattr(row, "role_count", 0), getattr(row, "user_count", 0)
        return f"{roles} roles, {users} users"
