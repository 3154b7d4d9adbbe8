"""Which scopes a client gets: of those it may have, those it asks for, as far as they exist."""

from identity.userpools import resource_servers
from identity.userpools.models import UserPoolClient, pool_settings
from portal.oauth.parameters import blank_separated


class BadScope(Exception):
    """A scope that the client does not have."""


def granted(client: UserPoolClient, asked: str, *, only_custom: bool = False) -> tuple[str, ...]:
    """The scopes asked for, or all of the client's where none is. Raises ``BadScope``.

    A custom scope whose resource server or name was deleted gives nothing any more, although clients keep it.
    """
    allowed = _active(client)
    if only_custom:
        allowed = tuple(scope for scope in allowed if "/" in scope)
    if not asked.strip():
        return allowed
    wanted = blank_separated(asked)
    if not set(wanted) <= set(allowed):
        raise BadScope
    return wanted


def _active(client: UserPoolClient) -> tuple[str, ...]:
    scopes = pool_settings.oauth_scopes(client)
    if not any("/" in scope for scope in scopes):
        return scopes
    existing = resource_servers.scopes_of(client.pool)
    return tuple(scope for scope in scopes if "/" not in scope or scope in existing)
