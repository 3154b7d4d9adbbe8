"""Temporary credentials that ended before their time."""

from django.db import models
from django.db.models import Q

from identity.core import clock
from identity.iam.models.roles import Role


class RevokedCredentials(models.Model):
    """One key id; or all sessions of a role that were issued before a moment; or all of a web identity.

    A web identity is told by a condition key and its value (``cognito-identity.amazonaws.com:sub`` and an identity's
    id, ``…:aud`` and an identity pool's). Without ``revoked_before`` its sessions count no more whenever they were
    issued. Of several rows the one that ends most counts, but that one with ``lets_in`` undoes all before it.
    """

    role = models.ForeignKey(Role, models.CASCADE, null=True, blank=True, related_name="revocations")
    revoked_before = models.DateTimeField(null=True, blank=True)
    access_key_id = models.CharField("access key ID", max_length=128, blank=True, db_index=True)
    claim = models.CharField(
        "condition key", max_length=300, blank=True, help_text="Of a web identity: <provider>:sub or …:aud."
    )
    claim_value = models.CharField("its value", max_length=255, blank=True)
    lets_in = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False, db_index=True)

    class Meta:
        verbose_name_plural = "revoked credentials"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    role__isnull=False,
                    revoked_before__isnull=False,
                    access_key_id="",
                    claim="",
                    claim_value="",
                )
                | (
                    Q(role__isnull=True, revoked_before__isnull=True, claim="", claim_value="")
                    & ~Q(access_key_id="")
                )
                | (Q(role__isnull=True, access_key_id="") & ~Q(claim="") & ~Q(claim_value="")),
                name="identity_iam_revoked_one_kind",
            )
        ]

    def __str__(self) -> str:
        if self.access_key_id:
            return self.access_key_id
        whose = f"{self.claim} {self.claim_value}" if self.claim else str(self.role)
        return f"{whose} before {self.revoked_before:%Y-%m-%d %H:%M:%S}" if self.revoked_before else whose
