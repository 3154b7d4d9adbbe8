from django.db import models


class SpentTicket(models.Model):
    """The id of a ticket that was used; needed until the ticket would have expired anyway."""

    id = models.CharField(primary_key=True, max_length=32)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "spent ticket"

    def __str__(self) -> str:
        return self.id
