from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "portal.demo"
    label = "portal_demo"
    verbose_name = "Demo"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the outbox handler of the worker's heartbeat."""
        from portal.demo import heartbeat  # noqa: F401 - needs the models, which are ready only now
