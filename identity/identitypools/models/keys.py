"""The keys that sign identity pools' own tokens, sealed at rest."""

from django.db import models


class SigningKey(models.Model):
    """One RSA key of a region, or of brokers' tokens (``keys.BROKERS``). A retired one signs no more but its tokens stay verifiable until it is deleted."""

    region = models.CharField(max_length=32)
    number = models.PositiveIntegerField()
    sealed_private_pem = models.TextField(editable=False)
    public_jwk = models.JSONField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "identity_identitypools_signingkey"
        constraints = [models.UniqueConstraint(fields=["region", "number"], name="one_key_of_a_number")]

    def __str__(self) -> str:
        return self.kid

    @property
    def kid(self) -> str:
        """The region's name followed by a small number."""
        return f"{self.region}{self.number}"
