"""IAM users (people and programs that hold access keys; not the users of a pool) and their inline policies."""

from django.db import models
from django.db.models.functions import Lower

from identity.core import arns, clock
from identity.iam import names
from identity.iam.models.documents import check_document, check_total
from identity.iam.models.managed_policies import ManagedPolicy

USER_INLINE_LIMIT = 2_048
"""Characters without white space, all inline policies of a user together."""


class User(models.Model):
    """A holder of access keys."""

    name = models.CharField(max_length=64, unique=True, validators=[names.valid_name])
    path = models.CharField(max_length=512, default="/", validators=[names.valid_path])
    user_id = models.CharField(max_length=32, unique=True, default=names.new_user_id, editable=False)
    permissions_boundary = models.ForeignKey(
        ManagedPolicy, models.PROTECT, null=True, blank=True, related_name="bounded_users"
    )
    attached_policies = models.ManyToManyField(ManagedPolicy, blank=True, related_name="users")
    tags = models.JSONField(default=dict, blank=True, validators=[names.valid_tags])
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "IAM user"
        verbose_name_plural = "IAM users"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="identity_iam_user_name_ci")]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return arns.user(self.name, path=self.path)


class UserPolicy(models.Model):
    """An inline policy of a user."""

    user = models.ForeignKey(User, models.CASCADE, related_name="inline_policies")
    name = models.CharField(max_length=128, validators=[names.valid_name])
    document = models.TextField(help_text="An identity-based policy in JSON.")

    class Meta:
        verbose_name = "inline policy"
        verbose_name_plural = "inline policies"
        ordering = ["name"]
        constraints = [models.UniqueConstraint("user", "name", name="identity_iam_userpolicy_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_document(self.document, field="document", limit=USER_INLINE_LIMIT)
        if self.user_id is not None:
            others = UserPolicy.objects.filter(user_id=self.user_id).exclude(pk=self.pk)
            check_total(self.document, others.values_list("document", flat=True), limit=USER_INLINE_LIMIT)
