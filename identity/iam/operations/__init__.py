"""The wire operations, registered with the services when they are imported."""

from . import (
    access_keys,
    account,
    inquiries,
    oidc_providers,
    policies,
    policy_versions,
    role_policies,
    roles,
    saml_providers,
    sessions,
    simulation,
    switched_off,
    user_belongings,
    user_policies,
    user_sessions,
    users,
)

__all__ = [
    "access_keys",
    "account",
    "inquiries",
    "oidc_providers",
    "policies",
    "policy_versions",
    "role_policies",
    "roles",
    "saml_providers",
    "sessions",
    "simulation",
    "switched_off",
    "user_belongings",
    "user_policies",
    "user_sessions",
    "users",
]
