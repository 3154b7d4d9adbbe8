"""Calling a function by its ARN: a Python function of this process, or a URL of the operator's."""

from identity.core.invoke.calling import ask, call
from identity.core.invoke.errors import (
    FunctionError,
    InvocationFailed,
    InvocationTimeout,
    InvokeError,
    Unrecognizable,
)

__all__ = [
    "FunctionError",
    "InvocationFailed",
    "InvocationTimeout",
    "InvokeError",
    "Unrecognizable",
    "ask",
    "call",
]
