"""What STS and IAM answer when they refuse: the modelled errors, and the few that every query service knows.

``code`` is the model's name of the error; the wire writes the shorter code that the model gives it.
Source: STS and IAM API references, "Errors" of each operation and "Common errors".
"""

from identity.core.errors import ServiceError
from identity.wire.errors import ValidationFailed, WireError

__all__ = [
    "DeleteConflict",
    "EntityAlreadyExists",
    "ExpiredToken",
    "IdpCommunicationError",
    "IdpRejectedClaim",
    "InvalidAuthorizationMessage",
    "InvalidIdentityToken",
    "InvalidInput",
    "InvalidParameterValue",
    "LimitExceeded",
    "MalformedPolicyDocument",
    "NoSuchEntity",
    "OutboundWebIdentityFederationDisabled",
    "PackedPolicyTooLarge",
    "RoleRefused",
    "ValidationFailed",
]


class MalformedPolicyDocument(ServiceError):
    """A document that is no policy of the kind that is wanted. The message says what is wrong with it."""

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


class InvalidAuthorizationMessage(ServiceError):
    """What was given to be decoded is no authorization message of this account, or one past its end."""

    code = "InvalidAuthorizationMessageException"
    message = "Message is not valid"


class OutboundWebIdentityFederationDisabled(ServiceError):
    """The account gives out no identity tokens of its own."""

    code = "OutboundWebIdentityFederationDisabledException"
    status = 403
    message = "The outbound web identity federation feature is not enabled for this account."


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


class NoSuchEntity(ServiceError):
    """A role, user, policy, key or provider that doesn't exist."""

    code = "NoSuchEntityException"
    status = 404


class EntityAlreadyExists(ServiceError):
    """The name is taken; names differ in more than case."""

    code = "EntityAlreadyExistsException"
    status = 409


class DeleteConflict(ServiceError):
    """Something still hangs on what is to be deleted."""

    code = "DeleteConflictException"
    status = 409


class LimitExceeded(ServiceError):
    """A quota of the account is used up."""

    code = "LimitExceededException"
    status = 409


class InvalidInput(ServiceError):
    """A value that the model allows and IAM does not."""

    code = "InvalidInputException"
