"""What a policy is asked: a request as its author states it, and the same laid out for fast matching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

_SCALARS = (bool, int, float, datetime)
ContextValue = str | bool | int | float | datetime | Sequence[str]


class PrincipalKind(StrEnum):
    """Who asks. A web identity is somebody with a token of a provider, who has no rights of their own yet."""

    USER = "User"
    ROLE_SESSION = "AssumedRole"
    FEDERATED_USER = "FederatedUser"
    ROOT = "Account"
    WEB_IDENTITY = "WebIdentity"
    SERVICE = "Service"
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """The asking principal.

    ``arn`` is the user's, the session's or the provider's (for a service its domain name);
    ``role_arn`` is the role's behind a role session, or the IAM user's behind a federated user;
    ``unique_id`` is the ``AIDA…`` or ``AROA…`` that a recreated namesake does not have.
    """

    kind: PrincipalKind
    arn: str = ""
    account: str = ""
    role_arn: str = ""
    unique_id: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource. ``resource`` is ``*`` for actions that know no resource.

    A scalar in ``context`` is a single-valued key, a list or tuple a multi-valued one (which
    policy variables cannot use). Key names are case-insensitive.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    principal: Principal | None = None


class Question:
    """A ``Request`` laid out for matching: made once a decision, read by every statement.

    ``is_bounded``: the asking principal has a permissions boundary.
    """

    __slots__ = ("_context", "action", "fields", "is_bounded", "principal", "resource")

    def __init__(self, request: Request, *, is_bounded: bool = False) -> None:
        self.is_bounded = is_bounded
        self.action = request.action.lower()
        self.resource = request.resource
        self.fields = arn_fields(request.resource)
        self.principal = request.principal
        self._context = {key.lower(): value for key, value in request.context.items()}

    def has(self, key: str) -> bool:
        """Does the request bring the key, given in lower case?"""
        return key in self._context

    def single(self, key: str) -> str | None:
        """The text of a single-valued key, given in lower case; None where it is not set or multi-valued."""
        value = self._context.get(key)
        if value is None or isinstance(value, str):
            return value
        return as_text(value) if isinstance(value, _SCALARS) else None

    def values(self, key: str) -> Sequence[str]:
        """All values of a key, given in lower case; none where it is not set."""
        value = self._context.get(key)
        if isinstance(value, str):
            return (value,)
        if value is None:
            return ()
        return (as_text(value),) if isinstance(value, _SCALARS) else value


def arn_fields(text: str) -> list[str] | None:
    """The six fields of an ARN; None for any other text."""
    if not text.startswith("arn:"):
        return None
    fields = text.split(":", 5)
    return fields if len(fields) == 6 else None


def as_text(value: bool | float | datetime) -> str:
    """A value of a condition key as conditions compare it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
