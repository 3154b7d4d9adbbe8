"""Functions of this process, called as Lambda calls a handler: ``function(event, context)`` or ``function(event)``."""

import contextvars
import inspect
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import close_old_connections
from django.utils.module_loading import import_string

from identity.core import ids
from identity.core.invoke import slots
from identity.core.invoke.errors import FunctionError, InvocationFailed, InvocationTimeout

log = logging.getLogger("identity.invoke")

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context object that means something here."""

    invoked_function_arn: str
    function_name: str
    aws_request_id: str
    deadline: float = field(repr=False)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self.deadline - time.monotonic()) * 1000))


@dataclass(slots=True)
class _Outcome:
    answer: Any = None
    error: BaseException | None = None


def call(dotted_path: str, sent: str, *, arn: str, timeout: float, purpose: str) -> Any:
    """Call with a limit of ``timeout`` seconds. Python cannot stop a thread: one that is late runs on, holding
    its slot until it ends. Raises ``FunctionError``, ``InvocationFailed``, ``InvocationTimeout``."""
    function = _load(dotted_path)
    slot = slots.take(purpose)
    outcome, context = _Outcome(), contextvars.copy_context()
    arguments = (json.loads(sent), _context(arn, timeout))[: _arity(function)]

    def work() -> None:
        try:
            outcome.answer = context.run(_run, function, arguments)
        except BaseException as error:  # a thread has nobody above it: whatever it raises is the answer
            outcome.error = error
        finally:
            close_old_connections()
            slot.release()

    # A daemon: a function that hangs must not keep the server from ending.
    thread = threading.Thread(target=work, name=f"trigger-{dotted_path}", daemon=True)
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        raise InvocationTimeout
    if outcome.error is not None:
        log.warning("%s raised", dotted_path, exc_info=outcome.error)
        raise FunctionError(str(outcome.error)) from outcome.error
    return outcome.answer


def _run(function: Function, arguments: tuple[Any, ...]) -> Any:
    answer = function(*arguments)
    try:
        return json.loads(json.dumps(answer))
    except (TypeError, ValueError) as error:
        raise FunctionError(f"Unable to marshal response: {error}") from error


def _load(dotted_path: str) -> Function:
    try:
        function: Function = import_string(dotted_path)
    except ImportError as error:
        log.exception('IDENTITY["TRIGGERS"] names %s, which cannot be imported', dotted_path)
        raise InvocationFailed("ResourceNotFoundException") from error
    if not callable(function):
        log.error('IDENTITY["TRIGGERS"] names %s, which is no function', dotted_path)
        raise InvocationFailed("ResourceNotFoundException")
    return function


@cache
def _arity(function: Function) -> int:
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    if any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters):
        return 2
    return min(2, sum(each.kind in positional for each in parameters))


def _context(arn: str, timeout: float) -> Context:
    name = arn.split(":")[6] if arn.count(":") >= 6 else arn
    return Context(arn, name, ids.uuid(), time.monotonic() + timeout)
