"""What the attributes of an assertion mean here: roles, session name, tags, condition keys.

Source: IAM user guide, "Configure SAML assertions for the authentication response", "Available keys for SAML-based AWS
STS federation", "Passing session tags using AssumeRoleWithSAML".
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from identity.iam.saml.response import Assertion

NAME: Final = "https://aws.amazon.com/SAML/Attributes/"
TAG: Final = f"{NAME}PrincipalTag:"
SESSION_NAME: Final = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")

_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_PERSON = "urn:oid:1.3.6.1.4.1.5923.1.1.1."
_ORGANISATION = "urn:oid:1.3.6.1.4.1.5923.1.2.1."
_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_SINGLE: Final = {
    f"{_ORGANISATION}2": "eduorghomepageuri",
    f"{_ORGANISATION}3": "eduorgidentityauthnpolicyuri",
    f"{_ORGANISATION}4": "eduorglegalname",
    f"{_ORGANISATION}5": "eduorgsuperioruri",
    f"{_ORGANISATION}6": "eduorgwhitepagesuri",
    "urn:oid:2.5.4.3": "cn",
    f"{_CLAIM}name": "name",
    "http://schemas.xmlsoap.org/claims/CommonName": "commonName",
    f"{_CLAIM}givenname": "givenName",
    f"{_CLAIM}surname": "surname",
    f"{_CLAIM}emailaddress": "mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "uid",
    "urn:oid:2.5.4.4": "surname",
    "urn:oid:2.5.4.42": "givenName",
    "urn:oid:2.5.4.45": "x500UniqueIdentifier",
    "urn:oid:0.9.2342.19200300100.1.1": "uid",
    "urn:oid:0.9.2342.19200300100.1.3": "mail",
    "urn:oid:0.9.2342.19200300100.1.45": "organizationStatus",
}
_LISTS: Final = {
    f"{_PERSON}1": "edupersonaffiliation",
    f"{_PERSON}2": "edupersonnickname",
    f"{_PERSON}3": "edupersonorgdn",
    f"{_PERSON}4": "edupersonorgunitdn",
    f"{_PERSON}5": "edupersonprimaryaffiliation",
    f"{_PERSON}6": "edupersonprincipalname",
    f"{_PERSON}7": "edupersonentitlement",
    f"{_PERSON}8": "edupersonprimaryorgunitdn",
    f"{_PERSON}9": "edupersonscopedaffiliation",
    f"{_PERSON}10": "edupersontargetedid",
    f"{_PERSON}11": "edupersonassurance",
}


def roles_for(assertion: Assertion, provider_arn: str) -> tuple[str, ...]:
    """The roles that the assertion grants: pairs of a role's and this provider's ARN, in either order."""
    pairs = [[part.strip() for part in one.split(",")] for one in assertion.values(f"{NAME}Role")]
    found = [
        role
        for pair in pairs
        if len(pair) == 2
        for role, provider in (pair, pair[::-1])
        if provider == provider_arn != role
    ]
    return tuple(dict.fromkeys(found))


def subject_type(assertion: Assertion) -> str:
    """The format of the NameID: the last word of SAML 2.0's own ones, others whole."""
    return assertion.name_format.removeprefix(_FORMAT) or _UNSPECIFIED


def name_qualifier(issuer: str, account_id: str, provider_name: str) -> str:
    """What, with the subject, names a person for ever: a hash of the provider. SHA-1 is the interface."""
    text = f"{issuer}{account_id}/{provider_name}"
    return base64.b64encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest()).decode()


def tags(assertion: Assertion) -> dict[str, tuple[str, ...]]:
    """Session tags with the values that were given; a tag must have one."""
    return {
        name.removeprefix(TAG): values
        for name, values in assertion.attributes.items()
        if name.startswith(TAG)
    }


def condition_keys(assertion: Assertion) -> Mapping[str, str | Sequence[str]]:
    """The ``saml:`` keys that come out of attributes, for trust policies."""
    keys: dict[str, str | Sequence[str]] = {}
    for name, values in assertion.attributes.items():
        if name in _LISTS:
            keys[f"saml:{_LISTS[name]}"] = list(values)
        elif name in _SINGLE and len(values) == 1:
            keys.setdefault(f"saml:{_SINGLE[name]}", values[0])
    return keys
