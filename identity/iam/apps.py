from django.apps import AppConfig


class IamConfig(AppConfig):
    name = "identity.iam"
    label = "identity_iam"
    verbose_name = "Identity: roles and keys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from identity.core import housekeeping, sealing
        from identity.iam import (  # registers the operations with the service, the task with Celery
            operations,  # noqa: F401
            revocations,
            tasks,  # noqa: F401
        )
        from identity.iam.models.access_keys import AccessKey, secret_binding

        sealing.register_column(AccessKey, "sealed_secret", bound_to=secret_binding)
        housekeeping.register(revocations.purge)
