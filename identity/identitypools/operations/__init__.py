"""One function for each operation of ``cognito-identity``; importing this registers them."""

from identity.identitypools.operations import (
    developers,
    identities,
    managed_identities,
    pools,
    principal_tags,
    roles,
    tags,
)

__all__ = ["developers", "identities", "managed_identities", "pools", "principal_tags", "roles", "tags"]
