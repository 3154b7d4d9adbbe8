"""What only the demo stores: notes, the messages it sent, and the worker's last sign of life."""

from typing import ClassVar

from django.db import models


class Note(models.Model):
    """A note of one identity (its identity-pool id), or a public one, which belongs to nobody."""

    id = models.UUIDField(primary_key=True)
    owner = models.CharField(max_length=55, blank=True, default="")
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=2000, blank=True, default="")
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        verbose_name = "note"
        indexes = [models.Index(fields=["owner", "-created_at"])]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        return not self.owner


class DemoMail(models.Model):
    """A mail or SMS that the demo kept instead of sending it."""

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        SMS = "sms", "SMS"

    kind = models.CharField(max_length=8, choices=Kind)
    to = models.CharField(max_length=320, db_index=True)
    subject = models.CharField(max_length=400, blank=True, default="")
    body = models.TextField()
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["DemoMail"]] = models.Manager()

    class Meta:
        verbose_name = "kept message"

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"


class Heartbeat(models.Model):
    """When a worker last did what it was asked, by the way that everything else takes to it."""

    name = models.CharField(primary_key=True, max_length=32)
    beat_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Heartbeat"]] = models.Manager()

    class Meta:
        verbose_name = "heartbeat"

    def __str__(self) -> str:
        return self.name
