"""Trigger functions of the tests: what they were sent, and what they shall answer."""

from collections.abc import Callable
from typing import Any

Event = dict[str, Any]

seen: list[Event] = []
answers: dict[str, Callable[[Event], Any]] = {}


def handle(event: Event, context: Any) -> Any:
    """Keep the event; answer as the test said for the source, else the event as it came."""
    seen.append(event)
    answer = answers.get(event["triggerSource"])
    return answer(event) if answer else event


def replying(**response: Any) -> Callable[[Event], Event]:
    """An answer with these members of the response set."""
    return lambda event: {**event, "response": {**event["response"], **response}}


def failing(message: str) -> Callable[[Event], Any]:
    def fail(event: Event) -> Any:
        raise ValueError(message)

    return fail


def sources() -> list[str]:
    return [event["triggerSource"] for event in seen]


def last(source: str) -> Event:
    return next(event for event in reversed(seen) if event["triggerSource"] == source)
