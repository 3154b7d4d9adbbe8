"""Roles and their inline policies."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from identity.core import arns, clock
from identity.iam import names
from identity.iam.models.documents import check_document, check_total
from identity.iam.models.managed_policies import ManagedPolicy

SHORTEST_SESSION = 3_600
LONGEST_SESSION = 43_200
ROLE_INLINE_LIMIT = 10_240
"""Characters without white space, all inline policies of a role together."""


class Role(models.Model):
    """What a session may become. Trust policy: who may assume it; the other policies: what it may do then."""

    name = models.CharField(max_length=64, unique=True, validators=[names.valid_name])
    path = models.CharField(max_length=512, default="/", validators=[names.valid_path])
    role_id = models.CharField(max_length=32, unique=True, default=names.new_role_id, editable=False)
    trust_policy = models.TextField(help_text="JSON: which principals may assume the role.")
    trusted_ids = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Role and user ARNs of the trust policy to the unique ids they had when it was saved.",
    )
    max_session_duration = models.PositiveIntegerField(
        default=SHORTEST_SESSION,
        validators=[MinValueValidator(SHORTEST_SESSION), MaxValueValidator(LONGEST_SESSION)],
        help_text="Seconds, 3,600 to 43,200.",
    )
    description = models.CharField(max_length=1000, blank=True)
    permissions_boundary = models.ForeignKey(
        ManagedPolicy, models.PROTECT, null=True, blank=True, related_name="bounded_roles"
    )
    attached_policies = models.ManyToManyField(ManagedPolicy, blank=True, related_name="roles")
    tags = models.JSONField(default=dict, blank=True, validators=[names.valid_tags])
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="identity_iam_role_name_ci")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_document(self.trust_policy, field="trust_policy", kind="trust")

    @property
    def arn(self) -> str:
        return arns.role(self.name, path=self.path)


class RolePolicy(models.Model):
    """An inline policy of a role."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="inline_policies")
    name = models.CharField(max_length=128, validators=[names.valid_name])
    document = models.TextField(help_text="An identity-based policy in JSON.")

    class Meta:
        verbose_name = "inline policy"
        verbose_name_plural = "inline policies"
        ordering = ["name"]
        constraints = [models.UniqueConstraint("role", "name", name="identity_iam_rolepolicy_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_document(self.document, field="document")
        if self.role_id is not None:
            others = RolePolicy.objects.filter(role_id=self.role_id).exclude(pk=self.pk)
            check_total(self.document, others.values_list("document", flat=True), limit=ROLE_INLINE_LIMIT)
