"""The logout endpoint: ends the browser's session, then leads back to the app or to sign-in again.

Source: Cognito developer guide, "Logout endpoint"; OpenID Connect RP-Initiated Logout 1.0 §2.
"""

from collections.abc import Mapping

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from identity.core import signing
from identity.userpools import clients, keys
from identity.userpools.errors import ResourceNotFound
from identity.userpools.models import UserPool, UserPoolClient, pool_settings
from portal.oauth import cookies, parameters
from portal.oauth.errors import INVALID_REQUEST, REDIRECT_MISMATCH, OAuthError
from portal.oauth.paths import hosted_path, pool_of
from portal.oauth.responses import Redirect, identified, log, not_stored, with_query

_HINT_LEEWAY_SECONDS = 10 * 365 * 86_400  # a hint may be long expired: it only names the app


@identified
@require_http_methods(["GET", "HEAD"])
def logout(request: HttpRequest, prefix: str) -> HttpResponseBase:
    """Tokens stay as they are: this signs the browser out of the pages, and of nothing else."""
    pool = pool_of(prefix)
    try:
        given = parameters.once(request.GET)
        client = _client(pool, given)
        target = _target(request, prefix, client, given)
    except OAuthError as refused:
        log.info("logout refused: %s", refused)
        members = {"error": refused.code, "client_id": request.GET.get("client_id")}
        return Redirect(with_query(hosted_path(request, prefix, "/error"), members))
    response = not_stored(Redirect(target))
    cookies.end(response, request, prefix)
    return response


def _client(pool: UserPool, given: Mapping[str, str]) -> UserPoolClient:
    client_id = given.get("client_id") or _hinted(pool, given.get("id_token_hint"))
    if not client_id or not parameters.is_storable([client_id]):
        raise OAuthError(INVALID_REQUEST, why="no client_id")
    try:
        return clients.get(client_id, pool=pool)
    except ResourceNotFound as unknown:
        raise OAuthError(INVALID_REQUEST, why="unknown client") from unknown


def _hinted(pool: UserPool, id_token: str | None) -> str | None:
    """The client that an ID token of ours was made for, be it expired."""
    if id_token is None:
        return None
    try:
        content = signing.verify(
            id_token,
            keys.jwks(pool)["keys"],
            algorithms=[keys.ALGORITHM],
            issuer=keys.issuer_of(pool),
            leeway=_HINT_LEEWAY_SECONDS,
        )
    except signing.TokenError as broken:
        raise OAuthError(INVALID_REQUEST, why="id_token_hint is not a token of this pool") from broken
    return str(content["aud"]) if "aud" in content else None


def _target(request: HttpRequest, prefix: str, client: UserPoolClient, given: Mapping[str, str]) -> str:
    """Where to go: ``logout_uri`` wins, then OIDC's own name for it, then sign-in again for a ``redirect_uri``."""
    back = given.get("logout_uri") or given.get("post_logout_redirect_uri")
    if back is not None:
        if back not in pool_settings.logout_urls(client):
            raise OAuthError(REDIRECT_MISMATCH)
        return with_query(back, {"state": given.get("state")})
    if "redirect_uri" not in given or "response_type" not in given:
        raise OAuthError(INVALID_REQUEST, why="neither logout_uri nor redirect_uri with response_type")
    if given["redirect_uri"] not in pool_settings.callback_urls(client):
        raise OAuthError(REDIRECT_MISMATCH)
    return f"{hosted_path(request, prefix, '/login')}?{request.GET.urlencode()}"
