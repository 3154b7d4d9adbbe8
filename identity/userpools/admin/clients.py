"""App clients. Secrets are shown by the API only; here they are dates."""

from datetime import date

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from identity.core import clock
from identity.userpools import clients
from identity.userpools.admin.base import LookOnlyAdmin, pretty
from identity.userpools.models import UserPoolClient, pool_settings


class HasSecret(admin.SimpleListFilter):
    title = "secret"
    parameter_name = "secret"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "with a secret"), ("no", "without one")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UserPoolClient]) -> QuerySet[UserPoolClient]:
        match self.value():
            case "yes":
                return queryset.exclude(sealed_secrets=[])
            case "no":
                return queryset.filter(sealed_secrets=[])
        return queryset


@admin.register(UserPoolClient)
class UserPoolClientAdmin(LookOnlyAdmin[UserPoolClient]):
    list_display = ("name", "id", "pool", "secret", "hides_existence", "created_at")
    list_filter = (HasSecret,)
    list_select_related = ("pool",)
    search_fields = ("=id", "name", "=pool__id")
    ordering = ("-created_at",)
    fields = readonly_fields = ("name", "id", "pool", "secret", "settings_shown", "created_at", "modified_at")
    actions = ("replace_secret", "remove")

    def summary(self, row: UserPoolClient) -> str:
        flows = ", ".join(sorted(pool_settings.auth_flows(row)))
        return f"App client of {row.pool} · secret {self.secret(row)} · {flows}"

    @admin.display
    def secret(self, client: UserPoolClient) -> str:
        days = sorted(_day(each["created_at"]) for each in client.sealed_secrets)
        return f"set on {', '.join(day.isoformat() for day in days)}" if days else "none"

    @admin.display(boolean=True, description="hides who exists")
    def hides_existence(self, client: UserPoolClient) -> bool:
        return pool_settings.hides_existence(client)

    @admin.display(description="settings")
    def settings_shown(self, client: UserPoolClient) -> SafeString:
        return pretty(client.settings)

    @admin.action(description="Replace the secret…", permissions=["operate"])
    def replace_secret(self, request: HttpRequest, chosen: QuerySet[UserPoolClient]) -> HttpResponse | None:
        gone = [
            "the old secrets: apps that use them are refused until they have the new one (DescribeUserPoolClient)"
        ]
        return self.ask_once(
            request, chosen, action="replace_secret", question="Replace client secrets?", gone=gone
        ) or self.carry_out(request, chosen, clients.replace_secrets, done="Secret replaced")

    @admin.action(description="Delete…", permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[UserPoolClient]) -> HttpResponse | None:
        gone = ["the app's way in, and every sign-in made through it"]
        return self.ask_once(
            request, chosen, action="remove", question="Delete app clients?", gone=gone
        ) or self.carry_out(request, chosen, clients.delete, done="Deleted")


def _day(epoch_seconds: float) -> date:
    return clock.at(epoch_seconds).date()
