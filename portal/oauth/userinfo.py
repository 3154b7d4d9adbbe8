"""The userInfo endpoint. Source: OpenID Connect Core §5.3; Cognito developer guide, "userInfo endpoint"."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from identity.userpools import claims, sessions, tokens
from identity.userpools.errors import NotAuthorized, UserNotFound
from identity.userpools.models import UserSession, pool_settings
from portal.oauth.errors import INVALID_REQUEST, OAuthError
from portal.oauth.paths import pool_of
from portal.oauth.responses import json_answer, json_error

_BAD_REQUEST = OAuthError(INVALID_REQUEST, "Bad OAuth2 request at UserInfo Endpoint")
_BAD_TOKEN = OAuthError(
    "invalid_token",
    "Access token is expired, disabled, or deleted, or the user has globally signed out.",
    status=401,
)


@require_http_methods(["GET", "HEAD", "POST"])
def userinfo(request: HttpRequest, prefix: str) -> HttpResponse:
    """What the access token's scopes let its holder know of the user; every value is text."""
    pool = pool_of(prefix)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return _refused(_BAD_REQUEST)
    try:
        content = tokens.read_access(token.strip())
        scopes = content.get("scope", "").split()
        if claims.OPENID not in scopes:
            return _refused(_BAD_REQUEST)
        session = sessions.of_claims(content)
    except (NotAuthorized, UserNotFound):
        return _refused(_BAD_TOKEN)
    if session.user.pool_id != pool.pk:
        return _refused(_BAD_TOKEN)
    return json_answer(_members(session, scopes))


def _members(session: UserSession, scopes: list[str]) -> dict[str, Any]:
    user = session.user
    readable = pool_settings.readable_attributes(session.client)
    return {
        "sub": str(user.sub),
        **claims.in_scope(user.attributes, readable, scopes),
        "username": user.username,
    }


def _refused(error: OAuthError) -> HttpResponse:
    response = json_error(error)
    response["WWW-Authenticate"] = f'error="{error.code}", error_description="{error.description}"'
    return response
