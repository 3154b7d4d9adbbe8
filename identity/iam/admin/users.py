"""IAM users, their policies and their keys."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from identity.iam.admin.base import LimitedPolicies
from identity.iam.admin.holders import HolderAdmin
from identity.iam.events import UserCreated, UserDeleted
from identity.iam.models import AccessKey, User, UserPolicy
from identity.iam.models.users import USER_INLINE_LIMIT

if TYPE_CHECKING:
    PolicyInlineBase = admin.StackedInline[UserPolicy, User]
    KeyInlineBase = admin.TabularInline[AccessKey, User]
else:  # Django's own classes take no type arguments when they run
    PolicyInlineBase = admin.StackedInline
    KeyInlineBase = admin.TabularInline


class _Policies(LimitedPolicies):
    limit = USER_INLINE_LIMIT


class UserPolicyInline(PolicyInlineBase):
    model = UserPolicy
    formset = _Policies
    extra = 0


class AccessKeyInline(KeyInlineBase):
    """To look at: keys are made, switched and deleted on their own pages."""

    model = AccessKey
    fields = readonly_fields = ("key_id", "status", "secret_set_at", "last_used_at")
    can_delete = False
    show_change_link = True
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(HolderAdmin[User]):
    created, deleted = UserCreated, UserDeleted
    list_display = ("name", "arn", "permissions_boundary", "created_at")
    list_filter = (
        ("permissions_boundary", admin.EmptyFieldListFilter),
        "attached_policies",
        "access_keys__status",
    )
    list_select_related = ("permissions_boundary",)
    search_fields = ("name", "user_id", "path", "=access_keys__key_id")
    search_help_text = "Name, unique id, path or a whole access key ID."
    filter_horizontal = ("attached_policies",)
    inlines = (UserPolicyInline, AccessKeyInline)
    fields = (
        ("name", "path"),
        "attached_policies",
        "permissions_boundary",
        "tags",
        "user_id",
        "created_at",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Name and path are part of the ARN, which policies elsewhere name."""
        return ("user_id", "created_at") + (("name", "path") if obj else ())

    def summary(self, row: User) -> str:
        active = row.access_keys.filter(status=AccessKey.Status.ACTIVE).count()
        managed = row.attached_policies.count()
        inline = row.inline_policies.count()
        return f"{row.arn}: {active} active keys, {inline} inline and {managed} managed policies."
