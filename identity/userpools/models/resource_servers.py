from django.db import models

from identity.userpools.models.pools import UserPool


class ResourceServer(models.Model):
    """An API with scopes of its own: ``scopes`` is a list of ``{"ScopeName", "ScopeDescription"}``."""

    pool = models.ForeignKey(UserPool, on_delete=models.CASCADE, related_name="resource_servers")
    identifier = models.CharField(max_length=256)
    name = models.CharField(max_length=256)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "resource server"
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "identifier"], name="identity_userpools_resource_server_once"
            )
        ]

    def __str__(self) -> str:
        return self.identifier
