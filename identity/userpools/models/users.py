from typing import Self

from django.db import models

from identity.userpools.models.pools import UserPool


class UserQuerySet(models.QuerySet["User"]):
    def in_pool(self, pool: UserPool) -> Self:
        return self.filter(pool=pool)

    def enabled(self) -> Self:
        return self.filter(is_enabled=True)


class User(models.Model):
    """A user of a pool: never ``AUTH_USER_MODEL``, which is for the admins.

    ``attributes`` maps attribute names to strings as the wire has them (no ``sub``). The columns
    ``email`` to ``preferred_username`` repeat, in lower case, those that ListUsers can filter on;
    ``attributes.write`` keeps both in step. ``pending_attributes`` holds new values of e-mail and
    phone that count only once verified. The names a user signs in with are rows of ``Alias``.
    """

    class Status(models.TextChoices):
        UNCONFIRMED = "UNCONFIRMED"
        CONFIRMED = "CONFIRMED"
        FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"
        RESET_REQUIRED = "RESET_REQUIRED"
        EXTERNAL_PROVIDER = "EXTERNAL_PROVIDER"

    # In any other a password has to be changed or reset first, or the account confirmed: no proof of anybody.
    MAY_SIGN_IN = (Status.CONFIRMED, Status.EXTERNAL_PROVIDER)

    pool = models.ForeignKey(UserPool, on_delete=models.CASCADE, related_name="users")
    sub = models.UUIDField(unique=True)
    username = models.CharField(max_length=128)
    status = models.CharField(max_length=32, choices=Status)
    is_enabled = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict)
    pending_attributes = models.JSONField(default=dict)

    email = models.CharField(max_length=2048, default="", blank=True)
    phone_number = models.CharField(max_length=2048, default="", blank=True)
    name = models.CharField(max_length=2048, default="", blank=True)
    given_name = models.CharField(max_length=2048, default="", blank=True)
    family_name = models.CharField(max_length=2048, default="", blank=True)
    preferred_username = models.CharField(max_length=2048, default="", blank=True)

    password = models.CharField(max_length=256, default="", blank=True)
    srp_salt = models.CharField(max_length=32, default="", blank=True)
    sealed_srp_verifier = models.BinaryField(default=b"")
    temporary_password_expires_at = models.DateTimeField(null=True, blank=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    objects = UserQuerySet.as_manager()

    class Meta:
        verbose_name = "user"
        constraints = [
            models.UniqueConstraint(fields=["pool", "username"], name="identity_userpools_username_once")
        ]
        indexes = [
            models.Index(fields=["pool", "created_at", "id"]),
            models.Index(fields=["pool", "email"]),
            models.Index(fields=["pool", "phone_number"]),
            models.Index(fields=["pool", "name"]),
            models.Index(fields=["pool", "given_name"]),
            models.Index(fields=["pool", "family_name"]),
            models.Index(fields=["pool", "preferred_username"]),
            models.Index(fields=["pool", "status"]),
        ]

    def __str__(self) -> str:
        return self.username
