from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "identity.kit"
    label = "identity_kit"
    verbose_name = "Identity: resource kit"
    default_auto_field = "django.db.models.BigAutoField"
