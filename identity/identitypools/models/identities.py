"""Identities and the logins that lead to them. What one login may lead to is held by constraints, not by checks."""

from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    """What an identity is. Moves: guest to authenticated by its first login; either to disabled by a merge, by losing
    all logins, or by an administrator, who may also undo what was no merge.
    """

    UNAUTHENTICATED = "unauthenticated", "guest"
    AUTHENTICATED = "authenticated", "authenticated"
    DISABLED = "disabled", "disabled"


class Identity(models.Model):
    """One person (or guest, or device) as this pool sees them; its id stays the same over all of their logins.

    ``merged_into`` is the identity that took its logins over: old ids kept by clients lead there. ``emptied_at`` is when
    the last login was taken away.
    """

    State = State

    id = models.CharField(primary_key=True, max_length=55)
    pool = models.ForeignKey("IdentityPool", on_delete=models.CASCADE, related_name="identities")
    state = models.CharField(max_length=16, choices=State.choices)
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="absorbed"
    )
    emptied_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        db_table = "identity_identitypools_identity"
        verbose_name_plural = "identities"
        ordering = ("id",)
        indexes = [
            models.Index(fields=["pool", "state", "id"], name="identity_by_state"),
            models.Index(fields=["pool", "id"], name="identity_by_pool"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(state=State.DISABLED),
                name="merged_identity_is_disabled",
            ),
            models.CheckConstraint(
                condition=Q(emptied_at__isnull=True) | Q(state=State.DISABLED),
                name="emptied_identity_is_disabled",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_guest(self) -> bool:
        return self.state == State.UNAUTHENTICATED

    @property
    def is_disabled(self) -> bool:
        return self.state == State.DISABLED


class Login(models.Model):
    """A user of a provider, and the identity that they are in this pool.

    ``provider`` is the canonical name (``providers.canonical``); ``public`` is false for developer providers, of which
    one identity may have several users.
    """

    pool = models.ForeignKey("IdentityPool", on_delete=models.CASCADE, related_name="logins")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="logins")
    provider = models.CharField(max_length=128)
    user_id = models.CharField(max_length=1024)
    public = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "identity_identitypools_login"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "provider", "user_id"], name="login_leads_to_one_identity"
            ),
            models.UniqueConstraint(
                fields=["identity", "provider"],
                condition=Q(public=True),
                name="one_user_of_a_public_provider",
            ),
        ]

    def __str__(self) -> str:
        return (
            self.provider
        )  # never the user id: names of providers are all that the service shows of a login
