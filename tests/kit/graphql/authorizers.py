"""Functions that decide by a token, as an operator would write them."""

from typing import Any

calls: list[dict[str, Any]] = []
answer: dict[str, Any] = {}


def by_word(event: dict[str, Any]) -> Any:
    calls.append(event)
    told = {"isAuthorized": event["authorizationToken"] == "let-me-in", "resolverContext": {"name": "ada"}}
    return {**told, **answer}


def breaks(event: dict[str, Any]) -> Any:
    raise RuntimeError("out of order")


def says_yes(event: dict[str, Any]) -> Any:
    return "yes"
