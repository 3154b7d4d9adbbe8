from django.db import models
from django.db.models.functions import Coalesce

from identity.userpools.models.pools import UserPool
from identity.userpools.models.users import User


class Group(models.Model):
    """A group; ``precedence`` 0 is best, none is worst. ``rank`` is the same as a number to sort by."""

    WORST = 2**63 - 1

    pool = models.ForeignKey(UserPool, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=128)
    description = models.CharField(max_length=2048, default="", blank=True)
    role_arn = models.CharField(max_length=2048, default="", blank=True)
    precedence = models.BigIntegerField(null=True, blank=True)
    rank = models.GeneratedField(
        expression=Coalesce("precedence", models.Value(WORST)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    users = models.ManyToManyField(User, through="Membership", related_name="groups")

    class Meta:
        verbose_name = "group"
        constraints = [models.UniqueConstraint(fields=["pool", "name"], name="identity_userpools_group_once")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "group membership"
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="identity_userpools_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
