from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class EventQuerySet(models.QuerySet["Event"]):
    def unpublished(self) -> Self:
        return self.filter(published_at=None)


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened. Holds no secrets."""

    tag = models.CharField(max_length=100)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(db_index=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "event"
        indexes = [
            # Small however long the history is: only rows that wait are in it.
            models.Index(
                fields=["id"],
                condition=models.Q(published_at=None),
                name="identity_core_event_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tag} #{self.pk}"
