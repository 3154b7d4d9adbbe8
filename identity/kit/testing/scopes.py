"""The scopes that a test gives its users: a pre-token trigger of the pool adds them, as a host's own might.

Tokens of the API carry one scope only; others come from hosted pages, or so.
"""

from typing import Any

ARN = "arn:aws:lambda:us-east-1:000000000000:function:scopes-of-tests"
PATH = f"{__name__}.add"

wanted: dict[tuple[str, str], tuple[str, ...]] = {}
"""By pool id and user name."""


def add(event: dict[str, Any], *_: Any) -> dict[str, Any]:
    """The pre-token trigger, version 2."""
    scopes = wanted.get((event["userPoolId"], event["userName"]), ())
    if scopes:
        event["response"]["claimsAndScopeOverrideDetails"] = {
            "accessTokenGeneration": {"scopesToAdd": list(scopes)}
        }
    return event
