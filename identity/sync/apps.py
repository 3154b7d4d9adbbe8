from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "identity.sync"
    label = "identity_sync"
    verbose_name = "Cognito Sync"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the service known to the router."""
        from identity.sync import service  # noqa: F401
