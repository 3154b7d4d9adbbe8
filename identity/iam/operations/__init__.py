"""The wire operations, registered with the services when they are imported."""

from . import (
    access_keys,
    account,
    oidc_providers,
    policies,
    policy_versions,
    role_policies,
    roles,
    sessions,
    user_policies,
    users,
)

__all__ = [
    "access_keys",
    "account",
    "oidc_providers",
    "policies",
    "policy_versions",
    "role_policies",
    "roles",
    "sessions",
    "user_policies",
    "users",
]
