"""Sign-ins: of apps, of browsers, and what is on the way to becoming one. The keys of three of these tables are
hashes of tokens, so their rows are listed without links."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from identity.core import clock
from identity.userpools import sessions
from identity.userpools.admin.base import LookOnlyAdmin
from identity.userpools.models import AuthorizationCode, HostedSession, RotatedRefreshToken, UserSession


class State(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("live", "live"), ("revoked", "revoked"), ("expired", "expired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> QuerySet[UserSession]:
        now = clock.now()
        match self.value():
            case "live":
                return queryset.filter(revoked_at__isnull=True, expires_at__gt=now)
            case "revoked":
                return queryset.filter(revoked_at__isnull=False)
            case "expired":
                return queryset.filter(revoked_at__isnull=True, expires_at__lte=now)
        return queryset


@admin.register(UserSession)
class UserSessionAdmin(LookOnlyAdmin[UserSession]):
    list_display = ("origin_jti", "user", "client", "state", "is_hosted", "auth_time", "expires_at")
    list_filter = (State, "is_hosted")
    list_select_related = ("user", "client")
    search_fields = ("=origin_jti", "=user__sub", "=user__username", "=client__id")
    ordering = ("-created_at",)
    fields = readonly_fields = (
        "origin_jti",
        "user",
        "client",
        "state",
        "refresh_token",
        "scopes",
        "is_hosted",
        "auth_time",
        "created_at",
        "expires_at",
        "revoked_at",
    )
    actions = ("revoke",)

    def summary(self, row: UserSession) -> str:
        return f"{self.state(row).capitalize()} · {row.user} by {row.client} since {row.auth_time:%Y-%m-%d %H:%M} UTC"

    @admin.display
    def state(self, session: UserSession) -> str:
        if session.revoked_at:
            return "revoked"
        return "live" if session.expires_at > clock.now() else "expired"

    @admin.display
    def refresh_token(self, session: UserSession) -> str:
        return f"set on {session.created_at:%Y-%m-%d}" if session.refresh_token_hash else "none"

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[UserSession]) -> HttpResponse | None:
        return self.carry_out(request, chosen, _revoke, done="Revoked")


@admin.register(HostedSession)
class HostedSessionAdmin(LookOnlyAdmin[HostedSession]):
    list_display = ("user", "auth_time", "expires_at")
    list_display_links = None
    list_select_related = ("user",)
    search_fields = ("=user__sub", "=user__username")
    ordering = ("-auth_time",)
    actions = None
    fields = readonly_fields = ("user", "auth_time", "expires_at")


@admin.register(AuthorizationCode)
class AuthorizationCodeAdmin(LookOnlyAdmin[AuthorizationCode]):
    list_display = ("user", "client", "redirect_uri", "created_at", "expires_at", "spent_at")
    list_display_links = None
    list_filter = (("spent_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user", "client")
    search_fields = ("=user__sub", "=user__username", "=client__id")
    ordering = ("-created_at",)
    actions = None
    fields = readonly_fields = (
        "user",
        "client",
        "redirect_uri",
        "scopes",
        "created_at",
        "expires_at",
        "spent_at",
    )


@admin.register(RotatedRefreshToken)
class RotatedRefreshTokenAdmin(LookOnlyAdmin[RotatedRefreshToken]):
    list_display = ("session", "user", "rotated_at")
    list_display_links = None
    list_select_related = ("session__user",)
    search_fields = ("=session__origin_jti", "=session__user__sub", "=session__user__username")
    ordering = ("-rotated_at",)
    actions = None
    fields = readonly_fields = ("session", "user", "rotated_at")

    @admin.display(ordering="session__user")
    def user(self, token: RotatedRefreshToken) -> str:
        return str(token.session.user)


def _revoke(session: UserSession) -> None:
    sessions.revoke_session(session, reason="revoked by an operator")
