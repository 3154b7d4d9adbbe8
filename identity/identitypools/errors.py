"""The errors of the ``cognito-identity`` model with the texts that the service answers."""

from identity.core.errors import ServiceError


class InvalidParameter(ServiceError):
    code = "InvalidParameterException"
    message = "Invalid parameter."


class ResourceNotFound(ServiceError):
    code = "ResourceNotFoundException"
    message = "Resource not found."


class NotAuthorized(ServiceError):
    code = "NotAuthorizedException"
    message = "Access is forbidden."


class ResourceConflict(ServiceError):
    code = "ResourceConflictException"
    message = "Login is already linked to another account."


class TooManyRequests(ServiceError):
    code = "TooManyRequestsException"
    message = "Rate exceeded"


class LimitExceeded(ServiceError):
    code = "LimitExceededException"
    message = "Limit exceeded."


class ConcurrentModification(ServiceError):
    code = "ConcurrentModificationException"
    message = "The identity pool was changed by another request. Please try again."


class InvalidIdentityPoolConfiguration(ServiceError):
    code = "InvalidIdentityPoolConfigurationException"
    message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."


class ExternalService(ServiceError):
    code = "ExternalServiceException"
    message = "The identity provider is not responding."


class BrokerUnreachable(ExternalService):
    message = "The security token service of this identity pool is not responding."


class PoolNotFound(ResourceNotFound):
    """An identity pool that doesn't exist here, or lives in another region than the one that was asked."""

    def __init__(self, pool_id: str) -> None:
        super().__init__(f"IdentityPool '{pool_id}' not found.")


class IdentityNotFound(ResourceNotFound):
    """An identity that never was, or was deleted."""

    def __init__(self, identity_id: str) -> None:
        super().__init__(f"Identity '{identity_id}' not found.")


class UserNotFound(ResourceNotFound):
    """A developer's user whom the pool has never seen, or of a developer provider that is not the pool's."""

    message = "Developer user identifier not found."


class DeveloperUserAlreadyRegistered(ServiceError):
    code = "DeveloperUserAlreadyRegisteredException"
    message = "The developer user identifier is already registered with another identity."


class UnsupportedDeveloperProvider(InvalidParameter):
    message = "This identity pool does not support the specified developer provider."


class GuestsNotAllowed(NotAuthorized):
    message = "Unauthenticated access is not supported for this identity pool."


class IdentityForbidden(NotAuthorized):
    """An identity that is no guest was named without a login of it."""

    def __init__(self, identity_id: str, *, why: str = "") -> None:
        super().__init__(f"Access to Identity '{identity_id}' is forbidden.", why=why)


class LoginsDontMatch(NotAuthorized):
    message = (
        "Logins don't match. Please include at least one valid login for this identity or identity pool."
    )


class RoleForbidden(NotAuthorized):
    """A role that may not be passed or asked for; unknown and malformed ones look alike."""

    def __init__(self, role_arn: str, *, why: str = "") -> None:
        super().__init__(f"Access to Role '{role_arn}' is forbidden.", why=why)


class UnsupportedProvider(NotAuthorized):
    message = "Token is not from a supported provider of this identity pool."


class InvalidLoginToken(NotAuthorized):
    """``detail`` is the second sentence, which the caller reads; it never quotes the token."""

    def __init__(self, detail: str = "", *, why: str = "") -> None:
        super().__init__(f"Invalid login token. {detail}".rstrip(), why=why)


class InactiveToken(NotAuthorized):
    """The user pool says that the user is gone or signed out, and this pool asks it (ServerSideTokenCheck)."""

    message = "Token is inactive"


class AmbiguousRole(NotAuthorized):
    def __init__(self, provider: str) -> None:
        super().__init__(f"The ambiguous role mapping rules for: {provider} denied this request.")
