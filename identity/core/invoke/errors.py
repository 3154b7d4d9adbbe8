"""How a call of a function fails."""


class InvokeError(Exception):
    """No usable answer."""


class FunctionError(InvokeError):
    """The function itself refused; ``message`` is what it said."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class InvocationFailed(InvokeError):
    """The function could not be called; ``error_code`` is the name that AWS has for it."""

    def __init__(self, error_code: str) -> None:
        self.error_code = error_code
        super().__init__(error_code)


class InvocationTimeout(InvocationFailed):
    """No answer within the time of one attempt."""

    def __init__(self) -> None:
        super().__init__("TimeoutException")


class Unrecognizable(InvokeError):
    """The answer is no JSON object, is empty, or has lost fields of the event."""
