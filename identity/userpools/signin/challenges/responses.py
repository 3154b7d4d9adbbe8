"""Reading ``ChallengeResponses`` and ``AuthParameters``: maps whose keys the wire's model does not know."""

from collections.abc import Mapping

from identity.userpools.errors import InvalidParameter


def needed(responses: Mapping[str, str], name: str) -> str:
    """A parameter that must be there. Raises ``InvalidParameter``."""
    value = responses.get(name)
    if not value:
        raise InvalidParameter(f"Missing required parameter {name}")
    return value
