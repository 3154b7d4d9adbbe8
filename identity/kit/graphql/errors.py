"""How a request or a field is refused, and what AppSync's JSON of it looks like."""

import json
from typing import Any, NoReturn

NO_CREDENTIAL = "Valid authorization header not provided."
NOT_A_JWT = "Unable to parse JWT token."
EXPIRED = "Token has expired."
NOT_AUTHORIZED = "You are not authorized to make this call."
PERMISSION_DENIED = "Permission denied"
UNPARSABLE = "Unable to parse GraphQL query."


class Refused(Exception):
    """The whole request is refused. ``message`` is told, ``why`` is for the log."""

    status = 401
    error_type = "UnauthorizedException"

    def __init__(self, message: str = NOT_AUTHORIZED, *, why: str = "") -> None:
        self.message, self.why = message, why
        super().__init__(message)


class BadSignature(Refused):
    """A signature that is wrong, stale, or of a key that doesn't count. ``error_type`` as the key's fault is called."""

    status = 403

    def __init__(self, message: str, *, error_type: str = "BadRequestException", why: str = "") -> None:
        super().__init__(message, why=why)
        self.error_type = error_type


class Malformed(Refused):
    """The body is no GraphQL request."""

    status = 400
    error_type = "MalformedHttpRequestException"

    def __init__(self, message: str = UNPARSABLE, *, why: str = "") -> None:
        super().__init__(message, why=why)


class TooLarge(Malformed):
    status = 413

    def __init__(self) -> None:
        super().__init__("Request body is too large.")


class Throttled(Refused):
    """More calls of one address than ``IDENTITY["CALLS_PER_SECOND"]`` allows."""

    status = 429
    error_type = "LimitExceededError"

    def __init__(self) -> None:
        super().__init__("Rate limit exceeded")


class Unavailable(Refused):
    """What would have to be asked doesn't answer now: a token's issuer for its keys, whoever knows access keys, a function."""

    status = 503
    error_type = "ServiceUnavailableException"

    def __init__(self, message: str = "The token's issuer is not reachable.", *, why: str = "") -> None:
        super().__init__(message, why=why)


class FieldFault(Exception):
    """Raised in a resolver: the field is null and the error tells the caller ``message``, as ``util.error()`` does."""

    def __init__(
        self, message: str, error_type: str = "Custom", *, data: Any = None, info: Any = None
    ) -> None:
        self.message, self.error_type, self.data, self.info = message, error_type, data, info
        super().__init__(message)


class Unauthorized(FieldFault):
    """This caller may not have this field."""

    def __init__(self, type_name: str = "", field_name: str = "") -> None:
        where = f" to access {field_name} on type {type_name}" if field_name else ""
        super().__init__(f"Not Authorized{where}", "Unauthorized")
        self.is_placed = bool(field_name)


class PermissionDenied(Unauthorized):
    """No policy allows the field; where none of the request's fields is allowed, the request is refused."""


def unauthorized() -> NoReturn:
    """Refuse the field that is being resolved, as ``util.unauthorized()`` does."""
    raise Unauthorized


def refusal_body(refused: Refused) -> str:
    """AppSync's own layout, byte for byte."""
    kind, message = json.dumps(refused.error_type), json.dumps(refused.message, ensure_ascii=False)
    return f'{{\n  "errors" : [ {{\n    "errorType" : {kind},\n    "message" : {message}\n  }} ]\n}}'
