from identity.userpools.models.aliases import Alias
from identity.userpools.models.clients import UserPoolClient
from identity.userpools.models.codes import Code
from identity.userpools.models.domains import UserPoolDomain
from identity.userpools.models.groups import Group, Membership
from identity.userpools.models.keys import SigningKey
from identity.userpools.models.passwords import FormerPassword
from identity.userpools.models.pools import UserPool
from identity.userpools.models.resource_servers import ResourceServer
from identity.userpools.models.sessions import (
    AuthorizationCode,
    HostedSession,
    RotatedRefreshToken,
    UserSession,
)
from identity.userpools.models.users import User

__all__ = [
    "Alias",
    "AuthorizationCode",
    "Code",
    "FormerPassword",
    "Group",
    "HostedSession",
    "Membership",
    "ResourceServer",
    "RotatedRefreshToken",
    "SigningKey",
    "User",
    "UserPool",
    "UserPoolClient",
    "UserPoolDomain",
    "UserSession",
]
