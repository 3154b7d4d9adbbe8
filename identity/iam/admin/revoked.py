"""Revoked temporary credentials: one key id, or a role's or a web identity's sessions before a moment."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.core import clock
from identity.core.admin_base import DeedAdmin
from identity.iam import revocations
from identity.iam.models import RevokedCredentials, Role

if TYPE_CHECKING:
    _Form = forms.ModelForm[RevokedCredentials]
else:  # Django's own class takes no type argument when it runs
    _Form = forms.ModelForm


_NONE = "Give an access key ID, or a role, or a web identity's condition key and its value."
_SEVERAL = "One at a time: an access key ID, or a role, or a web identity."


class RevocationForm(_Form):
    """Says in words what the table's constraint would refuse. A role without a moment means until now."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        key, role, before = (given.get(name) for name in ("access_key_id", "role", "revoked_before"))
        if not self.errors:
            self._require_one_kind(key, role, given["claim"], given["claim_value"])
        if before is not None and before > clock.now():
            self.add_error("revoked_before", "This moment is yet to come: what it ends can't be known.")
        if key and before is not None:
            self.add_error("revoked_before", "A key ends whenever it was issued: leave the moment empty.")
        if role is not None and before is None and "revoked_before" not in self.errors:
            given["revoked_before"] = clock.now()
        return given

    def _require_one_kind(self, key: str | None, role: Role | None, claim: str, value: str) -> None:
        """Each error is a field's: the constraint is then not asked for its own words."""
        kinds = [bool(key), role is not None, bool(claim or value)]
        if sum(kinds) != 1:
            self.add_error("access_key_id", _SEVERAL if any(kinds) else _NONE)
        elif claim and not value:
            self.add_error("claim_value", "Whose? Give the value of the condition key.")
        elif value and not claim:
            self.add_error("claim", "Give the condition key that has this value.")


@admin.register(RevokedCredentials)
class RevokedCredentialsAdmin(DeedAdmin[RevokedCredentials]):
    form = RevocationForm
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
        revocations.forget_now_and_later()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RevokedCredentials]) -> None:
        super().delete_queryset(request, queryset)
        revocations.forget_now_and_later()

    def summary(self, row: RevokedCredentials) -> str:
        return f"{row}: revoked on {row.created_at:%Y-%m-%d %H:%M:%S} UTC."
