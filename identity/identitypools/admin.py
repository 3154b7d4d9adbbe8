"""Identity pools in Django's admin: to look and search, to refuse an identity, to rotate a key. What the API checks
(roles, providers) is changed through the API.
"""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from identity.core.admin_base import NamedLookups
from identity.identitypools import broker_admin, identities, keys, pools  # noqa: F401  # importing registers
from identity.identitypools.admin_role import ExplainsRoles
from identity.identitypools.errors import IdentityNotFound
from identity.identitypools.models import Identity, IdentityPool, Login, SigningKey

if TYPE_CHECKING:  # the classes take parameters in the type stubs only
    _PoolAdmin = admin.ModelAdmin[IdentityPool]
    _IdentityAdmin = admin.ModelAdmin[Identity]
    _KeyAdmin = admin.ModelAdmin[SigningKey]
    _LoginInline = admin.TabularInline[Login, Identity]
else:
    _PoolAdmin = _IdentityAdmin = _KeyAdmin = admin.ModelAdmin
    _LoginInline = admin.TabularInline


class _ReadOnly(NamedLookups):
    """Nothing is added or edited by hand; superusers may still delete where a class says so."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _pretty(document: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(document, indent=2, sort_keys=True))


@admin.register(IdentityPool)
class IdentityPoolAdmin(_ReadOnly, ExplainsRoles, _PoolAdmin):
    list_display = ("name", "id", "guests", "classic_flow", "providers", "identity_count", "created_at")
    search_fields = ("id", "name")
    date_hierarchy = "created_at"
    fields = (
        "name",
        "id",
        "guests",
        "classic_flow",
        "providers",
        "default_roles",
        "role_mappings",
        "principal_tag_maps",
        "settings_document",
        "tags",
        "created_at",
        "modified_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[IdentityPool]:
        return super().get_queryset(request).annotate(identity_total=Count("identities"))

    def delete_model(self, request: HttpRequest, obj: IdentityPool) -> None:
        """As the API does it: the credentials end too."""
        pools.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[IdentityPool]) -> None:
        for pool in queryset:
            pools.delete(pool)

    @admin.display(boolean=True)
    def guests(self, pool: IdentityPool) -> bool:
        return pool.allows_guests

    @admin.display(boolean=True)
    def classic_flow(self, pool: IdentityPool) -> bool:
        return pool.allows_classic_flow

    @admin.display
    def providers(self, pool: IdentityPool) -> str:
        user_pools = [f"{entry['ProviderName']} ({entry['ClientId']})" for entry in pool.user_pools]
        developer = [pool.developer_provider] if pool.developer_provider else []
        named = [*user_pools, *pool.social_apps, *pool.oidc_arns, *pool.saml_arns, *developer]
        return ", ".join(named) or "none"

    @admin.display(description="identities", ordering="identity_total")
    def identity_count(self, pool: IdentityPool) -> int:
        count: int = getattr(pool, "identity_total")  # noqa: B009  # an annotation, unknown to the type checker
        return count

    @admin.display
    def default_roles(self, pool: IdentityPool) -> SafeString:
        return _pretty(pool.default_roles)

    @admin.display
    def role_mappings(self, pool: IdentityPool) -> SafeString:
        return _pretty(pool.role_mappings)

    @admin.display(description="principal tags")
    def principal_tag_maps(self, pool: IdentityPool) -> SafeString:
        return _pretty(pool.principal_tag_maps)

    @admin.display(description="settings")
    def settings_document(self, pool: IdentityPool) -> SafeString:
        return _pretty(pool.settings)


class LoginInline(_ReadOnly, _LoginInline):
    """Providers only: who the user is there is not shown, as in the API."""

    model = Login
    fields = readonly_fields = ("provider", "public", "created_at")
    can_delete = False
    extra = 0


@admin.register(Identity)
class IdentityAdmin(_ReadOnly, _IdentityAdmin):
    list_display = ("id", "pool", "state", "provider_names", "merged_into", "created_at", "modified_at")
    list_filter = ("state", "pool", ("logins__provider", admin.AllValuesFieldListFilter))
    list_select_related = ("pool", "merged_into")
    search_fields = ("=id", "=merged_into__id")
    fields = readonly_fields = (
        "id",
        "pool",
        "state",
        "merged_into",
        "emptied_at",
        "created_at",
        "modified_at",
    )
    inlines = (LoginInline,)
    actions = ("disable", "enable")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Identity]:
        return super().get_queryset(request).prefetch_related("logins")

    @admin.display(description="logins")
    def provider_names(self, identity: Identity) -> str:
        return ", ".join(login.provider for login in identity.logins.all())

    @admin.action(
        description="Disable (tokens and credentials are refused from now on)", permissions=["delete"]
    )
    def disable(self, request: HttpRequest, chosen: QuerySet[Identity]) -> None:
        for identity in chosen:
            identities.disable(identity)
        self.message_user(
            request, "Disabled. Credentials already issued stop working within a second.", messages.SUCCESS
        )

    def delete_model(self, request: HttpRequest, obj: Identity) -> None:
        """As the API does it: the credentials end too."""
        identities.delete(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Identity]) -> None:
        for identity_id in list(queryset.values_list("pk", flat=True)):
            with suppress(IdentityNotFound):  # gone already with the one that it was merged into
                identities.delete(identity_id)

    @admin.action(
        description="Enable again (merged ones, and those without logins left, stay disabled)",
        permissions=["delete"],
    )
    def enable(self, request: HttpRequest, chosen: QuerySet[Identity]) -> None:
        for identity in chosen:
            identities.enable(identity)
        self.message_user(request, "Enabled.", messages.SUCCESS)


@admin.register(SigningKey)
class SigningKeyAdmin(_ReadOnly, _KeyAdmin):
    list_display = ("kid", "region", "created_at", "retired_at")
    list_filter = ("region",)
    fields = readonly_fields = ("kid", "region", "created_at", "retired_at", "public_key")
    actions = ("replace",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display
    def public_key(self, key: SigningKey) -> SafeString:
        return _pretty(key.public_jwk)

    @admin.action(
        description="Make a new key for the region and sign no more with the chosen", permissions=["replace"]
    )
    def replace(self, request: HttpRequest, chosen: QuerySet[SigningKey]) -> None:
        for key in chosen.filter(retired_at=None):
            keys.make(key.region)
            keys.retire(key)
        self.message_user(
            request, "New tokens carry the new key; old ones stay verifiable.", messages.SUCCESS
        )

    def has_replace_permission(self, request: HttpRequest) -> bool:
        """Editing rights by the ordinary permission, although nothing is edited by hand."""
        return request.user.has_perm("identity_identitypools.change_signingkey")
