"""The base of every error that a caller of the services may see."""

from typing import Any, ClassVar


class ServiceError(Exception):
    """A modelled error: raised anywhere in the domain, rendered by protocol in one place.

    ``message`` goes to the caller, ``why`` only to the log, ``members`` are the error shape's other members.
    """

    code: ClassVar[str] = "InternalErrorException"
    message: str = "Something went wrong"
    status: ClassVar[int] = 400

    def __init__(self, message: str | None = None, *, why: str = "", **members: Any) -> None:
        if message is not None:
            self.message = message
        self.why = why
        # Any: members are the wire's, and each error has its own.
        self.members: dict[str, Any] = members
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.why})" if self.why else "")
