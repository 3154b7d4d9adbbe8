"""The revocation endpoint. Source: RFC 7009; Cognito developer guide, "Revoke endpoint"."""

from django.http import HttpResponse
from rest_framework.request import Request

from identity.userpools import sessions
from identity.userpools.errors import Unauthorized
from portal.oauth import client_auth, parameters
from portal.oauth.errors import INVALID_CLIENT, UNAUTHORIZED_CLIENT, OAuthError
from portal.oauth.paths import pool_of
from portal.oauth.responses import not_stored
from portal.oauth.token import FormView, form_of


class RevokeView(FormView):
    """``POST /oauth2/revoke``: ends a sign-in by its refresh token. An unknown or revoked one is fine."""

    def post(self, request: Request, prefix: str) -> HttpResponse:
        pool = pool_of(prefix)
        given = parameters.once(form_of(request))
        token = parameters.needed(given, "token")
        try:
            client = client_auth.authenticate(request._request, pool, given)
        except OAuthError as refused:
            if refused.code == INVALID_CLIENT:
                refused.status = 401
            raise
        try:
            sessions.revoke(client, token)
        except Unauthorized as foreign:
            raise OAuthError(UNAUTHORIZED_CLIENT, why=foreign.why) from foreign
        return not_stored(HttpResponse(status=200))
