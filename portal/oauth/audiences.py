"""Which resource server tokens are bound to. Source: RFC 8707 §2."""

from identity.userpools import resource_servers
from identity.userpools.errors import ResourceNotFound
from identity.userpools.models import UserPool
from portal.oauth.parameters import is_storable


class BadTarget(Exception):
    """No resource server of the pool is called that."""


def of_resource(pool: UserPool, resource: str) -> str:
    """The audience of tokens for the parameter ``resource``. Raises ``BadTarget``."""
    if not is_storable([resource]):
        raise BadTarget
    try:
        return resource_servers.get(pool, resource).identifier
    except ResourceNotFound as unknown:
        raise BadTarget from unknown
