"""Users of pools: found by what people paste, and let in or kept out."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from identity.userpools import accounts, recovery, registration, sign_outs
from identity.userpools.admin.base import LookOnlyAdmin, listed_link, pretty
from identity.userpools.admin.groups import MembershipInline
from identity.userpools.models import Alias, User, UserSession

if TYPE_CHECKING:
    AliasInlineBase = admin.TabularInline[Alias, User]
else:  # Django's own class takes no type argument when it runs
    AliasInlineBase = admin.TabularInline


class AliasInline(AliasInlineBase):
    """The names that the user signs in with."""

    model = Alias
    fields = readonly_fields = ("kind", "name")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(LookOnlyAdmin[User]):
    list_display = ("username", "email", "status", "is_enabled", "sub", "pool")
    list_filter = ("status", "is_enabled")
    list_select_related = ("pool",)
    search_fields = ("username", "sub", "email", "phone_number")
    search_help_text = "Username, sub, e-mail or phone number, from its beginning; or the id of a pool."
    ordering = ("-created_at",)
    fields = readonly_fields = (
        "username",
        "sub",
        "pool",
        "status",
        "is_enabled",
        "password_set",
        "sign_ins",
        "attributes_shown",
        "pending_shown",
        "created_at",
        "modified_at",
    )
    inlines = (AliasInline, MembershipInline)
    actions = ("confirm", "disable", "enable", "sign_out", "demand_new_password", "remove")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """By the beginning, which an index can serve, not by any part."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(sub=UUID(term)), False
        except ValueError:
            found = Q(username__startswith=term) | Q(pool_id=term)
            found |= Q(email__startswith=term.lower()) | Q(phone_number__startswith=term)
            return queryset.filter(found), False

    def summary(self, row: User) -> str:
        state = "enabled" if row.is_enabled else "disabled"
        return f"{row.get_status_display()} · {state} · password {self.password_set(row)} · in {row.pool}"

    @admin.display(description="password")
    def password_set(self, user: User) -> str:
        if not user.password:
            return "none"
        since = user.password_changed_at or user.created_at
        until = user.temporary_password_expires_at
        return f"set on {since:%Y-%m-%d}" + (f", temporary until {until:%Y-%m-%d %H:%M} UTC" if until else "")

    @admin.display(description="sign-ins")
    def sign_ins(self, user: User) -> SafeString:
        live = user.sessions.filter(revoked_at__isnull=True).count()
        return listed_link(UserSession, f"{live} not revoked", user__id__exact=user.pk)

    @admin.display(description="attributes")
    def attributes_shown(self, user: User) -> SafeString:
        return pretty(user.attributes)

    @admin.display(description="waiting to be verified")
    def pending_shown(self, user: User) -> SafeString:
        return pretty(user.pending_attributes)

    @admin.action(description="Confirm", permissions=["operate"])
    def confirm(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        return self.carry_out(request, chosen, registration.confirm_as_admin, done="Confirmed")

    @admin.action(description="Disable and sign out", permissions=["operate"])
    def disable(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        return self.carry_out(request, chosen, _disable, done="Disabled and signed out")

    @admin.action(description="Enable", permissions=["operate"])
    def enable(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        return self.carry_out(request, chosen, accounts.enable, done="Enabled")

    @admin.action(description="Sign out everywhere", permissions=["operate"])
    def sign_out(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        return self.carry_out(request, chosen, _sign_out, done="Signed out everywhere")

    @admin.action(description="Demand a new password (sends a code)", permissions=["operate"])
    def demand_new_password(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        return self.carry_out(request, chosen, recovery.demand, done="Code sent, a new password is demanded")

    @admin.action(description="Delete…", permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        gone = [
            "the accounts with attributes, passwords, memberships and sign-ins; the sub is never used again"
        ]
        return self.ask_once(
            request, chosen, action="remove", question="Delete users?", gone=gone
        ) or self.carry_out(request, chosen, _delete, done="Deleted")


def _disable(user: User) -> None:
    with transaction.atomic():
        accounts.disable(user)
        sign_outs.everywhere(user)


def _sign_out(user: User) -> None:
    with transaction.atomic():
        sign_outs.everywhere(user)


def _delete(user: User) -> None:
    accounts.delete(user, by_administrator=True)
