"""OpenID Connect providers whose ID tokens may be exchanged for credentials."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models

from identity.core import arns, clock
from identity.core.conf import settings
from identity.iam import names

MAX_CLIENT_IDS = 100
MAX_THUMBPRINTS = 5
THUMBPRINT = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)


def valid_client_ids(client_ids: object) -> None:
    """A Django validator: a list of at most 100 client ids."""
    if not isinstance(client_ids, list) or not all(isinstance(one, str) and one for one in client_ids):
        raise ValidationError("Client ids are a list of texts.")
    if len(client_ids) > MAX_CLIENT_IDS:
        raise ValidationError(f"At most {MAX_CLIENT_IDS} client ids.", code="limit")


def valid_thumbprints(thumbprints: object) -> None:
    """A Django validator: a list of at most five SHA-1 digests in hexadecimal."""
    if not isinstance(thumbprints, list) or not all(
        isinstance(one, str) and THUMBPRINT.fullmatch(one) for one in thumbprints
    ):
        raise ValidationError("Thumbprints are a list of 40 hexadecimal digits each.")
    if len(thumbprints) > MAX_THUMBPRINTS:
        raise ValidationError(f"At most {MAX_THUMBPRINTS} thumbprints.", code="limit")


def name_of(url: str) -> str:
    """A provider's name in condition keys and in its ARN: the address without its scheme and one last slash."""
    return url.partition("://")[2].removesuffix("/")


class OidcProvider(models.Model):
    """A trusted issuer: ``url`` is compared with a token's ``iss``, ``client_ids`` with its audience."""

    url = models.CharField("URL", max_length=255, unique=True, help_text="Exactly the issuer of its tokens.")
    name = models.CharField(
        max_length=255,
        unique=True,
        editable=False,
        blank=True,
        help_text="As condition keys and ARNs name it: follows from the URL.",
    )
    client_ids = models.JSONField(
        "client IDs",
        default=list,
        blank=True,
        validators=[valid_client_ids],
        help_text="A JSON list: the audiences for which its tokens are accepted.",
    )
    thumbprints = models.JSONField(
        default=list,
        blank=True,
        validators=[valid_thumbprints],
        help_text="Kept for IAM's clients; tokens are checked by the provider's keys, fetched over verified TLS.",
    )
    tags = models.JSONField(default=dict, blank=True, validators=[names.valid_tags])
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "OIDC provider"
        ordering = ["url"]

    def __str__(self) -> str:
        return self.url

    def clean(self) -> None:
        address = urlsplit(self.url)
        if (
            address.scheme not in ("https", "http")
            or not address.hostname
            or address.query
            or address.fragment
        ):
            raise ValidationError({"url": "Give the issuer's address: https://host/path, without query."})
        own = (urlsplit(settings().base_url).hostname, *settings().fetch_private)
        if address.scheme == "http" and address.hostname not in own:
            # Keys fetched in the clear could be anybody's; our own and the operator's private hosts are exempt.
            raise ValidationError({"url": "The address must begin with https://."})
        self.name = name_of(self.url)
        # The constraint decides; but a form that doesn't show the column would not look, and the admin has to say it.
        if OidcProvider.objects.filter(name=self.name).exclude(pk=self.pk).exists():
            raise ValidationError({"url": ValidationError("There is a provider of this ARN.", code="unique")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The name follows from the address, for rows that nobody checked too."""
        self.name = name_of(self.url)
        super().save(*args, **kwargs)

    @property
    def issuers(self) -> tuple[str, str]:
        """How tokens may spell their ``iss``: the address as registered, without and with a slash at its end.

        Keys are asked for by the first, never by what a token says: each spelling would have a fetch of its own.
        """
        plain = self.url.removesuffix("/")
        return plain, f"{plain}/"

    @property
    def arn(self) -> str:
        return arns.oidc_provider(self.name)
