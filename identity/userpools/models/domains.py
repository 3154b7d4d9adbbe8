from django.db import models

from identity.userpools.models.pools import UserPool


class UserPoolDomain(models.Model):
    """A pool's address for hosted pages: a prefix, or a domain of one's own."""

    domain = models.CharField(primary_key=True, max_length=63)
    pool = models.ForeignKey(UserPool, on_delete=models.PROTECT, related_name="domains")
    is_custom = models.BooleanField(default=False)
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "domain"
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "is_custom"], name="identity_userpools_one_domain_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return self.domain
