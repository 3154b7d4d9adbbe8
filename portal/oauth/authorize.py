"""The authorization endpoint: check the request, know the browser or send it to sign in, answer the app.

Source: RFC 6749 §4.1 and §4.2; OpenID Connect Core §3.1.2; Cognito developer guide, "Authorize endpoint".
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from identity.core import clock
from identity.core import events as core_events
from identity.core.errors import ServiceError
from identity.userpools import events, oauth_codes, sessions, tokens
from identity.userpools.models import User, UserPool
from portal.oauth import cookies
from portal.oauth.asked import Authorization, Refused, examine, to_app
from portal.oauth.errors import LOGIN_REQUIRED, translated
from portal.oauth.paths import hosted_path, pool_of
from portal.oauth.responses import Redirect, identified, log, not_stored

Members = Mapping[str, str | None]

__all__ = ["Authorization", "Refused", "authorize", "examine", "finish"]


@csrf_exempt  # an authorization request comes from the app's own site; nothing is done here without a sign-in
@identified
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest, prefix: str) -> HttpResponseBase:
    """Send the browser to the app at once if it is known here, else to the sign-in page with the same query."""
    pool = pool_of(prefix)
    query = request.POST if request.method == "POST" else request.GET
    try:
        authorization = examine(pool, query)
    except Refused as refused:
        return not_stored(refused.redirect(request, prefix))
    known = cookies.find(request, pool)
    if known and not authorization.wants_page() and authorization.is_recent(known.auth_time, clock.now()):
        return not_stored(_answer(authorization, known.user, known.auth_time))
    if "none" in authorization.prompts:
        return not_stored(_to_app(authorization, {"error": LOGIN_REQUIRED, "state": authorization.state}))
    # As it came: the page shows what it needs and hands the rest back.
    return not_stored(Redirect(f"{hosted_path(request, prefix, '/login')}?{query.urlencode()}"))


def finish(
    request: HttpRequest, pool: UserPool, user: User, auth_time: datetime, query: QueryDict
) -> HttpResponseRedirect:
    """Answer the app after a sign-in at the pages. ``query`` is that of the sign-in page, checked here again.

    The pool's prefix, which only an error page needs, is the first part of the path.
    """
    try:
        return not_stored_redirect(_answer(examine(pool, query), user, auth_time))
    except Refused as refused:
        prefix = request.path_info.lstrip("/").partition("/")[0]
        return not_stored_redirect(refused.redirect(request, prefix))


def not_stored_redirect(response: Redirect) -> Redirect:
    not_stored(response)
    return response


def _answer(authorization: Authorization, user: User, auth_time: datetime) -> Redirect:
    """The redirect that carries a code, or for the implicit grant the tokens, or the trigger's refusal."""
    granted = _tokens if authorization.is_implicit else _code
    try:
        members = granted(authorization, user, auth_time)
    except ServiceError as refused:
        error = translated(refused)
        log.info("authorization refused: %s", error)
        told = {"error_description": error.description or None, "state": authorization.state}
        return _to_app(authorization, {**told, "error": error.code})
    return _to_app(authorization, {**members, "state": authorization.state})


def _code(authorization: Authorization, user: User, auth_time: datetime) -> Members:
    request = oauth_codes.Request(
        redirect_uri=authorization.redirect_uri,
        scopes=authorization.scopes,
        auth_time=auth_time,
        nonce=authorization.nonce,
        code_challenge=authorization.code_challenge,
        resource=authorization.resource,
    )
    return {"code": oauth_codes.issue(user, authorization.client, request)}


def _tokens(authorization: Authorization, user: User, auth_time: datetime) -> Members:
    """Tokens of the implicit grant: a session without a refresh token."""
    circumstances = sessions.Circumstances(
        scopes=authorization.scopes,
        resource=authorization.resource,
        is_hosted=True,
        nonce=authorization.nonce,
        auth_time=auth_time,
    )
    client = authorization.client
    started = sessions.draft(user, client, circumstances)
    started.session.refresh_token_hash = None
    prepared = tokens.prepare(started.session, source=tokens.Source.HOSTED, metadata={})
    with transaction.atomic():
        sessions.save(started)
        origin = str(started.session.pk)
        core_events.record(events.SignedIn(user.pool_id, str(user.sub), client.pk, "HOSTED", origin))
    issued = tokens.sign(prepared)
    return {
        "id_token": issued.id_token,
        "access_token": issued.access_token,
        "expires_in": str(issued.expires_in),
        "token_type": "Bearer",
    }


def _to_app(authorization: Authorization, members: Members) -> Redirect:
    return to_app(authorization.redirect_uri, members, in_fragment=authorization.is_implicit)
