"""Metadata of an identity provider: who it is, and the keys that sign for it.

Source: SAML 2.0 Metadata §2.3.2, §2.4.1, §2.4.3; IAM user guide, "Create a SAML identity provider in IAM".
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from identity.iam.saml import xml

LONGEST: Final = 1_000_000
"""Characters. IAM's own bound of ten million serves whole federations; a provider is one entity of them."""
LONGEST_ENTITY_ID: Final = 1_024
MOST_KEYS: Final = 10
"""Each signature is tried against each key."""
RSA_BITS: Final = 2_048

_SAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"


@dataclass(frozen=True, slots=True)
class Metadata:
    """``certificates`` are those of the signing keys, DER in base64. ``valid_until`` None: without end."""

    entity_id: str
    certificates: tuple[str, ...]
    valid_until: datetime | None


def read(document: str) -> Metadata:
    """What metadata of one identity provider says. Raises ``xml.Malformed``, ``xml.NotInstalled``."""
    if len(document) > LONGEST:
        raise xml.Malformed(f"longer than {LONGEST} characters")
    entity, role = _only_provider(xml.parse_text(document))
    entity_id = entity.get("entityID", "").strip()
    if not 0 < len(entity_id) <= LONGEST_ENTITY_ID or not entity_id.isprintable():
        raise xml.Malformed("no usable entityID")
    certificates = tuple(dict.fromkeys(_signing_certificates(role)))
    if not 0 < len(certificates) <= MOST_KEYS:
        raise xml.Malformed(f"needs 1 to {MOST_KEYS} signing certificates")
    ends = [xml.time(one.get("validUntil")) for one in (entity, role) if one.get("validUntil")]
    return Metadata(entity_id, certificates, min(ends, default=None))


def _only_provider(root: xml.Element) -> tuple[xml.Element, xml.Element]:
    """The one entity that is an identity provider for SAML 2.0, and its role descriptor."""
    is_entity = root.tag == xml.name("md", "EntityDescriptor")
    entities = [root] if is_entity else xml.all_of(root, "md:EntityDescriptor")
    found = [
        (entity, role)
        for entity in entities
        for role in xml.all_of(entity, "md:IDPSSODescriptor")
        if _SAML2 in role.get("protocolSupportEnumeration", "").split()
    ]
    if len(found) != 1:
        raise xml.Malformed("must describe exactly one SAML 2.0 identity provider")
    return found[0]


def _signing_certificates(role: xml.Element) -> Iterator[str]:
    for descriptor in xml.all_of(role, "md:KeyDescriptor"):
        if descriptor.get("use", "signing") == "signing":
            for element in xml.all_of(descriptor, "ds:KeyInfo/ds:X509Data/ds:X509Certificate"):
                yield _checked("".join(xml.text_of(element).split()))


def _checked(certificate: str) -> str:
    """A certificate with a key that may sign. When it ends doesn't matter, as in IAM: it only carries the key."""
    try:
        der = base64.b64decode(certificate, validate=True)
        key = x509.load_der_x509_certificate(der).public_key()
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise xml.Malformed("a certificate is unreadable") from error
    is_strong = isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= RSA_BITS
    )
    if not is_strong:
        raise xml.Malformed(f"a signing key must be RSA of {RSA_BITS} bits or more, or ECDSA")
    return certificate
