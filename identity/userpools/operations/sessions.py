"""Sessions: refreshed by their token, revoked one by one or all at once."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import accounts, clients, pools, sessions, sign_outs
from identity.userpools.errors import NotAuthorized, ResourceNotFound, Unauthorized, UserNotFound
from identity.userpools.models import UserPoolClient
from identity.userpools.operations.sign_in_shapes import authentication_result
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Request = Mapping[str, Any]


@cognito_idp.operation
def get_tokens_from_refresh_token(call: Call, request: Request) -> dict[str, Any]:
    """Refresh, with a new refresh token where the client rotates. The client proves itself by its secret.

    Works whether or not the client lists ``ALLOW_REFRESH_TOKEN_AUTH``: Amplify refreshes by nothing else.
    Source: API reference, GetTokensFromRefreshToken.
    """
    presented = sessions.candidate(request["ClientId"], request["RefreshToken"])
    _require_secret(presented.client, request.get("ClientSecret"))
    if presented.session is None:
        # This operation, and only this one, writes the text with a full stop.
        raise NotAuthorized("Invalid Refresh Token.", why="unknown, or another client's")
    metadata = {
        name: value for name, value in (request.get("ClientMetadata") or {}).items() if value is not None
    }
    refreshed = sessions.refresh(presented, metadata=metadata)
    return {"AuthenticationResult": authentication_result(refreshed.tokens, refreshed.refresh_token)}


@cognito_idp.operation
def revoke_token(call: Call, request: Request) -> dict[str, Any]:
    """Revoke a refresh token with all tokens of its sign-in. Of a client that isn't there it says Unauthorized.

    Source: API reference, RevokeToken; RFC 7009 §2.
    """
    try:
        client = clients.get(request["ClientId"])
    except ResourceNotFound as unknown:
        raise Unauthorized(why="no such client") from unknown
    given = request.get("ClientSecret")
    if client.has_secret != (given is not None) or (given and not clients.is_secret(client, given)):
        raise Unauthorized(why="missing, wrong or unexpected client secret")
    sessions.revoke(client, request["Token"])
    return {}


@cognito_idp.operation
def global_sign_out(call: Call, request: Request) -> dict[str, Any]:
    """End every session of the token's user. Source: API reference, GlobalSignOut."""
    try:
        session = sessions.by_access_token(request["AccessToken"])
    except UserNotFound as gone:
        # The model declares no such error here; what is asked for has come to pass with the user's deletion.
        raise NotAuthorized("Access Token has been revoked") from gone
    sign_outs.of_apps(session.user)
    return {}


@cognito_idp.operation
def admin_user_global_sign_out(call: Call, request: Request) -> dict[str, Any]:
    """End every session of a user. Source: API reference, AdminUserGlobalSignOut."""
    pool = pools.get(request["UserPoolId"])
    sign_outs.of_apps(accounts.get_as_admin(pool, request["Username"]))
    return {}


def _require_secret(client: UserPoolClient, given: str | None) -> None:
    """Raises ``NotAuthorized`` where the secret is missing, wrong, or sent to a client without one."""
    if client.has_secret and given is None:
        raise NotAuthorized(f"Client {client.pk} is configured for secret but secret was not received")
    if given is not None and not clients.is_secret(client, given):
        raise NotAuthorized(f"Unable to verify secret for client {client.pk}")
