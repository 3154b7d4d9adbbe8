"""How a client proves itself at the token and revocation endpoints.

Source: RFC 6749 §2.3.1 and §5.2; Cognito developer guide, "Token endpoint".
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from django.http import HttpRequest

from identity.userpools import clients
from identity.userpools.errors import ResourceNotFound
from identity.userpools.models import UserPool, UserPoolClient
from portal.oauth.errors import INVALID_CLIENT, INVALID_REQUEST, OAuthError
from portal.oauth.parameters import is_storable


@dataclass(frozen=True, slots=True)
class Shown:
    """What a client showed of itself: its id, and its secret where it sent one."""

    client_id: str
    secret: str | None = field(repr=False)


def authenticate(request: HttpRequest, pool: UserPool, given: Mapping[str, str]) -> UserPoolClient:
    """The pool's client that the request comes from, proven by its secret if it has one. Raises ``OAuthError``."""
    shown = _shown(request, given)
    if not is_storable([shown.client_id]):
        raise OAuthError(INVALID_CLIENT, why="no client is called that")
    try:
        client = clients.get(shown.client_id, pool=pool)
    except ResourceNotFound as unknown:
        raise OAuthError(INVALID_CLIENT, why="unknown client") from unknown
    _check_secret(client, shown.secret)
    return client


def _shown(request: HttpRequest, given: Mapping[str, str]) -> Shown:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        if "client_id" not in given:
            raise OAuthError(INVALID_REQUEST, why="client_id is missing")
        return Shown(given["client_id"], given.get("client_secret"))
    shown = _basic(credentials)
    if given.get("client_id", shown.client_id) != shown.client_id:
        raise OAuthError(INVALID_REQUEST, why="client_id of body and header differ")
    if "client_secret" in given:
        raise OAuthError(INVALID_REQUEST, why="more than one way of client authentication")
    return shown


def _basic(credentials: str) -> Shown:
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as broken:
        raise OAuthError(INVALID_CLIENT, why="the Basic credentials are not base64") from broken
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise OAuthError(INVALID_CLIENT, why="the Basic credentials have no colon")
    # RFC 6749 has both form-encoded; a "+" stays one, for clients that don't encode.
    return Shown(unquote(client_id), unquote(secret) or None)


def _check_secret(client: UserPoolClient, secret: str | None) -> None:
    if client.has_secret != (secret is not None):
        raise OAuthError(INVALID_CLIENT, why="secret missing, or sent for a client without one")
    if secret is not None and not clients.is_secret(client, secret):
        raise OAuthError(INVALID_CLIENT, why="wrong secret")
