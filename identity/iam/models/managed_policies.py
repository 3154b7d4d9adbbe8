"""Managed policies and their versions: a document of its own, attached to many."""

from django.db import models
from django.db.models.functions import Lower

from identity.core import arns, clock
from identity.iam import names
from identity.iam.models.documents import check_document

DOCUMENT_LIMIT = 6_144
"""Characters without white space."""


class ManagedPolicy(models.Model):
    """A policy of its own. ``document`` is that of the default version, whose number is ``version``.

    The other versions are rows of ``PolicyVersion``: what decides requests is read without a join.
    """

    name = models.CharField(max_length=128, unique=True, validators=[names.valid_name])
    path = models.CharField(max_length=512, default="/", validators=[names.valid_path])
    policy_id = models.CharField(max_length=32, unique=True, default=names.new_policy_id, editable=False)
    is_aws_managed = models.BooleanField(
        default=False,
        editable=False,
        help_text="Carries the account “aws” in its ARN, as the policies that come with AWS do.",
    )
    description = models.CharField(max_length=1000, blank=True)
    document = models.TextField(help_text="An identity-based policy in JSON.")
    version = models.PositiveIntegerField(default=1, editable=False)
    version_created_at = models.DateTimeField(default=clock.now, editable=False)
    latest_version = models.PositiveIntegerField(
        default=1, editable=False, help_text="The highest number ever given: numbers are not used again."
    )
    tags = models.JSONField(default=dict, blank=True, validators=[names.valid_tags])
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "managed policies"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="identity_iam_policy_name_ci")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_document(self.document, field="document", limit=DOCUMENT_LIMIT)

    @property
    def arn(self) -> str:
        own = arns.policy(self.name, path=self.path)
        if not self.is_aws_managed:
            return own
        parts = arns.parse(own)
        return str(arns.Arn(parts.partition, parts.service, "", "aws", parts.resource))


class PolicyVersion(models.Model):
    """A version of a managed policy that is not the default one."""

    policy = models.ForeignKey(ManagedPolicy, models.CASCADE, related_name="other_versions")
    number = models.PositiveIntegerField()
    document = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "other version"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint("policy", "number", name="identity_iam_policyversion_number")]

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"

    def clean(self) -> None:
        check_document(self.document, field="document", limit=DOCUMENT_LIMIT)
