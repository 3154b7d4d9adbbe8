from django.db import models

from identity.userpools.models.pools import UserPool
from identity.userpools.models.users import User


class Alias(models.Model):
    """A name that a user signs in with: the username itself, or an e-mail, phone or preferred username.

    ``name`` is in comparable form (folded where the pool ignores case), so the unique key is the one
    judge of who owns a name, whatever races.
    """

    class Kind(models.TextChoices):
        USERNAME = "username"
        EMAIL = "email"
        PHONE_NUMBER = "phone_number"
        PREFERRED_USERNAME = "preferred_username"

    pool = models.ForeignKey(UserPool, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=2048)

    class Meta:
        verbose_name = "sign-in name"
        constraints = [
            models.UniqueConstraint(fields=["pool", "name"], name="identity_userpools_alias_once"),
            models.UniqueConstraint(fields=["user", "kind"], name="identity_userpools_alias_kind_once"),
        ]

    def __str__(self) -> str:
        return self.name
