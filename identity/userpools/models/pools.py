"""User pools: what Cognito stores and returns stays in wire shape in ``settings``."""

from django.db import models


class UserPool(models.Model):
    """A user pool. Typed access to its settings is in ``pool_settings.py``.

    ``settings`` holds the members of the wire's ``UserPoolType`` that were set or defaulted
    (``Policies``, ``LambdaConfig``, ``AutoVerifiedAttributes``, …); ``schema`` its list of
    ``SchemaAttributeType``, custom attributes with their ``custom:`` prefix.
    """

    id = models.CharField(primary_key=True, max_length=55)
    name = models.CharField(max_length=128)
    settings = models.JSONField(default=dict)
    schema = models.JSONField(default=list)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        verbose_name = "user pool"
        indexes = [models.Index(fields=["created_at", "id"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"

    @property
    def region(self) -> str:
        return self.id.split("_", 1)[0]

    @property
    def srp_name(self) -> str:
        """The pool name of the SRP formulas: what follows the first underscore of the id."""
        return self.id.split("_", 1)[1]
