"""Roles, policies, users, keys: columns and constraints. The verbs are in the modules of the same nouns."""

from .access_keys import AccessKey
from .managed_policies import ManagedPolicy, PolicyVersion
from .oidc_providers import OidcProvider
from .revoked import RevokedCredentials
from .roles import Role, RolePolicy
from .saml_providers import SamlProvider
from .users import User, UserPolicy

__all__ = [
    "AccessKey",
    "ManagedPolicy",
    "OidcProvider",
    "PolicyVersion",
    "RevokedCredentials",
    "Role",
    "RolePolicy",
    "SamlProvider",
    "User",
    "UserPolicy",
]
