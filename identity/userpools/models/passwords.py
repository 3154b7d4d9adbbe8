from django.db import models

from identity.userpools.models.users import User


class FormerPassword(models.Model):
    """A password hash kept for a pool's password history."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=256)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "former password"
        indexes = [models.Index(fields=["user", "-created_at"])]

    def __str__(self) -> str:
        return f"former password of {self.user_id}"
