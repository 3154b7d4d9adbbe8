"""The link of a confirmation mail: confirms the account by being opened."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from identity.core.errors import ServiceError
from identity.userpools import clients, registration
from identity.userpools.errors import ResourceNotFound
from identity.userpools.models import UserPool, UserPoolClient
from portal.oauth import parameters, paths
from portal.oauth.errors import OAuthError
from portal.oauth.responses import identified
from portal.pages import errors, texts, visits
from portal.pages.errors import secured


@identified
@require_GET  # not HEAD: a scanner that only looks spends no code
def confirm_user(request: HttpRequest, prefix: str) -> HttpResponseBase:
    """``client_id``, ``user_name`` and ``confirmation_code`` are in the address. Source: Cognito developer guide."""
    pool = paths.pool_of(prefix)
    try:
        given = parameters.once(request.GET)
        client = _client(pool, parameters.needed(given, "client_id"))
        name, code = parameters.needed(given, "user_name"), parameters.needed(given, "confirmation_code")
        if not parameters.is_storable([name, code]):
            raise OAuthError("invalid_request", why="not storable")
    except (OAuthError, ResourceNotFound):
        return errors.by_code(request, "invalid_link")
    return _confirmed(request, client, name, code)


def _client(pool: UserPool, client_id: str) -> UserPoolClient:
    if not parameters.is_storable([client_id]):
        raise OAuthError("invalid_request", why="no client is called that")
    return clients.get(client_id, pool=pool)


def _confirmed(request: HttpRequest, client: UserPoolClient, name: str, code: str) -> HttpResponse:
    try:
        with visits.after_the_deed():
            registration.confirm(client, name, code)
    except ServiceError as error:
        explained = texts.explain(error)
        return errors.page(request, errors.BAD_LINK, reference=explained.reference, app_name=client.name)
    return secured(render(request, "portal/confirmed.html", {"app_name": client.name}))
