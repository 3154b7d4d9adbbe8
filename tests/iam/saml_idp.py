"""A SAML identity provider of the tests: metadata and responses, really signed, and the parts to build forgeries from."""

import base64
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from identity.core import clock, ids

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
NS = {"samlp": SAMLP, "saml": SAML, "ds": DS}
AWS_AUDIENCE = "urn:amazon:webservices"
AWS_RECIPIENT = "https://signin.aws.amazon.com/saml"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
AWS_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes"

Edit = Callable[[Any], Any]  # takes and gives an lxml element


@dataclass(frozen=True)
class KeyPair:
    private_pem: bytes
    certificate_pem: bytes

    @property
    def certificate(self) -> str:
        """As metadata writes it: DER in base64."""
        lines = self.certificate_pem.decode().strip().splitlines()
        return "".join(lines[1:-1])


@cache
def key_pair(name: str = "idp", bits: int = 2048) -> KeyPair:
    """A key with a certificate, made once a name: RSA keys are slow to make. 256 bits are an elliptic curve's."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = (
        ec.generate_private_key(ec.SECP256R1())
        if bits == 256
        else rsa.generate_private_key(public_exponent=65537, key_size=bits)
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))  # long over: only the key of it counts
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(private, certificate.public_bytes(serialization.Encoding.PEM))


@dataclass
class Idp:
    """``sign`` says what is signed: ``assertion``, ``response`` or both."""

    entity_id: str = "https://idp.example/saml"
    key: KeyPair = field(default_factory=key_pair)
    sign: tuple[str, ...] = ("assertion",)
    method: Any = xmlsec.Transform.RSA_SHA256
    digest: Any = xmlsec.Transform.SHA256

    def metadata(self, *keys: KeyPair, valid_until: str = "", role: str = "IDPSSODescriptor") -> str:
        certificates = "".join(
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>'
            f"{key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            for key in (keys or (self.key,))
        )
        ends = f' validUntil="{valid_until}"' if valid_until else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity_id}"{ends}>'
            f'<md:{role} protocolSupportEnumeration="{SAMLP}">{certificates}'
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
            f'Location="{self.entity_id}/sso"/></md:{role}></md:EntityDescriptor>'
        )

    def response(self, name_id: str = "ana", **options: Any) -> str:
        """A response in base64, as a form carries it. Options are those of ``document``."""
        return encoded(self.document(name_id, **options))

    def document(
        self,
        name_id: str = "ana",
        *,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        edit: Edit | None = None,
        edit_signed: Edit | None = None,
        **options: Any,
    ) -> Any:
        """``edit`` changes the response before it is signed, ``edit_signed`` afterwards."""
        root = etree.fromstring(response_text(self.entity_id, name_id, attributes or {}, **options).encode())
        root = edit(root) if edit else root
        for what in ("assertion", "response"):  # from the inside to the outside
            if what in self.sign:
                self.add_signature(root if what == "response" else root.find("saml:Assertion", NS))
        root = again(root)
        return edit_signed(root) if edit_signed else root

    def add_signature(self, element: Any) -> None:
        """Sign an element by its ID and put the signature behind its issuer."""
        signature = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, self.method, ns="ds")
        element.insert(1, signature)
        reference = xmlsec.template.add_reference(signature, self.digest, uri=f"#{element.get('ID')}")
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        data = xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
        xmlsec.template.x509_data_add_certificate(data)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.key.private_pem, xmlsec.KeyFormat.PEM)
        context.key.load_cert_from_memory(self.key.certificate_pem, xmlsec.KeyFormat.PEM)
        xmlsec.tree.add_ids(element, ["ID"])
        context.sign(signature)


def response_text(
    entity_id: str,
    name_id: str,
    attributes: Mapping[str, str | Sequence[str]],
    *,
    audience: str | None = AWS_AUDIENCE,
    recipient: str | None = AWS_RECIPIENT,
    name_format: str = PERSISTENT,
    age: int = 0,
    lifetime: int = 300,
    session_ends: int | None = None,
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success",
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer",
) -> str:
    """An unsigned response with one assertion; ``age``, ``lifetime`` and ``session_ends`` are seconds."""
    issued = clock.now() - dt.timedelta(seconds=age)
    ends = stamp(issued + dt.timedelta(seconds=lifetime))
    restriction = (
        f"<saml:AudienceRestriction><saml:Audience>{escape(audience)}</saml:Audience></saml:AudienceRestriction>"
        if audience is not None
        else ""
    )
    to = f" Recipient={quoteattr(recipient)}" if recipient is not None else ""
    session = (
        f' SessionNotOnOrAfter="{stamp(clock.now() + dt.timedelta(seconds=session_ends))}"'
        if session_ends is not None
        else ""
    )
    return (
        f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_{ids.uuid()}" Version="2.0" '
        f'IssueInstant="{stamp(issued)}" Destination="{AWS_RECIPIENT}"><saml:Issuer>{escape(entity_id)}</saml:Issuer>'
        f'<samlp:Status><samlp:StatusCode Value="{status}"/></samlp:Status>'
        f'<saml:Assertion ID="_{ids.uuid()}" Version="2.0" IssueInstant="{stamp(issued)}">'
        f"<saml:Issuer>{escape(entity_id)}</saml:Issuer>"
        f'<saml:Subject><saml:NameID Format="{name_format}">{escape(name_id)}</saml:NameID>'
        f'<saml:SubjectConfirmation Method="{method}">'
        f'<saml:SubjectConfirmationData NotOnOrAfter="{ends}"{to}/></saml:SubjectConfirmation></saml:Subject>'
        f'<saml:Conditions NotBefore="{stamp(issued)}" NotOnOrAfter="{ends}">{restriction}</saml:Conditions>'
        f'<saml:AuthnStatement AuthnInstant="{stamp(issued)}" SessionIndex="_1"{session}><saml:AuthnContext>'
        "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>"
        "</saml:AuthnContext></saml:AuthnStatement>"
        f"{_attribute_statement(attributes)}</saml:Assertion></samlp:Response>"
    )


def _attribute_statement(attributes: Mapping[str, str | Sequence[str]]) -> str:
    if not attributes:
        return ""
    parts = []
    for name, given in attributes.items():
        values = [given] if isinstance(given, str) else given
        texts = "".join(f"<saml:AttributeValue>{escape(one)}</saml:AttributeValue>" for one in values)
        parts.append(f"<saml:Attribute Name={quoteattr(name)}>{texts}</saml:Attribute>")
    return f"<saml:AttributeStatement>{''.join(parts)}</saml:AttributeStatement>"


def stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def again(root: Any) -> Any:
    """Written and read: lxml does not find elements by name that xmlsec has just made."""
    return etree.fromstring(etree.tostring(root))


def encoded(document: Any) -> str:
    raw = document if isinstance(document, bytes) else etree.tostring(document)
    return base64.b64encode(raw).decode()
