"""Django's admin of user pools: to look, to search, and to do what is safe. Settings are changed through the API,
whose rules they must pass; hashes, verifiers and secrets are shown nowhere."""

from identity.userpools.admin import clients, codes, domains, groups, pools, sessions, users

__all__ = ["clients", "codes", "domains", "groups", "pools", "sessions", "users"]
