"""Outcomes of a sign-in in wire shape."""

from typing import Any

from identity.userpools.signin.attempt import Challenged, SignedIn
from identity.userpools.tokens import Tokens


def auth_response(outcome: Challenged | SignedIn) -> dict[str, Any]:
    """The answer of InitiateAuth and RespondToAuthChallenge."""
    if isinstance(outcome, SignedIn):
        result = authentication_result(outcome.tokens, outcome.refresh_token)
        return {"ChallengeParameters": {}, "AuthenticationResult": result}
    response: dict[str, Any] = {
        "ChallengeName": outcome.name.value,
        "ChallengeParameters": dict(outcome.parameters),
    }
    return response if outcome.session is None else {**response, "Session": outcome.session}


def authentication_result(tokens: Tokens, refresh_token: str | None) -> dict[str, Any]:
    """``AuthenticationResultType``; a refresh without rotation has no refresh token."""
    result: dict[str, Any] = {
        "AccessToken": tokens.access_token,
        "ExpiresIn": tokens.expires_in,
        "TokenType": "Bearer",
    }
    if tokens.id_token is not None:
        result["IdToken"] = tokens.id_token
    return result if refresh_token is None else {**result, "RefreshToken": refresh_token}
