"""How many of each thing there may be: Cognito's limits, at the highest value it grants on request.

They are counted before the insert and not locked, so racing requests may pass one by a few; the limits protect
the lists, not an invariant. Source: cognito/user-pools §15.
"""

from identity.userpools.errors import LimitExceeded

USER_POOLS = 10_000
CLIENTS_PER_POOL = 10_000
RESOURCE_SERVERS_PER_POOL = 300
SCOPES_PER_RESOURCE_SERVER = 100
GROUPS_PER_POOL = 10_000
GROUPS_PER_USER = 100
CUSTOM_ATTRIBUTES = 50
TAGS = 50


def require_room(count: int, limit: int, what: str) -> None:
    """Raises LimitExceeded where ``count`` things exist already and ``limit`` are allowed."""
    if count >= limit:
        raise LimitExceeded(f"The limit of {limit} {what} has been reached.")
