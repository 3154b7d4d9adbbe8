from django.db import models

from identity.userpools.models.users import User


class Code(models.Model):
    """A one-time code: the latest of its purpose. Kept as a keyed hash, spent by one conditional UPDATE.

    ``attribute`` is what the code went to (``email`` or ``phone_number``), ``destination`` its value then;
    a code proves only that value.
    """

    class Purpose(models.TextChoices):
        SIGN_UP = "sign_up"
        ATTRIBUTE = "attribute"
        FORGOT_PASSWORD = "forgot_password"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    purpose = models.CharField(max_length=20, choices=Purpose)
    attribute = models.CharField(max_length=20)
    destination = models.CharField(max_length=2048)
    code_hash = models.CharField(max_length=64)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "one-time code"
        constraints = [
            # An attribute code is one per attribute; the others are one per purpose, whatever they went to.
            models.UniqueConstraint(
                fields=["user", "attribute"],
                condition=models.Q(purpose="attribute"),
                name="identity_userpools_attribute_code_once",
            ),
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=~models.Q(purpose="attribute"),
                name="identity_userpools_code_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} code of {self.user_id}"
