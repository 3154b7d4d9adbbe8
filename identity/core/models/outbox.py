from datetime import datetime
from typing import Self

from django.db import models


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def waiting(self) -> Self:
        return self.filter(sent_at=None, dead_at=None)

    def due(self, now: datetime) -> Self:
        """Waiting, due, and in nobody's hands (or in those of a worker whose lease ran out)."""
        free = models.Q(claimed_until=None) | models.Q(claimed_until__lte=now)
        return self.waiting().filter(free, due_at__lte=now)

    def dead(self) -> Self:
        return self.exclude(dead_at=None)


class OutboxMessage(models.Model):
    """A message that follows from a change, written in the change's transaction and sent after it.

    ``sealed_content`` is sealed JSON, bound to the row, and emptied once sent. ``key`` is the sender's own key
    against putting the same thing twice. ``last_error`` names a fault without anything of the content.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=50)
    sealed_content = models.BinaryField()
    key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "outgoing message"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(sent_at=None, dead_at=None),
                name="identity_core_outbox_waiting",
            ),
            models.Index(fields=["sent_at"], name="identity_core_outbox_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def sealed_for(self) -> str:
        """What the content is bound to."""
        return f"outbox:{self.kind}:{self.pk}"
