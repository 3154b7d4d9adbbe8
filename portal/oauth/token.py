"""The token endpoint. Source: RFC 6749 §3.2, §4.1.3, §4.4 and §6; Cognito developer guide, "Token endpoint"."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict
from rest_framework.exceptions import APIException
from rest_framework.parsers import FormParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from identity.core import events as core_events
from identity.core.errors import ServiceError
from identity.userpools import events, oauth_codes, sessions, tokens
from identity.userpools.models import AuthorizationCode, UserPoolClient, pool_settings
from portal.oauth import audiences, client_auth, parameters, scopes
from portal.oauth.errors import (
    INVALID_GRANT,
    INVALID_REQUEST,
    INVALID_SCOPE,
    INVALID_TARGET,
    SERVER_ERROR,
    UNAUTHORIZED_CLIENT,
    UNSUPPORTED_GRANT_TYPE,
    OAuthError,
    translated,
)
from portal.oauth.paths import pool_of
from portal.oauth.responses import json_answer, json_error

log = logging.getLogger("identity.oauth")

Given = Mapping[str, str]
Body = dict[str, Any]


class FormView(APIView):
    """What the token and the revocation endpoint share: a form in, JSON out, OAuth's errors, no sessions."""

    authentication_classes: tuple[type, ...] = ()
    permission_classes: tuple[type, ...] = ()
    parser_classes = (FormParser,)
    renderer_classes = (JSONRenderer,)
    http_method_names = ("post",)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Every refusal as OAuth's JSON; what is nobody's fault but ours too, and with its traceback in the log."""
        if isinstance(exc, OAuthError):
            return json_error(exc)
        if isinstance(exc, ServiceError):
            return json_error(translated(exc))
        if isinstance(exc, APIException):
            return json_error(OAuthError(INVALID_REQUEST, status=exc.status_code, why=str(exc.detail)))
        log.error("%s failed", self.request.path, exc_info=exc)
        return json_error(OAuthError(SERVER_ERROR, status=500, why=type(exc).__name__))


def form_of(request: Request) -> QueryDict:
    """The form that was posted. Raises DRF's ``UnsupportedMediaType`` for anything else."""
    form = request.data
    if not isinstance(form, QueryDict):
        raise OAuthError(INVALID_REQUEST, why="the body is no form")
    return form


class TokenView(FormView):
    """``POST /oauth2/token``."""

    def post(self, request: Request, prefix: str) -> HttpResponse:
        pool = pool_of(prefix)
        given = parameters.once(form_of(request))
        grant = GRANTS.get(parameters.needed(given, "grant_type"))
        if grant is None:
            raise OAuthError(UNSUPPORTED_GRANT_TYPE)
        client = client_auth.authenticate(request._request, pool, given)
        return json_answer(grant(client, given))


def authorization_code(client: UserPoolClient, given: Given) -> Body:
    """Exchange a code. Of two exchanges at once one gets tokens."""
    _require_flow(client, "code")
    shown = oauth_codes.Redemption(
        code=parameters.needed(given, "code"),
        redirect_uri=parameters.needed(given, "redirect_uri"),
        code_verifier=given.get("code_verifier"),
    )
    try:
        code = oauth_codes.redeem(client, shown)
        if not code.user.is_enabled:
            raise OAuthError(INVALID_GRANT, why="the user is disabled")
        return _start(client, code)
    except oauth_codes.BadGrant as bad:
        raise OAuthError(INVALID_GRANT, why=str(bad)) from bad


def _start(client: UserPoolClient, code: AuthorizationCode) -> Body:
    circumstances = sessions.Circumstances(
        scopes=tuple(code.scopes),
        resource=code.resource,
        is_hosted=True,
        nonce=code.nonce,
        auth_time=code.auth_time,
    )
    started = sessions.draft(code.user, client, circumstances)
    prepared = tokens.prepare(started.session, source=tokens.Source.HOSTED, metadata={})
    with transaction.atomic():
        sessions.save(started)
        oauth_codes.became(code, started.session)
        user, origin = code.user, str(started.session.pk)
        core_events.record(events.SignedIn(user.pool_id, str(user.sub), client.pk, "HOSTED", origin))
    return _body(tokens.sign(prepared), started.refresh_token)


def refresh_token(client: UserPoolClient, given: Given) -> Body:
    """New tokens for a refresh token, whichever way its session began."""
    presented = sessions.candidate(client.pk, parameters.needed(given, "refresh_token"), pool=client.pool)
    refreshed = sessions.refresh(presented, metadata={})
    return _body(refreshed.tokens, refreshed.refresh_token)


def client_credentials(client: UserPoolClient, given: Given) -> Body:
    """A token of the client itself, for its custom scopes."""
    _require_flow(client, "client_credentials")
    if not client.has_secret:
        raise OAuthError(UNAUTHORIZED_CLIENT, why="a client without a secret proves nothing")
    try:
        granted = scopes.granted(client, given.get("scope", ""), only_custom=True)
    except scopes.BadScope as bad:
        raise OAuthError(INVALID_SCOPE) from bad
    if not granted:
        raise OAuthError(INVALID_SCOPE, why="no custom scope of the client exists")
    issued = tokens.for_machine(
        client,
        granted,
        metadata=_metadata(given.get("aws_client_metadata")),
        audience=_audience(client, given.get("resource")),
    )
    return _body(issued, None)


def _require_flow(client: UserPoolClient, flow: str) -> None:
    if not pool_settings.is_oauth_enabled(client) or flow not in pool_settings.oauth_flows(client):
        raise OAuthError(UNAUTHORIZED_CLIENT)


def _audience(client: UserPoolClient, resource: str | None) -> str | None:
    try:
        return audiences.of_resource(client.pool, resource) if resource else None
    except audiences.BadTarget as bad:
        raise OAuthError(INVALID_TARGET) from bad


def _metadata(text: str | None) -> dict[str, str]:
    """``aws_client_metadata``: a JSON object of texts, for the trigger."""
    if text is None:
        return {}
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise OAuthError(INVALID_REQUEST, why="aws_client_metadata is not JSON") from broken
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise OAuthError(INVALID_REQUEST, why="aws_client_metadata is no object of texts")
    return content


def _body(issued: tokens.Tokens, refresh: str | None) -> Body:
    members = {
        "id_token": issued.id_token,
        "access_token": issued.access_token,
        "refresh_token": refresh,
        "expires_in": issued.expires_in,
        "token_type": "Bearer",
    }
    return {name: value for name, value in members.items() if value is not None}


GRANTS: Mapping[str, Callable[[UserPoolClient, Given], Body]] = {
    "authorization_code": authorization_code,
    "refresh_token": refresh_token,
    "client_credentials": client_credentials,
}
