"""Whom a SAML response proves: the checks of ``saml.response`` for a provider of the account, and what follows for STS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from identity.core import hosts, tickets
from identity.core.conf import settings
from identity.iam import saml_providers
from identity.iam.errors import ExpiredAssertion, IdpRejectedClaim, InvalidIdentityToken
from identity.iam.models import SamlProvider
from identity.iam.saml import aws, response, xml
from identity.iam.saml.response import Assertion

AWS_AUDIENCE: Final = "urn:amazon:webservices"
REMEMBERED_FOR: Final = response.FRESH + response.SKEW + timedelta(minutes=1)
"""Longer than any assertion can count that was spent now."""

_USED: Final = "Response was already used"
_LATER_KEYS = frozenset({"saml:namequalifier", "saml:sub", "saml:sub_type"})


@dataclass(frozen=True, slots=True)
class SamlIdentity:
    """A proven person of a SAML provider, as STS sees them."""

    principal: str
    provider_name: str
    assertion: Assertion
    session_name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""
    longest_session: timedelta | None = None

    @property
    def name_qualifier(self) -> str:
        return aws.name_qualifier(self.assertion.issuer, settings().account_id, self.provider_name)

    @property
    def condition_keys(self) -> dict[str, str | Sequence[str]]:
        """What trust policies may ask. Source: IAM user guide, "Available keys for SAML-based AWS STS federation"."""
        return {
            **aws.condition_keys(self.assertion),
            "saml:aud": self.assertion.recipient,
            "saml:doc": f"{settings().account_id}/{self.provider_name}",
            "saml:iss": self.assertion.issuer,
            "saml:namequalifier": self.name_qualifier,
            "saml:sub": self.assertion.name_id,
            "saml:sub_type": aws.subject_type(self.assertion),
        }

    @property
    def session_keys(self) -> dict[str, str | Sequence[str]]:
        """Those of the keys that the session's own requests carry, too."""
        return {name: value for name, value in self.condition_keys.items() if name in _LATER_KEYS}

    def grants(self, role_arn: str) -> bool:
        """Whether the provider itself says that this role is for this person."""
        return role_arn in aws.roles_for(self.assertion, self.principal)


def verify(provider_arn: str, text: str, *, now: datetime) -> SamlIdentity:
    """The person of a response. Raises ``InvalidIdentityToken``, ``ExpiredAssertion``, ``IdpRejectedClaim``."""
    provider = saml_providers.find(provider_arn)
    if provider is None:
        raise InvalidIdentityToken("Specified provider doesn't exist")
    try:
        assertion = prove(provider, text, now=now)
    except response.Expired as error:
        raise ExpiredAssertion(error.message, why=error.why) from error
    except response.Invalid as error:
        raise InvalidIdentityToken(error.message, why=error.why) from error
    return SamlIdentity(
        principal=provider.arn,
        provider_name=provider.name,
        assertion=assertion,
        session_name=_session_name(assertion),
        tags=_tags(assertion),
        transitive_tag_keys=assertion.values(f"{aws.NAME}TransitiveTagKeys"),
        source_identity=_source_identity(assertion),
        longest_session=_longest_session(assertion),
    )


def prove(provider: SamlProvider, text: str, *, now: datetime) -> Assertion:
    """The assertion of a response of this provider. Raises ``response.Invalid`` and its ``Expired``."""
    if provider.is_expired:
        raise response.Invalid("The metadata of the provider has expired")
    own = hosts.base_url("/saml")
    recipients = {own, *_signin_addresses()}
    expected = response.Expected(
        entity_id=provider.entity_id,
        certificates=tuple(provider.certificates),
        audiences=frozenset({AWS_AUDIENCE, *recipients}),
        recipients=frozenset(recipients),
    )
    try:
        return response.verify(text, expected, now=now)
    except xml.NotInstalled as error:
        raise response.Invalid("SAML is not installed on this site", str(error)) from error


def once(provider_arn: str, assertion: Assertion) -> str:
    """The name under which an assertion is spent."""
    return "\0".join(("saml", provider_arn, assertion.issuer, assertion.id))


def spend(name: str, purpose: str, *, now: datetime) -> None:
    """Use an assertion (``once``) up for a purpose: the second who brings it for the same one gets ``response.Invalid``.

    By purpose, because clients do bring one assertion for several roles.
    """
    try:
        tickets.spend_once(_spent_as(name, purpose), until=now + REMEMBERED_FOR)
    except tickets.TicketSpent as error:
        raise response.Invalid(_USED) from error


def require_unspent(name: str, purpose: str) -> None:
    """Raises ``response.Invalid`` for an assertion (``once``) that was used up for this purpose."""
    if tickets.is_spent(_spent_as(name, purpose)):
        raise response.Invalid(_USED)


def _spent_as(name: str, purpose: str) -> str:
    return f"{name}\0{purpose}"


def _signin_addresses() -> tuple[str, ...]:
    """Where Amazon has assertions sent to: providers that are set up for it need no change."""
    return (
        "https://signin.aws.amazon.com/saml",
        f"https://{settings().region}.signin.aws.amazon.com/saml",
    )


def _session_name(assertion: Assertion) -> str:
    given = assertion.values(f"{aws.NAME}RoleSessionName")
    if not given:
        raise InvalidIdentityToken("RoleSessionName is required in AuthnResponse")
    if len(given) > 1 or not aws.SESSION_NAME.fullmatch(given[0]):
        raise InvalidIdentityToken(
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}", why="malformed"
        )
    return given[0]


def _source_identity(assertion: Assertion) -> str:
    given = assertion.values(f"{aws.NAME}SourceIdentity")
    if not given:
        return ""
    if len(given) > 1 or not aws.SESSION_NAME.fullmatch(given[0]) or given[0].lower().startswith("aws:"):
        raise InvalidIdentityToken(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
        )
    return given[0]


def _tags(assertion: Assertion) -> dict[str, str]:
    given = aws.tags(assertion)
    if any(len(values) != 1 for values in given.values()):
        raise IdpRejectedClaim(why="a tag needs exactly one value")
    return {name: values[0] for name, values in given.items()}


def _longest_session(assertion: Assertion) -> timedelta | None:
    """What the provider allows in ``SessionDuration``: 900 to 43,200 seconds."""
    given = assertion.values(f"{aws.NAME}SessionDuration")
    if not given:
        return None
    if len(given) > 1 or not given[0].isdecimal() or len(given[0]) > 5 or not 900 <= int(given[0]) <= 43_200:
        raise InvalidIdentityToken("SessionDuration in AuthnResponse must be 900 to 43200 seconds")
    return timedelta(seconds=int(given[0]))
