from django.apps import AppConfig
from django.core import checks


class CoreConfig(AppConfig):
    name = "identity.core"
    label = "identity_core"
    verbose_name = "Identity: core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Here, not at the top: these modules load models, which wait for the apps.
        from identity.core import broadcast, deliver, events, housekeeping, limits, outbox, sealing, tickets
        from identity.core import checks as our_checks
        from identity.core.models import OutboxMessage

        checks.register(our_checks.check_settings, checks.Tags.security)
        checks.register(our_checks.check_deployment, checks.Tags.security, deploy=True)
        deliver.register_handlers()
        for chore in (outbox.drain, events.publish, outbox.delete_old, events.delete_old):
            housekeeping.register(chore)
        for chore in (tickets.delete_old, limits.delete_old, broadcast.delete_old):
            housekeeping.register(chore)
        sealing.register_column(OutboxMessage, "sealed_content", bound_to=lambda row: row.sealed_for)
