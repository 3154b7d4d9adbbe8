"""What STS answers when it refuses: the modelled errors, and the few that every query service knows.

``code`` is the model's name of the error; the wire writes the shorter code that the model gives it.
Source: STS API reference, "Errors" of each operation and "Common errors".
"""

from identity.core.errors import ServiceError
from identity.wire.errors import ValidationFailed, WireError

__all__ = [
    "ExpiredToken",
    "IdpCommunicationError",
    "IdpRejectedClaim",
    "InvalidIdentityToken",
    "InvalidParameterValue",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "RoleRefused",
    "ValidationFailed",
]


class MalformedPolicyDocument(ServiceError):
    """A session policy that is no policy. The message says what is wrong with it."""

    code = "MalformedPolicyDocumentException"
    message = "Syntax errors in policy."


class PackedPolicyTooLarge(ServiceError):
    """Session policies and tags do not fit into a session token."""

    code = "PackedPolicyTooLargeException"

    def __init__(self, percent: int) -> None:
        super().__init__(f"Packed policy consumes {percent}% of allotted space, please use smaller policy.")


class InvalidIdentityToken(ServiceError):
    """The web identity token can't be believed. The message says which check failed."""

    code = "InvalidIdentityTokenException"
    message = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"


class IdpCommunicationError(ServiceError):
    """The provider could not be reached for its keys; clients try again."""

    code = "IDPCommunicationErrorException"
    message = "Error communicating with the identity provider"


class IdpRejectedClaim(ServiceError):
    """The token is genuine but one of its AWS claims is unusable."""

    code = "IDPRejectedClaimException"
    status = 403
    message = "The identity provider reported an invalid claim"


class ExpiredToken(ServiceError):
    """The web identity token is past its end. Both times are in seconds since 1970."""

    code = "ExpiredTokenException"

    def __init__(self, now: int, end: int) -> None:
        super().__init__(
            f"Token expired: current date/time {now} must be before the expiration date/time{end}"
        )


class ExpiredAssertion(ServiceError):
    """The SAML response came too late. The message says in which way."""

    code = "ExpiredTokenException"


class InvalidParameterValue(WireError):
    """Session tags that contradict each other or the calling session."""

    code = "InvalidParameterValue"
    query_code = "InvalidParameterValue"


class RoleRefused(Exception):
    """The role is unknown, or its trust policy refuses the identity.

    Not for the wire: the flow that asked has its own words for it.
    """
