from django.apps import AppConfig
from django.core import checks


class KitConfig(AppConfig):
    name = "identity.kit"
    label = "identity_kit"
    verbose_name = "Identity: resource kit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from identity.kit import checks as our_checks  # which asks for the host's user model

        checks.register(our_checks.check_settings, checks.Tags.security)
