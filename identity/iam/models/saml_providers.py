"""SAML identity providers whose assertions may be exchanged for credentials."""

from django.core.exceptions import ValidationError
from django.db import models

from identity.core import arns, clock
from identity.iam import names
from identity.iam.saml import metadata, xml


class SamlProvider(models.Model):
    """A trusted identity provider, by its metadata. What is read out of the document is kept beside it."""

    name = models.CharField(max_length=128, unique=True, validators=[names.valid_provider_name])
    provider_id = models.CharField(
        max_length=64, unique=True, default=names.new_saml_provider_id, editable=False
    )
    metadata = models.TextField(
        "metadata document", help_text="The XML that the identity provider publishes about itself."
    )
    entity_id = models.CharField("entity ID", max_length=1024, editable=False, default="", blank=True)
    certificates = models.JSONField(default=list, editable=False, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True, editable=False)
    tags = models.JSONField(default=dict, blank=True, validators=[names.valid_tags])
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "SAML provider"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check the document, and take over what it says of the provider."""
        try:
            found = metadata.read(self.metadata)
        except (xml.Malformed, xml.NotInstalled) as error:
            raise ValidationError({"metadata": f"Could not parse metadata: {error}"}) from error
        if found.valid_until is not None and found.valid_until <= clock.now():
            raise ValidationError({"metadata": "The metadata has expired."})
        self.entity_id, self.certificates = found.entity_id, list(found.certificates)
        self.valid_until = found.valid_until

    @property
    def arn(self) -> str:
        return arns.saml_provider(self.name)

    @property
    def is_expired(self) -> bool:
        """Whether the metadata's own end has come: nothing of the provider counts then."""
        return self.valid_until is not None and self.valid_until <= clock.now()
