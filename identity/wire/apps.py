from django.apps import AppConfig


class WireConfig(AppConfig):
    name = "identity.wire"
    label = "identity_wire"
    verbose_name = "Identity: AWS protocols"
    default_auto_field = "django.db.models.BigAutoField"
