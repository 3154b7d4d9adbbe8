from django.db import models

from identity.userpools.models.pools import UserPool


class UserPoolClient(models.Model):
    """An app client. ``settings`` holds the set members of the wire's ``UserPoolClientType``.

    ``sealed_secrets`` is a list of ``{"id", "sealed", "created_at"}``, at most two, sealed bound to the
    client id: the wire shows secrets again, so a hash would not do.
    """

    id = models.CharField(primary_key=True, max_length=128)
    pool = models.ForeignKey(UserPool, on_delete=models.CASCADE, related_name="clients")
    name = models.CharField(max_length=128)
    settings = models.JSONField(default=dict)
    sealed_secrets = models.JSONField(default=list)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        verbose_name = "app client"
        indexes = [models.Index(fields=["pool", "created_at", "id"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"

    @property
    def has_secret(self) -> bool:
        return bool(self.sealed_secrets)
