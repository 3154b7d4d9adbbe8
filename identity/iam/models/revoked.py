"""Temporary credentials that ended before their time."""

from django.db import models
from django.db.models import Q

from identity.core import clock
from identity.iam.models.roles import Role


class RevokedCredentials(models.Model):
    """Either one key id, or all sessions of a role that were issued before a moment."""

    role = models.ForeignKey(Role, models.CASCADE, null=True, blank=True, related_name="revocations")
    revoked_before = models.DateTimeField(null=True, blank=True)
    access_key_id = models.CharField("access key ID", max_length=128, blank=True, db_index=True)
    created_at = models.DateTimeField(default=clock.now, editable=False, db_index=True)

    class Meta:
        verbose_name_plural = "revoked credentials"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__isnull=False, revoked_before__isnull=False, access_key_id="")
                | (Q(role__isnull=True, revoked_before__isnull=True) & ~Q(access_key_id="")),
                name="identity_iam_revoked_one_kind",
            )
        ]

    def __str__(self) -> str:
        return self.access_key_id or f"{self.role} before {self.revoked_before:%Y-%m-%d %H:%M:%S}"
