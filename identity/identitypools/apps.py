from django.apps import AppConfig


class IdentityPoolsConfig(AppConfig):
    name = "identity.identitypools"
    label = "identity_identitypools"
    verbose_name = "Identity pools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the operations with the wire layer, and our issuer with whoever verifies tokens."""
        from identity.identitypools import (
            keys,
            operations,  # noqa: F401  # importing registers the operations
            social_secrets,
        )

        keys.register_issuer()
        social_secrets.register_column()
