"""IAM in Django's admin: a page per noun. Policies are checked as they are saved; secrets are shown once, when made."""

from . import access_keys, managed_policies, oidc_providers, revoked, roles, saml_providers, users

__all__ = ["access_keys", "managed_policies", "oidc_providers", "revoked", "roles", "saml_providers", "users"]
