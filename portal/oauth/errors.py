"""OAuth errors, and the one table from the services' errors to them.

Source: RFC 6749 §4.1.2.1 and §5.2; Cognito developer guide, "Token endpoint" and "Authorize endpoint".
"""

from dataclasses import dataclass

from identity.core.errors import ServiceError

INVALID_REQUEST = "invalid_request"
INVALID_CLIENT = "invalid_client"
INVALID_GRANT = "invalid_grant"
INVALID_SCOPE = "invalid_scope"
INVALID_TARGET = "invalid_target"
UNAUTHORIZED_CLIENT = "unauthorized_client"
UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
UNSUPPORTED_TOKEN_TYPE = "unsupported_token_type"
LOGIN_REQUIRED = "login_required"
SERVER_ERROR = "server_error"
REDIRECT_MISMATCH = "redirect_mismatch"


class OAuthError(Exception):
    """An error in OAuth's words. ``description`` goes to the client, ``why`` to the log only."""

    def __init__(self, code: str, description: str = "", *, status: int = 400, why: str = "") -> None:
        # What was sent may be in it, and the log has one line a refusal.
        super().__init__(f"{code}: {description or why!r}")
        self.code = code
        self.description = description
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Row:
    """``tells`` where the service's text is meant for the client: what the operator's trigger said."""

    code: str
    tells: bool = False


TABLE: dict[str, Row] = {
    "NotAuthorizedException": Row(INVALID_GRANT),
    "UserNotFoundException": Row(INVALID_GRANT),
    "UserNotConfirmedException": Row(INVALID_GRANT),
    "PasswordResetRequiredException": Row(INVALID_GRANT),
    "RefreshTokenReuseException": Row(INVALID_GRANT),
    "ResourceNotFoundException": Row(INVALID_CLIENT),
    "UnauthorizedException": Row(INVALID_CLIENT),
    "UnsupportedOperationException": Row(INVALID_REQUEST),
    "UnsupportedTokenTypeException": Row(UNSUPPORTED_TOKEN_TYPE),
    "InvalidParameterException": Row(INVALID_REQUEST),
    "UserLambdaValidationException": Row(INVALID_REQUEST, tells=True),
    "UnexpectedLambdaException": Row(INVALID_REQUEST, tells=True),
    "InvalidLambdaResponseException": Row(INVALID_REQUEST, tells=True),
}


def translated(error: ServiceError) -> OAuthError:
    """A service's error in OAuth's words; one that isn't in the table is a fault of the server."""
    row = TABLE.get(error.code)
    if row is None:
        return OAuthError(SERVER_ERROR, status=500, why=str(error))
    return OAuthError(row.code, error.message if row.tells else "", why=str(error))
