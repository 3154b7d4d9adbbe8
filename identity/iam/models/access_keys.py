"""Access keys of IAM users."""

from django.db import models

from identity.core import clock, sealing
from identity.iam.models.users import User


class AccessKey(models.Model):
    """A long-term key. The secret must be known to check signatures, so it is sealed, not hashed."""

    class Status(models.TextChoices):
        ACTIVE = "Active"
        INACTIVE = "Inactive"

    key_id = models.CharField("access key ID", primary_key=True, max_length=128)
    sealed_secret = models.TextField(editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="access_keys")
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    secret_set_at = models.DateTimeField(default=clock.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.key_id

    def seal(self, secret: str) -> None:
        """Put a secret into the row (not yet into the table)."""
        self.sealed_secret = sealing.seal_text(secret, bound_to=secret_binding(self))
        self.secret_set_at = clock.now()


def secret_binding(key: AccessKey) -> str:
    """What the sealed secret is bound to: a secret moved to another row does not open there."""
    return f"iam:access-key:{key.key_id}"
