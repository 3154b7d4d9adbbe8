"""User pools and their signing keys."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from identity.userpools import keys, pools
from identity.userpools.admin.base import LookOnlyAdmin, listed_link, pretty
from identity.userpools.models import (
    Group,
    ResourceServer,
    SigningKey,
    User,
    UserPool,
    UserPoolClient,
    UserPoolDomain,
    pool_settings,
)


@admin.register(UserPool)
class UserPoolAdmin(LookOnlyAdmin[UserPool]):
    list_display = ("name", "id", "domain_names", "tier", "mfa", "protected", "created_at")
    search_fields = ("id", "name", "domains__domain")
    date_hierarchy = "created_at"
    fields = readonly_fields = (
        "name",
        "id",
        "contents",
        "settings_shown",
        "schema_shown",
        "created_at",
        "modified_at",
    )
    actions = ("rotate_keys", "remove")

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserPool]:
        return super().get_queryset(request).prefetch_related("domains")

    def summary(self, row: UserPool) -> str:
        domains = self.domain_names(row) or "no domain"
        guard = "protected from deletion" if self.protected(row) else "not protected from deletion"
        return f"{pool_settings.tier(row).capitalize()} · MFA {self.mfa(row)} · {domains} · {guard}"

    @admin.display(description="domains")
    def domain_names(self, pool: UserPool) -> str:
        return ", ".join(sorted(row.domain for row in pool.domains.all()))

    @admin.display
    def tier(self, pool: UserPool) -> str:
        return pool_settings.tier(pool)

    @admin.display(description="MFA")
    def mfa(self, pool: UserPool) -> str:
        return pool_settings.mfa_configuration(pool)

    @admin.display(boolean=True, description="deletion protection")
    def protected(self, pool: UserPool) -> bool:
        return pool_settings.is_deletion_protected(pool)

    @admin.display
    def contents(self, pool: UserPool) -> SafeString:
        links = [
            listed_link(User, f"{pools.user_count(pool)} users", pool__id__exact=pool.pk),
            listed_link(UserPoolClient, f"{pool.clients.count()} app clients", pool__id__exact=pool.pk),
            listed_link(Group, f"{pool.groups.count()} groups", pool__id__exact=pool.pk),
            listed_link(
                ResourceServer, f"{pool.resource_servers.count()} resource servers", pool__id__exact=pool.pk
            ),
            listed_link(UserPoolDomain, "domains", pool__id__exact=pool.pk),
            listed_link(SigningKey, "signing keys", pool__id__exact=pool.pk),
        ]
        return format_html("{} · {} · {} · {} · {} · {}", *links)

    @admin.display(description="settings")
    def settings_shown(self, pool: UserPool) -> SafeString:
        return pretty(pool.settings)

    @admin.display(description="schema")
    def schema_shown(self, pool: UserPool) -> SafeString:
        return pretty(pool.schema)

    @admin.action(description="Rotate the signing keys", permissions=["operate"])
    def rotate_keys(self, request: HttpRequest, chosen: QuerySet[UserPool]) -> HttpResponse | None:
        return self.carry_out(
            request, chosen, keys.rotate, done="New keys sign from now on, old tokens stay valid"
        )

    @admin.action(description="Delete with everything in it…", permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[UserPool]) -> HttpResponse | None:
        gone = [
            "every user with passwords, codes and sign-ins",
            "app clients, groups, resource servers, signing keys",
        ]
        return self.ask_once(
            request, chosen, action="remove", question="Delete user pools?", gone=gone
        ) or self.carry_out(request, chosen, pools.delete, done="Deleted")


@admin.register(SigningKey)
class SigningKeyAdmin(LookOnlyAdmin[SigningKey]):
    list_display = ("kid", "pool", "use", "state", "created_at", "retired_at")
    list_filter = ("use", ("retired_at", admin.EmptyFieldListFilter))
    list_select_related = ("pool",)
    search_fields = ("kid", "=pool__id")
    ordering = ("-created_at",)
    fields = readonly_fields = (
        "kid",
        "pool",
        "use",
        "number",
        "state",
        "private_key",
        "public_key",
        "created_at",
        "retired_at",
    )

    def summary(self, row: SigningKey) -> str:
        return f"Key {row.number} for {row.get_use_display()} tokens of {row.pool} · {self.state(row)}"

    @admin.display
    def state(self, key: SigningKey) -> str:
        return "published until retired" if key.retired_at else "in use"

    @admin.display
    def private_key(self, key: SigningKey) -> str:
        return f"set on {key.created_at:%Y-%m-%d}"

    @admin.display
    def public_key(self, key: SigningKey) -> SafeString:
        return pretty(key.public_jwk)
