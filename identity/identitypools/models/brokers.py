"""Where an identity pool's credentials come from, when it isn't our own STS."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from identity.core import clock, conf
from identity.iam import policy
from identity.identitypools import session_templates

SHORTEST_SESSION, LONGEST_SESSION = 900, 43_200
MOST_ROLES = 100

_is_arn = RegexValidator(r"\Aarn:[!-~]{1,2000}\Z", "Give the ARN of a role: arn:….")


def valid_roles(roles: object) -> None:
    """A Django validator: role ARNs here to role ARNs there."""
    if not isinstance(roles, dict) or not all(isinstance(one, str) for one in roles.values()):
        raise ValidationError('Give an object: {"arn of a role here": "arn of the role there"}.')
    if len(roles) > MOST_ROLES:
        raise ValidationError(f"At most {MOST_ROLES} roles.")
    for arn in (*roles, *roles.values()):
        _is_arn(arn)


class Broker(models.Model):
    """A security token service that trusts our issuer, and the roles there.

    ``authenticated_role`` and ``guest_role`` stand in the place of the pool's default roles; ``roles`` translates those
    that rules and tokens choose. ``audience`` tells the pools of this server apart, and is unique for that.
    """

    pool = models.OneToOneField(
        "IdentityPool", on_delete=models.CASCADE, primary_key=True, related_name="broker"
    )
    endpoint = models.CharField(
        max_length=500,
        help_text="Address of the security token service: https://sts.eu-west-1.amazonaws.com, or that of the store.",
    )
    audience = models.CharField(
        max_length=255,
        unique=True,
        blank=True,
        validators=[RegexValidator(r"\A[!-~]+\Z", "Printable ASCII, without spaces.")],
        help_text="The client ID that the service knows us by. Empty: the identity pool's id.",
    )
    authenticated_role = models.CharField(
        max_length=2048, blank=True, validators=[_is_arn], help_text="ARN there, of those who are signed in."
    )
    guest_role = models.CharField(
        max_length=2048, blank=True, validators=[_is_arn], help_text="ARN there, of guests."
    )
    roles = models.JSONField(
        default=dict,
        blank=True,
        validators=[valid_roles],
        help_text="A JSON object: ARN of a role that a rule or a token chooses, to the ARN of the role there.",
    )
    session_policy = models.TextField(
        blank=True,
        help_text="Bounds those who are signed in. JSON; ${cognito-identity.amazonaws.com:sub}, :aud and "
        "${aws:PrincipalTag/…} are filled in. Empty: the role alone decides.",
    )
    guest_session_policy = models.TextField(
        blank=True, help_text="Bounds guests, likewise. Empty: the services that Cognito opens to guests."
    )
    duration_seconds = models.PositiveIntegerField(
        default=3600,
        validators=[MinValueValidator(SHORTEST_SESSION), MaxValueValidator(LONGEST_SESSION)],
        help_text="Life of the credentials, 900 to 43,200 seconds; the role there may allow less.",
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    modified_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "identity_identitypools_broker"
        ordering = ("pool",)

    def __str__(self) -> str:
        return f"{self.pool_id} at {self.host}"

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or "?"

    @property
    def default_roles(self) -> Mapping[str, str]:
        """As the pool's own: by state, those that are set."""
        both = {"authenticated": self.authenticated_role, "unauthenticated": self.guest_role}
        return {state: arn for state, arn in both.items() if arn}

    def clean(self) -> None:
        self.audience = self.audience or self.pool_id or ""
        _check_endpoint(self.endpoint)
        self._check_audience()
        for name in ("session_policy", "guest_session_policy"):
            _check_template(name, getattr(self, name))

    def _check_audience(self) -> None:
        """With another pool's id as audience, this one's identities would pass for that one's."""
        pools: Any = self._meta.get_field("pool").related_model  # the class itself would be a circular import
        if self.audience != self.pool_id and pools.objects.filter(pk=self.audience).exists():
            raise ValidationError({"audience": "That is the id of another identity pool."})


def _check_endpoint(endpoint: str) -> None:
    try:
        address = urlsplit(endpoint)
        is_address = address.scheme in ("https", "http") and bool(address.hostname) and address.port != 0
    except ValueError:
        is_address = False
    if not is_address or address.query or address.fragment or "@" in address.netloc:
        raise ValidationError({"endpoint": "Give an address: https://host/path, without query or password."})
    if address.scheme == "http" and address.hostname not in conf.settings().fetch_private:
        # Tokens and secrets pass by it.
        message = 'The address must begin with https://, unless IDENTITY["FETCH_PRIVATE"] lists the host.'
        raise ValidationError({"endpoint": message})


def _check_template(name: str, template: str) -> None:
    if not template:
        return
    try:
        session_templates.check(template)
    except policy.MalformedPolicy as error:
        raise ValidationError({name: str(error)}) from error
