"""Identity pools, the identities in them, the logins that lead to an identity, and the keys that sign their tokens."""

from identity.identitypools.models.identities import Identity, Login
from identity.identitypools.models.keys import SigningKey
from identity.identitypools.models.pools import IdentityPool

__all__ = ["Identity", "IdentityPool", "Login", "SigningKey"]
