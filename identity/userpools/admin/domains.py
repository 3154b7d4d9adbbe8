"""Domains and resource servers."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from identity.userpools import domains, resource_servers
from identity.userpools.admin.base import LookOnlyAdmin, pretty
from identity.userpools.models import ResourceServer, UserPoolDomain


@admin.register(UserPoolDomain)
class UserPoolDomainAdmin(LookOnlyAdmin[UserPoolDomain]):
    list_display = ("domain", "pool", "is_custom", "address", "created_at")
    list_filter = ("is_custom",)
    list_select_related = ("pool",)
    search_fields = ("domain", "=pool__id")
    fields = readonly_fields = ("domain", "pool", "is_custom", "address", "settings_shown", "created_at")
    actions = ("remove",)

    def summary(self, row: UserPoolDomain) -> str:
        kind = "Custom domain" if row.is_custom else "Prefix"
        return f"{kind} of {row.pool}"

    @admin.display
    def address(self, row: UserPoolDomain) -> SafeString:
        url = domains.address(row.domain, is_custom=row.is_custom)
        return format_html('<a href="{}">{}</a>', url, url)

    @admin.display(description="settings")
    def settings_shown(self, row: UserPoolDomain) -> SafeString:
        return pretty(row.settings)

    @admin.action(description="Detach from its pool…", permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[UserPoolDomain]) -> HttpResponse | None:
        gone = ["the address: hosted pages and OAuth endpoints there answer no more"]
        return self.ask_once(
            request, chosen, action="remove", question="Detach domains?", gone=gone
        ) or self.carry_out(request, chosen, domains.delete, done="Detached")


@admin.register(ResourceServer)
class ResourceServerAdmin(LookOnlyAdmin[ResourceServer]):
    list_display = ("identifier", "name", "pool", "scope_names", "created_at")
    list_select_related = ("pool",)
    search_fields = ("identifier", "name", "=pool__id")
    fields = readonly_fields = ("identifier", "name", "pool", "scopes_shown", "created_at")
    actions = ("remove",)

    def summary(self, row: ResourceServer) -> str:
        return f"{len(row.scopes)} scopes in {row.pool}"

    @admin.display(description="scopes")
    def scope_names(self, server: ResourceServer) -> str:
        return ", ".join(scope["ScopeName"] for scope in server.scopes)

    @admin.display(description="scopes")
    def scopes_shown(self, server: ResourceServer) -> SafeString:
        return pretty(server.scopes)

    @admin.action(description="Delete…", permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[ResourceServer]) -> HttpResponse | None:
        gone = ["the scopes: clients that have them get tokens without them"]
        return self.ask_once(
            request, chosen, action="remove", question="Delete resource servers?", gone=gone
        ) or self.carry_out(request, chosen, resource_servers.delete, done="Deleted")
