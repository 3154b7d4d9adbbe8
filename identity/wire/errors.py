"""What any service may answer whatever its model lists: faults of signature, permission, parsing and routing.

Each carries the class that JSON services answer (``code``) and the code that query services answer
(``query_code``), because AWS names them differently. Source: AWS "Common errors" of each service's API reference.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from identity.core.errors import ServiceError


class WireError(ServiceError):
    """A fault that the wire layer itself finds. ``query_status`` and ``rest_status`` differ from the JSON services' 400."""

    query_code: ClassVar[str] = ""
    query_status: ClassVar[int] = 400
    rest_status: ClassVar[int] = 400


class AuthenticationError(WireError):
    """The caller could not be established; the base class that hosts may catch."""

    query_status = 403
    rest_status = 403


class MissingAuthenticationToken(AuthenticationError):
    code = "MissingAuthenticationTokenException"
    query_code = "MissingAuthenticationToken"
    message = "Missing Authentication Token"
    query_message: ClassVar[str] = "Request is missing Authentication Token"


class IncompleteSignature(AuthenticationError):
    code = "IncompleteSignatureException"
    query_code = "IncompleteSignature"
    query_status = 400


class InvalidSignature(AuthenticationError):
    code = "InvalidSignatureException"
    query_code = "SignatureDoesNotMatch"


class UnknownKey(AuthenticationError):
    """An unknown access key id, or a session token that is missing, foreign or garbled."""

    code = "UnrecognizedClientException"
    query_code = "InvalidClientTokenId"
    message = "The security token included in the request is invalid."


class ExpiredKey(AuthenticationError):
    """Temporary credentials past their end."""

    code = "ExpiredTokenException"
    query_code = "ExpiredToken"
    message = "The security token included in the request is expired"


class CallersUnavailable(WireError):
    """Who knows keys and policies can't be asked now. Nobody is let in meanwhile, and nobody's signature is blamed."""

    code = "ServiceUnavailableException"
    query_code = "ServiceUnavailable"
    message = "The service that knows access keys is not reachable."
    status = 503
    query_status = 503
    rest_status = 503


class AccessDenied(WireError):
    """The caller is known but policy says no. ``message`` is IAM's whole sentence.

    ``encode`` makes the authorization message of the verdict, which tells those who may decode it why; it is
    called when the answer is written, so that a refusal nobody sees costs nothing.
    """

    code = "AccessDeniedException"
    query_code = "AccessDenied"
    message = "Access denied"
    query_status = 403
    rest_status = 403

    def __init__(
        self,
        message: str | None = None,
        *,
        why: str = "",
        encode: Callable[[], str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(message, why=why, **members)
        self._encode = encode

    @property
    def encoded_message(self) -> str | None:
        """What DecodeAuthorizationMessage opens; None where no policies decided."""
        return self._encode() if self._encode else None


class SerializationError(WireError):
    """The body is not what the protocol can read. AWS sends no text with it."""

    code = "SerializationException"
    query_code = "MalformedInput"
    message = ""


class RequestTooLarge(WireError):
    """The body is longer than the host project accepts (``DATA_UPLOAD_MAX_MEMORY_SIZE``)."""

    code = "RequestEntityTooLargeException"
    query_code = "RequestEntityTooLarge"
    message = "Request entity too large"
    status = 413
    query_status = 413
    rest_status = 413


class UnknownOperation(WireError):
    """No such operation. JSON services say nothing more; query services name the action and the version."""

    code = "UnknownOperationException"
    query_code = "InvalidAction"
    message = ""


class NotBuilt(WireError):
    """An operation that the model has and this server does not yet have."""

    code = "NotImplementedException"
    query_code = "NotImplementedException"


class Throttled(WireError):
    """A throttle class refused the call. Source: the four services' models; STS has the query protocol's word."""

    code = "TooManyRequestsException"
    query_code = "Throttling"
    message = "Rate exceeded"


class InternalError(WireError):
    """Something broke here. The text holds the request id and nothing else; the log holds the traceback."""

    code = "InternalErrorException"
    query_code = "InternalFailure"
    status = 500
    query_status = 500
    rest_status = 500


class InvalidRequest(WireError):
    """The input breaks constraints of the model; each service answers its own class for it."""


class InvalidParameter(InvalidRequest):
    code = "InvalidParameterException"
    query_code = "InvalidParameterValue"


class ValidationFailed(InvalidRequest):
    code = "ValidationException"
    query_code = "ValidationError"


INVALID_REQUEST: dict[str, type[InvalidRequest]] = {
    error.code: error for error in (InvalidParameter, ValidationFailed)
}
