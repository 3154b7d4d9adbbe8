"""Signing in: InitiateAuth, RespondToAuthChallenge and their administrators' forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity.userpools import clients, pools, sessions
from identity.userpools.errors import InvalidParameter
from identity.userpools.models import UserPool, UserPoolClient, pool_settings
from identity.userpools.operations import sign_in_shapes as shapes
from identity.userpools.service import cognito_idp
from identity.userpools.signin import begin, finish
from identity.userpools.signin.answer import answer
from identity.userpools.signin.attempt import Attempt, Challenged, Door, Proven
from identity.userpools.signin.challenges.responses import needed
from identity.wire.service import Call

Request = Mapping[str, Any]
Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flow:
    """An ``AuthFlow``: what it needs, what the client must allow, through which doors it may come."""

    needs: tuple[str, ...]
    allowed_by: str
    doors: frozenset[Door]


_BOTH = frozenset({Door.API, Door.ADMIN})
_PASSWORD = ("USERNAME", "PASSWORD")

FLOWS: Mapping[str, Flow] = {
    "USER_PASSWORD_AUTH": Flow(_PASSWORD, "ALLOW_USER_PASSWORD_AUTH", frozenset({Door.API})),
    "ADMIN_USER_PASSWORD_AUTH": Flow(_PASSWORD, "ALLOW_ADMIN_USER_PASSWORD_AUTH", frozenset({Door.ADMIN})),
    "USER_SRP_AUTH": Flow(("USERNAME", "SRP_A"), "ALLOW_USER_SRP_AUTH", _BOTH),
    "REFRESH_TOKEN_AUTH": Flow(("REFRESH_TOKEN",), "ALLOW_REFRESH_TOKEN_AUTH", _BOTH),
    "CUSTOM_AUTH": Flow(("USERNAME",), "ALLOW_CUSTOM_AUTH", _BOTH),
    "USER_AUTH": Flow(("USERNAME",), "ALLOW_USER_AUTH", _BOTH),
}
FLOW_ALIASES = {"ADMIN_NO_SRP_AUTH": "ADMIN_USER_PASSWORD_AUTH", "REFRESH_TOKEN": "REFRESH_TOKEN_AUTH"}


@cognito_idp.operation
def initiate_auth(call: Call, request: Request) -> dict[str, Any]:
    """Begin a sign-in, or refresh one.

    Source: API reference, InitiateAuth; developer guide, "Authentication flows".
    """
    return _initiate(call, request, Door.API, pool=None)


@cognito_idp.operation
def admin_initiate_auth(call: Call, request: Request) -> dict[str, Any]:
    """Begin a sign-in from a server that holds AWS credentials. Source: API reference, AdminInitiateAuth."""
    return _initiate(call, request, Door.ADMIN, pool=pools.get(request["UserPoolId"]))


@cognito_idp.operation
def respond_to_auth_challenge(call: Call, request: Request) -> dict[str, Any]:
    """Answer a challenge. Source: API reference, RespondToAuthChallenge."""
    return _respond(call, request, Door.API, pool=None)


@cognito_idp.operation
def admin_respond_to_auth_challenge(call: Call, request: Request) -> dict[str, Any]:
    """Answer a challenge from a server. Source: API reference, AdminRespondToAuthChallenge."""
    return _respond(call, request, Door.ADMIN, pool=pools.get(request["UserPoolId"]))


def _initiate(call: Call, request: Request, door: Door, *, pool: UserPool | None) -> dict[str, Any]:
    """The checks in Cognito's order: parameters, client, flow, secret hash; then the flow itself."""
    asked: str = request["AuthFlow"]
    name = FLOW_ALIASES.get(asked, asked)
    flow, given = FLOWS[name], _texts(request.get("AuthParameters"))
    if door not in flow.doors:
        raise InvalidParameter("Initiate Auth method not supported.")
    for each in flow.needs:
        needed(given, each)
    if name == "REFRESH_TOKEN_AUTH":
        return _refresh(request, given, door, pool=pool)
    client = clients.get(request["ClientId"], pool=pool)
    _require_flow(client, flow, asked, door)
    clients.require_secret_hash(client, given["USERNAME"], given.get("SECRET_HASH"))
    attempt = Attempt(
        client,
        given["USERNAME"],
        door,
        name,
        call.origin,
        validation_data=_texts(request.get("ClientMetadata")),
    )
    return shapes.auth_response(finish.with_tokens(_begin(attempt, given)))


def _begin(attempt: Attempt, given: Parameters) -> Challenged | Proven:
    match attempt.flow:
        case "USER_PASSWORD_AUTH" | "ADMIN_USER_PASSWORD_AUTH":
            return begin.by_password(attempt, given["PASSWORD"])
        case "USER_SRP_AUTH":
            return begin.by_srp(attempt, given["SRP_A"])
        case "CUSTOM_AUTH" if not pool_settings.lambda_arn(attempt.pool, "DefineAuthChallenge"):
            raise InvalidParameter("Custom auth lambda trigger is not configured for the user pool.")
    raise InvalidParameter(f"The auth flow {attempt.flow} is not built yet.")


def _refresh(request: Request, given: Parameters, door: Door, *, pool: UserPool | None) -> dict[str, Any]:
    """New tokens for a refresh token. The secret hash is over the stored username, which only the token tells."""
    presented = sessions.candidate(request["ClientId"], given["REFRESH_TOKEN"], pool=pool)
    client = presented.client
    _require_flow(client, FLOWS["REFRESH_TOKEN_AUTH"], request["AuthFlow"], door)
    if presented.session:
        username = presented.session.user.username
        clients.require_secret_hash(client, username, given.get("SECRET_HASH"), on_refresh=True)
    else:
        clients.require_secret_hash_if_due(client, given.get("SECRET_HASH"))
    refreshed = sessions.refresh(presented, metadata={})
    return {
        "ChallengeParameters": {},
        "AuthenticationResult": shapes.authentication_result(refreshed.tokens, refreshed.refresh_token),
    }


def _respond(call: Call, request: Request, door: Door, *, pool: UserPool | None) -> dict[str, Any]:
    responses = _texts(request.get("ChallengeResponses"))
    name = needed(responses, "USERNAME")
    client = clients.get(request["ClientId"], pool=pool)
    clients.require_secret_hash(client, name, responses.get("SECRET_HASH"))
    attempt = Attempt(
        client,
        name,
        door,
        request["ChallengeName"],
        call.origin,
        metadata=_texts(request.get("ClientMetadata")),
    )
    step = answer(attempt, request["ChallengeName"], request.get("Session"), responses)
    return shapes.auth_response(finish.with_tokens(step))


def _require_flow(client: UserPoolClient, flow: Flow, asked: str, door: Door) -> None:
    """Raises ``InvalidParameter`` with the text that each form of the operation has of its own."""
    if flow.allowed_by in pool_settings.auth_flows(client):
        return
    if door is Door.ADMIN:
        raise InvalidParameter("Auth flow not enabled for this client")
    raise InvalidParameter(f"{asked} flow not enabled for this client")


def _texts(given: Mapping[str, str | None] | None) -> dict[str, str]:
    """A map of the wire without its nulls, which count as absent."""
    return {name: value for name, value in (given or {}).items() if value is not None}
