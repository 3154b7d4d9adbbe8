from importlib import import_module

from django.apps import AppConfig

# Each has a ``purge()`` that deletes what nobody needs any more.
_PURGED = ("codes", "hosted_sessions", "oauth_codes", "sessions")


class UserPoolsConfig(AppConfig):
    name = "identity.userpools"
    label = "identity_userpools"
    verbose_name = "User pools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the operations with the wire layer, our issuers with those who verify tokens, what is sealed
        with those who reseal, and what can be tidied up with the sweep."""
        from identity.core import housekeeping
        from identity.userpools import clients, keys, operations, passwords

        operations.load()
        keys.register_issuers()
        clients.register_secrets()
        passwords.register_verifiers()
        for name in _PURGED:
            housekeeping.register(import_module(f"{self.name}.{name}").purge)
