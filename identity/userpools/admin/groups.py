"""Groups and who is in them."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from identity.userpools import groups
from identity.userpools.admin.base import LookOnlyAdmin, listed_link
from identity.userpools.models import Group, Membership, User

if TYPE_CHECKING:
    MembershipInlineBase = admin.TabularInline[Membership, User]
else:  # Django's own class takes no type argument when it runs
    MembershipInlineBase = admin.TabularInline


@admin.register(Group)
class GroupAdmin(LookOnlyAdmin[Group]):
    list_display = ("name", "pool", "member_count", "precedence", "role_arn", "created_at")
    list_filter = (("role_arn", admin.EmptyFieldListFilter),)
    list_select_related = ("pool",)
    search_fields = ("name", "=pool__id", "role_arn")
    ordering = ("pool", "name")
    fields = readonly_fields = (
        "name",
        "pool",
        "description",
        "role_arn",
        "precedence",
        "members",
        "created_at",
        "modified_at",
    )
    actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_total=Count("memberships"))

    def summary(self, row: Group) -> str:
        return f"{self.member_count(row)} members in {row.pool} · role {row.role_arn or 'none'}"

    @admin.display(description="members", ordering="member_total")
    def member_count(self, group: Group) -> int:
        count: int = getattr(group, "member_total")  # noqa: B009  # an annotation, unknown to the type checker
        return count

    @admin.display
    def members(self, group: Group) -> SafeString:
        return listed_link(User, f"{self.member_count(group)} users", memberships__group__id__exact=group.pk)

    @admin.action(description="Delete…", permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Group]) -> HttpResponse | None:
        gone = [
            "the groups with their memberships; the users stay, and have no rights by them from the next token on"
        ]
        return self.ask_once(
            request, chosen, action="remove", question="Delete groups?", gone=gone
        ) or self.carry_out(request, chosen, groups.delete, done="Deleted")


class MembershipInline(MembershipInlineBase):
    """A user's groups, on the user's page."""

    model = Membership
    fields = readonly_fields = ("group", "created_at")
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("group")

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
