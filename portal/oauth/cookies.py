"""The cookie ``cognito``: which browser is signed in at a pool's hosted pages. An hour, not extended by use."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from identity.userpools import hosted_sessions
from identity.userpools.models import HostedSession, UserPool
from portal.oauth.paths import cookie_path

NAME = "cognito"


def put(response: HttpResponseBase, request: HttpRequest, prefix: str, value: str) -> None:
    """Remember the browser. Lax, because apps send it here by a link from another site."""
    response.set_cookie(
        NAME,
        value,
        max_age=int(hosted_sessions.LIFETIME.total_seconds()),
        path=cookie_path(request, prefix),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def find(request: HttpRequest, pool: UserPool) -> HostedSession | None:
    """The browser's session in this pool, or None."""
    value = request.COOKIES.get(NAME)
    return hosted_sessions.find(pool, value) if value else None


def end(response: HttpResponseBase, request: HttpRequest, prefix: str) -> None:
    """Forget the browser, here and there."""
    value = request.COOKIES.get(NAME)
    if value:
        hosted_sessions.end(value)
    response.delete_cookie(NAME, path=cookie_path(request, prefix), samesite="Lax")
