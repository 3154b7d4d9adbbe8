"""One function for each operation of ``cognito-identity``; importing this registers them."""

from identity.identitypools.operations import identities, pools, roles

__all__ = ["identities", "pools", "roles"]
