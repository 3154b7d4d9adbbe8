"""What a SAML response proves: its signature first, then every condition under which the assertion counts.

Source: SAML 2.0 Core §2; SAML 2.0 Profiles §4.1.4 (web browser SSO); STS API reference, AssumeRoleWithSAML; IAM user
guide, "Troubleshoot SAML federation" (the texts).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from identity.iam.saml import signatures, xml

FRESH: Final = timedelta(minutes=5)
"""How long after it was made an assertion counts."""
SKEW: Final = timedelta(minutes=5)
"""How far a provider's clock may be ahead of ours."""
LONGEST_NAME_ID: Final = 1_024
LONGEST_ID: Final = 1_024

_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_UNDERSTOOD = frozenset(
    xml.name("saml", one) for one in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")
)


class Invalid(Exception):
    """A response that proves nothing. ``message`` is for who sent it, ``why`` for the log."""

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(why or message)
        self.message, self.why = message, why


class Expired(Invalid):
    """It proved something, once."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose response it must be, and whom it must be meant for."""

    entity_id: str
    certificates: tuple[str, ...]
    audiences: frozenset[str]
    recipients: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assertion:
    """A proven assertion. ``recipient`` is where its bearer confirmation was sent to; ``session_ends`` the provider's own
    bound of the session, if it set one."""

    id: str
    issuer: str
    name_id: str = field(repr=False)
    name_format: str
    recipient: str
    issued_at: datetime
    session_ends: datetime | None
    attributes: Mapping[str, tuple[str, ...]] = field(repr=False)

    def values(self, attribute: str) -> tuple[str, ...]:
        """The values of an attribute, none where it isn't there."""
        return self.attributes.get(attribute, ())


def verify(text: str, expected: Expected, *, now: datetime) -> Assertion:
    """The assertion of a response (base64) that counts now. Raises ``Invalid`` and its ``Expired``, ``NotInstalled``.

    Whether it was used before is not asked here: ``Assertion.id`` is there to be spent.
    """
    root = _root(text)
    try:
        _check_response(root, expected)
        assertion = signatures.signed_assertion(root, expected.certificates)
        return _read(assertion, expected, now)
    except signatures.Untrusted as error:
        raise Invalid("Response signature invalid", str(error)) from error
    except xml.Malformed as error:
        raise Invalid("Invalid SAML response", str(error)) from error


def _root(text: str) -> xml.Element:
    try:
        raw = signatures.decoded(text)
    except ValueError as error:  # also what is no ASCII
        raise Invalid("Invalid base64 SAMLResponse") from error
    try:
        return xml.parse(raw)
    except xml.Malformed as error:
        raise Invalid("Invalid SAML response", str(error)) from error


def _check_response(root: xml.Element, expected: Expected) -> None:
    """The envelope, which need not be signed: it can only make things worse."""
    if root.tag != signatures.RESPONSE or root.get("Version") != "2.0":
        raise Invalid("Invalid SAML response", "no SAML 2.0 response")
    codes = xml.all_of(root, "samlp:Status/samlp:StatusCode")
    if [code.get("Value") for code in codes] != [_SUCCESS]:
        raise Invalid("Invalid SAML response", "the provider reports a failure")
    if next(root.iter(xml.name("saml", "EncryptedAssertion")), None) is not None:
        raise Invalid("Encrypted assertions are not supported")
    issuers = [xml.text_of(issuer) for issuer in xml.all_of(root, "saml:Issuer")]
    if issuers not in ([], [expected.entity_id]):
        raise Invalid("Issuer not present in specified provider")
    if root.get("Destination", "") not in (expected.recipients | {""}):
        raise Invalid("Response is meant for another destination")


def _read(assertion: xml.Element, expected: Expected, now: datetime) -> Assertion:
    if assertion.get("Version") != "2.0" or not 0 < len(assertion.get("ID", "")) <= LONGEST_ID:
        raise xml.Malformed("no SAML 2.0 assertion")
    issuer = xml.text_of(_one(assertion, "saml:Issuer"))
    if issuer != expected.entity_id:
        raise Invalid("Issuer not present in specified provider")
    issued_at = xml.time(assertion.get("IssueInstant", ""))
    _check_freshness(issued_at, now)
    _check_conditions(_one(assertion, "saml:Conditions"), expected, now)
    subject = _one(assertion, "saml:Subject")
    name_id = _one(subject, "saml:NameID")
    return Assertion(
        id=assertion.get("ID"),
        issuer=issuer,
        name_id=_name(name_id),
        name_format=name_id.get("Format", ""),
        recipient=_recipient(subject, expected, now),
        issued_at=issued_at,
        session_ends=_session_ends(assertion, now),
        attributes=_attributes(assertion),
    )


def _one(element: xml.Element, path: str) -> xml.Element:
    found = xml.all_of(element, path)
    if len(found) != 1:
        raise xml.Malformed(f"needs exactly one {path}")
    return found[0]


def _check_freshness(issued_at: datetime, now: datetime) -> None:
    if issued_at > now + SKEW:
        raise Invalid("Response is not yet valid")
    if now - issued_at >= FRESH:
        raise Expired("Token must be redeemed within 5 minutes of issuance")


def _check_conditions(conditions: xml.Element, expected: Expected, now: datetime) -> None:
    _check_times(conditions, now)
    if not {one.tag for one in conditions} <= _UNDERSTOOD:
        raise xml.Malformed("a condition that is not understood")
    restrictions = xml.all_of(conditions, "saml:AudienceRestriction")
    for restriction in restrictions:  # each of them must hold
        audiences = {xml.text_of(one) for one in xml.all_of(restriction, "saml:Audience")}
        if not audiences & expected.audiences:
            raise Invalid("Response does not contain the required audience.")
    if not restrictions:
        raise Invalid("Response does not contain the required audience.")


def _check_times(element: xml.Element, now: datetime) -> None:
    begins, ends = element.get("NotBefore"), element.get("NotOnOrAfter")
    if begins is not None and xml.time(begins) > now + SKEW:
        raise Invalid("Response is not yet valid")
    if ends is not None and xml.time(ends) <= now:
        raise Expired("Response has expired")


def _name(name_id: xml.Element) -> str:
    xml.text_of(name_id)
    name: str = name_id.text or ""  # white space included: who has it in their name is somebody else
    if not 0 < len(name.strip()) <= len(name) <= LONGEST_NAME_ID or any(one < " " for one in name):
        raise xml.Malformed("no usable NameID")
    return name


def _recipient(subject: xml.Element, expected: Expected, now: datetime) -> str:
    """Where a bearer confirmation says that it was sent to. One confirmation that holds is enough (Core §2.4.1)."""
    refusal: Invalid = Invalid("Invalid SAML response", "no bearer confirmation")
    for confirmation in xml.all_of(subject, "saml:SubjectConfirmation"):
        if confirmation.get("Method") != _BEARER:
            continue
        try:
            return _confirmed(confirmation, expected, now)
        except Invalid as error:
            refusal = error
    raise refusal


def _confirmed(confirmation: xml.Element, expected: Expected, now: datetime) -> str:
    data = _one(confirmation, "saml:SubjectConfirmationData")
    recipient: str = data.get("Recipient", "")
    if recipient not in expected.recipients:
        raise Invalid("Response is meant for another recipient")
    if data.get("NotOnOrAfter") is None:
        raise Invalid("Invalid SAML response", "a confirmation without end")
    _check_times(data, now)
    return recipient


def _session_ends(assertion: xml.Element, now: datetime) -> datetime | None:
    statements = xml.all_of(assertion, "saml:AuthnStatement")
    if not statements:
        raise xml.Malformed("says nothing of an authentication")
    ends = [xml.time(one.get("SessionNotOnOrAfter")) for one in statements if one.get("SessionNotOnOrAfter")]
    if ends and min(ends) <= now:
        raise Expired("Response has expired", "the provider's session is over")
    return min(ends, default=None)


def _attributes(assertion: xml.Element) -> dict[str, tuple[str, ...]]:
    """Attributes by name; one that is there twice has the values of both."""
    found: dict[str, tuple[str, ...]] = {}
    if xml.all_of(assertion, "saml:AttributeStatement/saml:EncryptedAttribute"):
        raise xml.Malformed("encrypted attributes are not supported")
    for attribute in xml.all_of(assertion, "saml:AttributeStatement/saml:Attribute"):
        name = attribute.get("Name", "")
        found[name] = (*found.get(name, ()), *_values(attribute))
    return found


def _values(attribute: xml.Element) -> Iterator[str]:
    """The texts of an attribute; a name id inside a value (eduPersonTargetedID) counts as its text."""
    for value in xml.all_of(attribute, "saml:AttributeValue"):
        inner = xml.all_of(value, "saml:NameID")
        text = xml.text_of(inner[0] if len(value) == 1 and inner else value)
        if text:
            yield text
