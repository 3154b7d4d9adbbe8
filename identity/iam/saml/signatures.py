"""Which part of a response is really signed: that part, and nothing around it, is what may be read.

The look before the signature is verified keeps out what signature wrapping lives on: a second assertion, an ID that is
there twice, a signature that signs something else than what it stands in, transforms that leave things out.

Source: SAML 2.0 Core §5.4; XML Signature Syntax and Processing 1.1 §4.4; "On Breaking SAML: Be Whoever You Want to Be"
(USENIX Security 2012).
"""

import base64
import textwrap
from collections.abc import Iterable
from typing import Final

from identity.iam.saml import xml

RESPONSE: Final = xml.name("samlp", "Response")
ASSERTION: Final = xml.name("saml", "Assertion")

_SIGNATURE = xml.name("ds", "Signature")
# Comments are gone when a signature is looked at: with or without them is the same.
_CANONICAL = frozenset(
    {
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    }
)
_TRANSFORMS = frozenset({"http://www.w3.org/2000/09/xmldsig#enveloped-signature", *_CANONICAL})
_METHODS = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-sha{bits}"
    for kind in ("rsa", "ecdsa")
    for bits in (256, 384, 512)
)
_DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


class Untrusted(Exception):
    """Nothing of the response is signed as it must be. The text is for the log."""


def signed_assertion(root: xml.Element, certificates: Iterable[str]) -> xml.Element:
    """The response's one assertion, read anew out of the very bytes that one of the certificates' keys signed.

    Every signature in the response must be good; at least one must cover the assertion. Raises ``Untrusted``.
    """
    assertion = _only_assertion(root)
    signatures = list(root.iter(_SIGNATURE))
    if not signatures:
        raise Untrusted("not signed")
    if len({one.getparent().tag for one in signatures}) < len(signatures):
        raise Untrusted("two signatures of one element")
    for signature in signatures:
        _check_form(signature, (root, assertion))
    pem = [_pem(certificate) for certificate in certificates]
    for signature in signatures:
        _verify(root, signature, pem)
    return _reread(assertion)


def _only_assertion(root: xml.Element) -> xml.Element:
    found = list(root.iter(ASSERTION))
    if len(found) != 1 or found[0].getparent() is not root:
        raise Untrusted("not exactly one assertion in its place")
    # By the local name, as xmlsec looks for them: an ID of another namespace would be found as well.
    given = [
        value
        for one in root.iter()
        for name, value in one.attrib.items()
        if name.rpartition("}")[2].lower() == "id"
    ]
    if len(set(given)) < len(given):
        raise Untrusted("an ID is there twice")
    return found[0]


def _check_form(signature: xml.Element, may_be_signed: tuple[xml.Element, ...]) -> None:
    """An enveloped signature of exactly the element that it stands in, made by nothing but allowed methods."""
    parent = signature.getparent()
    if not any(parent is one for one in may_be_signed):
        raise Untrusted("a signature in the wrong place")
    if [one.tag for one in signature] not in (_parts(), _parts()[:2]):
        raise Untrusted("a signature holds more than a signature")
    info = signature[0]
    references = xml.all_of(info, "ds:Reference")
    if len(references) != 1 or [one.tag for one in info] != _info_parts():
        raise Untrusted("a signature needs exactly one reference")
    own_id = parent.get("ID")
    if not own_id or references[0].get("URI") != f"#{own_id}":
        raise Untrusted("a signature of something else than it stands in")
    _check_methods(info, references[0])


def _parts() -> list[str]:
    return [xml.name("ds", one) for one in ("SignedInfo", "SignatureValue", "KeyInfo")]


def _info_parts() -> list[str]:
    return [xml.name("ds", one) for one in ("CanonicalizationMethod", "SignatureMethod", "Reference")]


def _check_methods(info: xml.Element, reference: xml.Element) -> None:
    transforms = xml.all_of(reference, "ds:Transforms/ds:Transform")
    allowed = (
        info[0].get("Algorithm") in _CANONICAL
        and info[1].get("Algorithm") in _METHODS
        and {one.get("Algorithm") for one in xml.all_of(reference, "ds:DigestMethod")} <= _DIGESTS
        and 1 <= len(transforms) <= 2
        and all(one.get("Algorithm") in _TRANSFORMS for one in transforms)
    )
    if not allowed:
        raise Untrusted("a method that is not allowed")


def _pem(certificate: str) -> str:
    lines = textwrap.fill(certificate, 64)
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def _verify(root: xml.Element, signature: xml.Element, certificates: Iterable[str]) -> None:
    """By the metadata's keys alone: a key that the signature itself brings is not looked at."""
    xmlsec = xml.library("xmlsec")
    utils = xml.library("onelogin.saml2.utils").OneLogin_Saml2_Utils
    xmlsec.tree.add_ids(root, ["ID"])
    for certificate in certificates:
        if utils.validate_node_sign(signature, root, cert=certificate):
            return
    raise Untrusted("no key of the provider made the signature")


def _reread(assertion: xml.Element) -> xml.Element:
    """The assertion as the signature's own transform writes it, parsed again on its own."""
    etree = xml.library("lxml.etree")
    return xml.parse(etree.tostring(assertion, method="c14n", exclusive=True, with_comments=False))


def decoded(text: str) -> bytes:
    """A response out of the base64 that a form carried it in. Raises ``ValueError``."""
    return base64.b64decode("".join(text.split()), validate=True)
