"""Identity pools, the identities in them, the logins that lead to an identity, the keys that sign their tokens, and
the brokers that get credentials elsewhere.
"""

from identity.identitypools.models.brokers import Broker
from identity.identitypools.models.identities import Identity, Login
from identity.identitypools.models.keys import SigningKey
from identity.identitypools.models.pools import IdentityPool

__all__ = ["Broker", "Identity", "IdentityPool", "Login", "SigningKey"]
