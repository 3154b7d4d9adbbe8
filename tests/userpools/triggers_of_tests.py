"""Trigger functions for tests: they note what they got and answer what the test told them to."""

from typing import Any

ARN = "arn:aws:lambda:us-east-1:000000000000:function:recorder"
PATH = "tests.userpools.triggers_of_tests.recorder"

events: list[dict[str, Any]] = []
answers: dict[str, Any] = {}


def recorder(event: dict[str, Any]) -> dict[str, Any]:
    """Note the event; answer what ``answers`` has for its source, raise what is an exception there."""
    events.append(event)
    answer = answers.get(event["triggerSource"])
    if isinstance(answer, Exception):
        raise answer
    return {**event, "response": answer} if answer is not None else event


def sources() -> list[str]:
    return [event["triggerSource"] for event in events]
