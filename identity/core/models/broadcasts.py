from django.db import models


class Broadcast(models.Model):
    """Something that other processes shall hear of soon or never: kept for a minute, read by whoever listens."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="identity_core_broadcast_age")]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"
