from django.db import models


class Counter(models.Model):
    """What a limit or a lockout has counted. Counting starts again once ``ends_at`` has passed."""

    key = models.CharField(primary_key=True, max_length=255)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "limit counter"

    def __str__(self) -> str:
        return self.key
