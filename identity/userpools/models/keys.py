from datetime import datetime

from django.db import models

from identity.userpools.models.pools import UserPool


class SigningKey(models.Model):
    """A key pair of a pool. ID and access tokens have keys of their own; the newest of a use signs.

    A key stays in the JWKS until ``retired_at``, so that tokens it signed stay verifiable.
    """

    class Use(models.TextChoices):
        ID = "id"
        ACCESS = "access"

    kid = models.CharField(primary_key=True, max_length=64)
    pool = models.ForeignKey(UserPool, on_delete=models.CASCADE, related_name="signing_keys")
    use = models.CharField(max_length=8, choices=Use)
    number = models.PositiveIntegerField(default=1)
    sealed_private_key = models.BinaryField()
    public_jwk = models.JSONField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "signing key"
        constraints = [
            # Two processes that both find no key make one: the loser of this insert reads the winner's.
            models.UniqueConstraint(
                fields=["pool", "use", "number"], name="identity_userpools_key_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.kid

    def is_published(self, now: datetime) -> bool:
        return self.retired_at is None or self.retired_at > now
