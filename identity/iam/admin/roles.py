"""Roles: who may assume them, what their sessions may do, and ending those sessions."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from identity.core.events import Recordable
from identity.iam import policy, revocations, trusted
from identity.iam.admin.base import LimitedPolicies
from identity.iam.admin.holders import HolderAdmin
from identity.iam.events import RoleCreated, RoleDeleted, RoleTrustChanged, RoleUpdated
from identity.iam.models import Role, RolePolicy
from identity.iam.models.roles import ROLE_INLINE_LIMIT

if TYPE_CHECKING:
    RoleFormBase = forms.ModelForm[Role]
    InlineBase = admin.StackedInline[RolePolicy, Role]
else:  # Django's own classes take no type arguments when they run
    RoleFormBase = forms.ModelForm
    InlineBase = admin.StackedInline


class RoleForm(RoleFormBase):
    """A trust policy must parse and may only name principals that exist."""

    class Meta:
        model = Role
        fields = "__all__"

    def clean_trust_policy(self) -> str:
        document: str = self.cleaned_data["trust_policy"]
        stored = self.instance.trust_policy
        if self.instance.pk is not None and _as_typed(document) == _as_typed(stored):
            # Whom it named when it was written stays bound: a namesake made since is not trusted by saving a form.
            return stored
        try:
            policy.parse(document, kind="trust")
        except policy.MalformedPolicy as error:
            raise ValidationError(str(error)) from error
        self.instance.trusted_ids = trusted.bind(document)
        return document


def _as_typed(document: str) -> str:
    """A document as a form's field gives it back: browsers end lines by two characters, and blanks around it go."""
    return document.replace("\r\n", "\n").replace("\r", "\n").strip()


class _Policies(LimitedPolicies):
    limit = ROLE_INLINE_LIMIT


class RolePolicyInline(InlineBase):
    model = RolePolicy
    formset = _Policies
    extra = 0


@admin.register(Role)
class RoleAdmin(HolderAdmin[Role]):
    created, deleted = RoleCreated, RoleDeleted
    form = RoleForm
    list_display = ("name", "arn", "max_session_duration", "permissions_boundary", "created_at")
    list_filter = (("permissions_boundary", admin.EmptyFieldListFilter), "attached_policies", "created_at")
    list_select_related = ("permissions_boundary",)
    search_fields = ("name", "role_id", "path", "description")
    search_help_text = "Name, unique id, path or description."
    filter_horizontal = ("attached_policies",)
    inlines = (RolePolicyInline,)
    actions = ("revoke_sessions",)
    fields = (
        ("name", "path"),
        "description",
        "trust_policy",
        "max_session_duration",
        "attached_policies",
        "permissions_boundary",
        "tags",
        "role_id",
        "created_at",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> tuple[str, ...]:
        """Name and path are part of the ARN, which policies elsewhere name."""
        return ("role_id", "created_at") + (("name", "path") if obj else ())

    def happened(self, row: Role, form: Any) -> list[Recordable]:
        found: list[Recordable] = []
        if _as_typed(form.initial["trust_policy"]) != _as_typed(row.trust_policy):
            found.append(RoleTrustChanged(row.name))
        if {"description", "max_session_duration"}.intersection(form.changed_data):
            found.append(RoleUpdated(row.name))
        return found

    def summary(self, row: Role) -> str:
        last = row.revocations.order_by("-revoked_before").first()
        revoked = (
            f", sessions issued before {last.revoked_before:%Y-%m-%d %H:%M:%S} UTC revoked" if last else ""
        )
        managed = row.attached_policies.count()
        return f"{row.arn}: {row.inline_policies.count()} inline and {managed} managed policies{revoked}."

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    @admin.action(description="Revoke sessions issued before now", permissions=["revoke"])
    def revoke_sessions(self, request: HttpRequest, chosen: QuerySet[Role]) -> HttpResponse | None:
        asked = self.ask_once(
            request,
            chosen,
            action="revoke_sessions",
            question="Revoke all sessions of these roles that were issued before now?",
            gone=["Every temporary credential issued so far for these roles stops working within a second."],
        )
        deed: Any = revocations.revoke_sessions
        return asked or self.carry_out(request, chosen, deed, done="Sessions revoked")
