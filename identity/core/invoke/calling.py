"""The call: what an ARN stands for, attempts, and what counts as an answer."""

import json
import logging
from typing import Any

from identity.core import transactions
from identity.core.conf import settings
from identity.core.invoke import python, webhook
from identity.core.invoke.errors import InvocationFailed, InvocationTimeout, Unrecognizable

log = logging.getLogger("identity.invoke")


def call(arn: str, event: dict[str, Any], *, attempts: int = 3, timeout: float = 5.0) -> dict[str, Any]:
    """Call the function ``arn`` and return the event as it gave it back; ``event`` itself stays as it is.

    Only a time-out (``timeout`` seconds each) is tried again. Refused inside a transaction
    (``RuntimeError``), which it could hold open for ``attempts * timeout`` seconds. Raises ``FunctionError``, ``InvocationFailed``, ``Unrecognizable``.

    Source: Cognito developer guide, "Customizing user pool workflows with Lambda triggers" (5 s, three attempts).
    """
    # Through JSON, as on the way to a real function: what is sent is a copy, and nothing but JSON.
    sent = json.dumps(event)
    answer = _answer(arn, sent, attempts=attempts, timeout=timeout, purpose="triggers")
    return _checked(arn, json.loads(sent), answer)


def ask(function: str, event: dict[str, Any], *, timeout: float = 5.0) -> Any:
    """Call a function once, by its ARN or by the dotted path of a Python function, and return whatever it answers.

    It takes none of the triggers' slots. Refused inside a transaction. Raises ``FunctionError``, ``InvocationFailed``,
    ``Unrecognizable``.
    """
    return _answer(function, json.dumps(event), attempts=1, timeout=timeout, purpose="questions")


def _answer(arn: str, sent: str, *, attempts: int, timeout: float, purpose: str) -> Any:
    transactions.require_none("calling a function")
    target = _target(arn) if arn.startswith("arn:") else arn
    for left in reversed(range(attempts)):
        try:
            return _invoke(arn, target, sent, timeout, purpose)
        except InvocationTimeout:
            log.warning("%s gave no answer within %.1f s, attempts left: %d", arn, timeout, left)
    raise InvocationTimeout


def _invoke(arn: str, target: str, sent: str, timeout: float, purpose: str) -> Any:
    if target.startswith(("http://", "https://")):
        return webhook.call(target, sent, timeout=timeout, purpose=purpose)
    return python.call(target, sent, arn=arn, timeout=timeout, purpose=purpose)


def _target(arn: str) -> str:
    """A version or alias behind the function's name needs no entry of its own."""
    triggers = settings().triggers
    unqualified = ":".join(arn.split(":")[:7])
    target = triggers.get(arn) or triggers.get(unqualified)
    if target is None:
        log.error('no function is known for %s: add it to IDENTITY["TRIGGERS"] (IDENTITY_TRIGGERS)', arn)
        raise InvocationFailed("ResourceNotFoundException")
    return target


def _checked(arn: str, event: dict[str, Any], answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict) or not answer:
        log.error("%s answered with %s instead of the event", arn, type(answer).__name__)
        raise Unrecognizable("not an object")
    lost = sorted(event.keys() - answer.keys())
    if lost:
        log.error("%s answered without these fields of the event: %s", arn, ", ".join(lost))
        raise Unrecognizable("fields of the event are missing")
    return answer
