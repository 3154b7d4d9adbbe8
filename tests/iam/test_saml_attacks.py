"""Forged, altered, redirected and late SAML responses: each is refused, beside the honest one that is not."""

import base64
import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
import xmlsec
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from identity.core import clock
from identity.iam.saml import response, xml
from identity.iam.saml.response import Assertion, Expected, Expired, Invalid
from tests.iam import saml_idp
from tests.iam.saml_idp import AWS_AUDIENCE, AWS_RECIPIENT, DS, NS, SAML, Idp, encoded, key_pair

pytestmark = pytest.mark.core_suite

IDP = Idp()
EXPECTED = Expected(
    entity_id=IDP.entity_id,
    certificates=(IDP.key.certificate,),
    audiences=frozenset({AWS_AUDIENCE}),
    recipients=frozenset({AWS_RECIPIENT}),
)
Attack = Callable[[], Any]


def verify(text: str, expected: Expected = EXPECTED) -> Assertion:
    return response.verify(text, expected, now=clock.now())


def refused(text: str, expected: Expected = EXPECTED) -> str:
    """The message of the refusal."""
    with pytest.raises(Invalid) as found:
        verify(text, expected)
    return found.value.message


def assertion_in(root: Any) -> Any:
    return root.find("saml:Assertion", NS)


def signature_in(element: Any) -> Any:
    return element.find("ds:Signature", NS)


def with_text(path: str, text: str) -> Callable[[Any], Any]:
    def edit(root: Any) -> Any:
        root.find(path, NS).text = text
        return root

    return edit


def with_attribute(path: str, name: str, value: str | None) -> Callable[[Any], Any]:
    def edit(root: Any) -> Any:
        element = root if path == "." else root.find(path, NS)
        if value is None:
            del element.attrib[name]
        else:
            element.set(name, value)
        return root

    return edit


def without(path: str) -> Callable[[Any], Any]:
    def edit(root: Any) -> Any:
        element = root.find(path, NS)
        element.getparent().remove(element)
        return root

    return edit


@pytest.mark.parametrize("sign", [("assertion",), ("response",), ("assertion", "response")])
def test_an_honest_response_counts_whichever_part_is_signed(sign: tuple[str, ...]) -> None:
    found = verify(replace(IDP, sign=sign).response("ana", attributes={"dept": ["a", "b"]}))

    assert (found.name_id, found.issuer, found.recipient) == ("ana", IDP.entity_id, AWS_RECIPIENT)
    assert found.attributes == {"dept": ("a", "b")}


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (xmlsec.Transform.RSA_SHA384, xmlsec.Transform.SHA384),
        (xmlsec.Transform.RSA_SHA512, xmlsec.Transform.SHA512),
    ],
)
def test_stronger_methods_count_too(method: Any, digest: Any) -> None:
    assert verify(replace(IDP, method=method, digest=digest).response()).name_id == "ana"


def test_an_elliptic_curve_signs_as_well() -> None:
    key = key_pair("curve", 256)
    curve = replace(IDP, key=key, method=xmlsec.Transform.ECDSA_SHA256)

    assert verify(curve.response(), replace(EXPECTED, certificates=(key.certificate,))).name_id == "ana"
    assert refused(curve.response()) == "Response signature invalid"


def test_any_of_the_metadatas_keys_may_have_signed() -> None:
    rolled = replace(EXPECTED, certificates=(key_pair("next").certificate, IDP.key.certificate))

    assert verify(IDP.response(), rolled).name_id == "ana"


# Signatures


def test_unsigned() -> None:
    assert refused(replace(IDP, sign=()).response()) == "Response signature invalid"


def test_a_key_that_the_response_brings_itself() -> None:
    stranger = replace(IDP, key=key_pair("stranger"))

    assert refused(stranger.response()) == "Response signature invalid"


@pytest.mark.parametrize(
    "edit",
    [
        with_text("saml:Assertion/saml:Subject/saml:NameID", "admin"),
        with_text("saml:Assertion/saml:AttributeStatement/saml:Attribute/saml:AttributeValue", "root"),
        with_attribute("saml:Assertion/saml:Conditions", "NotOnOrAfter", "2099-01-01T00:00:00Z"),
        with_attribute("saml:Assertion", "IssueInstant", "2099-01-01T00:00:00Z"),
        with_text("saml:Assertion/ds:Signature/ds:SignatureValue", "AAAA"),
        with_text("saml:Assertion/ds:Signature/ds:SignedInfo/ds:Reference/ds:DigestValue", "A" * 43 + "="),
        without("saml:Assertion/ds:Signature"),
        without("saml:Assertion/ds:Signature/ds:SignatureValue"),
        without("saml:Assertion/ds:Signature/ds:SignedInfo/ds:Reference"),
    ],
)
def test_altered_after_it_was_signed(edit: Callable[[Any], Any]) -> None:
    altered = IDP.document(attributes={"dept": "notes"}, edit_signed=edit)

    assert refused(encoded(altered)) == "Response signature invalid"


def test_sha1_is_too_weak() -> None:
    old = replace(IDP, method=xmlsec.Transform.RSA_SHA1, digest=xmlsec.Transform.SHA1)

    assert refused(old.response()) == "Response signature invalid"


def test_a_public_key_is_no_secret_of_an_hmac() -> None:
    root = IDP.document()
    method = root.find("saml:Assertion/ds:Signature/ds:SignedInfo/ds:SignatureMethod", NS)
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_binary_data(xmlsec.KeyData.HMAC, IDP.key.certificate_pem)
    context.register_id(assertion_in(root), "ID")
    signature = signature_in(assertion_in(root))
    signature.remove(signature.find("ds:KeyInfo", NS))
    context.sign(signature)

    assert refused(encoded(root)) == "Response signature invalid"


# Wrapping: what is signed stays somewhere, what is read would be the forgery


def forged_from(original: Any) -> Any:
    """An unsigned copy of an assertion that speaks of somebody else."""
    forged = copy.deepcopy(original)
    forged.remove(signature_in(forged))
    forged.set("ID", "_forged")
    forged.find("saml:Subject/saml:NameID", NS).text = "admin"
    return forged


def beside(before: bool) -> Any:
    """XSW3, XSW4's siblings: the forgery beside the signed one."""
    root = IDP.document()
    original = assertion_in(root)
    place = list(root).index(original)
    root.insert(place if before else place + 1, forged_from(original))
    return root


def around() -> Any:
    """XSW4: the signed assertion inside the forged one."""
    root = IDP.document()
    original = assertion_in(root)
    forged = forged_from(original)
    root.replace(original, forged)
    forged.append(original)
    return root


def in_object() -> Any:
    """XSW7, XSW8: the signed assertion inside an Object of the forgery's signature, which still refers to it."""
    root = IDP.document()
    original = assertion_in(root)
    forged = forged_from(original)
    signature = signature_in(original)
    root.replace(original, forged)
    original.remove(signature)
    forged.insert(1, signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(original)
    return root


def in_extensions() -> Any:
    """XSW5's way: the signed assertion hidden in the response's Extensions."""
    root = IDP.document()
    original = assertion_in(root)
    root.replace(original, forged_from(original))
    extensions = etree.Element(f"{{{saml_idp.SAMLP}}}Extensions")
    root.insert(1, extensions)
    extensions.append(original)
    return root


def signature_moved() -> Any:
    """XSW6's way: the forgery carries a copy of the signature, whose reference names the hidden original."""
    root = IDP.document()
    original = assertion_in(root)
    forged = forged_from(original)
    signature = signature_in(original)
    forged.insert(1, copy.deepcopy(signature))
    root.replace(original, forged)
    forged.append(original)
    return root


def same_id() -> Any:
    """The forgery bears the very ID that the signature refers to."""
    root = beside(before=True)
    assertion_in(root).set("ID", root.findall("saml:Assertion", NS)[1].get("ID"))
    return root


def response_in_response() -> Any:
    """XSW1, XSW2: a signed response inside a forged one."""
    original = replace(IDP, sign=("response",)).document()
    forged = copy.deepcopy(original)
    signature = signature_in(forged)
    forged.remove(signature)
    forged.set("ID", "_forged")
    forged.find("saml:Assertion/saml:Subject/saml:NameID", NS).text = "admin"
    forged.find("saml:Assertion", NS).set("ID", "_forged-assertion")
    forged.insert(1, signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(original)
    return forged


def unsigned_in_place_of_signed() -> Any:
    """The signature of an assertion that was taken out, left in the response."""
    root = IDP.document()
    original = assertion_in(root)
    forged = forged_from(original)
    root.replace(original, forged)
    root.insert(1, signature_in(original))
    return root


def assertion_in_attribute() -> Any:
    """A forged assertion as the value of a signed one's attribute."""

    def edit(root: Any) -> Any:
        value = root.find("saml:Assertion/saml:AttributeStatement/saml:Attribute/saml:AttributeValue", NS)
        inner = etree.SubElement(value, f"{{{SAML}}}Assertion", ID="_inner", Version="2.0")
        etree.SubElement(inner, f"{{{SAML}}}Issuer").text = IDP.entity_id
        return root

    return IDP.document(attributes={"a": "b"}, edit=edit)


@pytest.mark.parametrize(
    "attack",
    [
        lambda: beside(before=True),
        lambda: beside(before=False),
        around,
        in_object,
        in_extensions,
        signature_moved,
        same_id,
        response_in_response,
        unsigned_in_place_of_signed,
        assertion_in_attribute,
    ],
    ids=[
        "forgery-first", "forgery-last", "around", "in-object", "in-extensions", "signature-moved", "same-id",
        "response-in-response", "signature-left-behind", "assertion-in-attribute",
    ],
)  # fmt: skip
def test_signature_wrapping(attack: Attack) -> None:
    assert refused(encoded(attack())) == "Response signature invalid"


def resigned(change: Callable[[Any, Any], None]) -> str:
    """A response whose signature template is changed and which is then really signed by the provider's key."""
    root = IDP.document()
    signature = signature_in(assertion_in(root))
    change(root, signature)
    for path in ("ds:SignatureValue", "ds:SignedInfo/ds:Reference/ds:DigestValue"):
        for element in signature.findall(path, NS):
            element.text = None
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(IDP.key.private_pem, xmlsec.KeyFormat.PEM)
    xmlsec.tree.add_ids(root, ["ID"])
    context.sign(signature)
    return encoded(root)


def whole_document(root: Any, signature: Any) -> None:
    signature.find("ds:SignedInfo/ds:Reference", NS).set("URI", "")


def another_element(root: Any, signature: Any) -> None:
    issuer = root.find("saml:Assertion/saml:Issuer", NS)
    issuer.set("ID", "_issuer")
    signature.find("ds:SignedInfo/ds:Reference", NS).set("URI", "#_issuer")


def second_reference(root: Any, signature: Any) -> None:
    reference = signature.find("ds:SignedInfo/ds:Reference", NS)
    reference.addnext(copy.deepcopy(reference))


def xpath_transform(root: Any, signature: Any) -> None:
    """All but the issuer is left out of the digest: anything else could be changed later."""
    transforms = signature.find("ds:SignedInfo/ds:Reference/ds:Transforms", NS)
    transforms[1].set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    etree.SubElement(transforms[1], f"{{{DS}}}XPath").text = "ancestor-or-self::*[local-name()='Issuer']"


@pytest.mark.parametrize("change", [whole_document, another_element, second_reference, xpath_transform])
def test_a_good_signature_of_the_wrong_thing(change: Callable[[Any, Any], None]) -> None:
    assert refused(resigned(change)) == "Response signature invalid"


def test_a_signature_that_is_made_anew_without_a_change_counts() -> None:
    assert verify(resigned(lambda _root, _signature: None)).name_id == "ana"


@pytest.mark.parametrize("sign", [("assertion",), ("response",), ("assertion", "response")])
def test_one_bad_signature_of_two_spoils_all(sign: tuple[str, ...]) -> None:
    stranger = replace(IDP, key=key_pair("stranger"))
    root = replace(IDP, sign=sign).document()
    stranger.add_signature(root)

    assert refused(encoded(root)) == "Response signature invalid"


# XML


def raw(edit: Callable[[bytes], bytes]) -> str:
    return encoded(edit(etree.tostring(IDP.document())))


DOCTYPES = [
    b'<!DOCTYPE r [<!ENTITY x "ana">]>',
    b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/evil.dtd">',
    b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>',
    b"<!DOCTYPE r [<!ATTLIST Issuer ID ID #IMPLIED>]>",
]


@pytest.mark.parametrize("doctype", DOCTYPES, ids=["entity", "file", "network", "laughs", "attlist"])
def test_document_types_are_refused(doctype: bytes) -> None:
    assert refused(raw(lambda text: doctype + text)) == "Invalid SAML response"
    with_entity = raw(lambda text: doctype + text.replace(b">ana<", b">&x;<"))
    assert refused(with_entity) == "Invalid SAML response"


def test_a_comment_does_not_cut_a_name_short() -> None:
    """CVE-2017-11427 and its kin: signatures don't see comments, so the name must be read across them."""
    plain = etree.tostring(IDP.document("admin@corp.example.evil.example"))

    commented = plain.replace(b"corp.example.evil", b"corp.example<!-- -->.evil")

    assert verify(encoded(commented)).name_id == "admin@corp.example.evil.example"


def test_a_processing_instruction_does_not_cut_a_name_short_either() -> None:
    cut = raw(lambda text: text.replace(b">ana<", b">a<?x y?>na<"))

    assert verify(cut).name_id == "ana"


def test_elements_in_a_name_are_refused() -> None:
    def edit(root: Any) -> Any:
        etree.SubElement(root.find("saml:Assertion/saml:Subject/saml:NameID", NS), "x").tail = ".evil"
        return root

    assert refused(encoded(IDP.document(edit=edit))) == "Invalid SAML response"


@pytest.mark.parametrize(
    "text",
    [
        "", "====", "é", "\ud800", "\0", "AAAA", "PHg+", base64.b64encode(b"<a/>").decode(),
        base64.b64encode(b"<a>" * 5000).decode(), base64.b64encode(b"\xff\xfe<\0a\0/\0>\0").decode(),
        base64.b64encode(b'<?xml version="1.0" encoding="utf-7"?><a/>').decode(),
    ],
)  # fmt: skip
def test_garbage(text: str) -> None:
    assert refused(text) in ("Invalid base64 SAMLResponse", "Invalid SAML response")


def test_white_space_in_base64_is_how_forms_send_it() -> None:
    text = IDP.response()

    assert verify("\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))).name_id == "ana"


# What the assertion says


def says(edit: Callable[[Any], Any] | None = None, **options: Any) -> str:
    return encoded(IDP.document(edit=edit, **options))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: says(audience="urn:someone:else"), "Response does not contain the required audience."),
        (lambda: says(audience=None), "Response does not contain the required audience."),
        (lambda: says(audience=f"{AWS_AUDIENCE}x"), "Response does not contain the required audience."),
        (lambda: says(recipient="https://other.example/saml"), "Response is meant for another recipient"),
        (lambda: says(recipient=f"{AWS_RECIPIENT}/x"), "Response is meant for another recipient"),
        (lambda: says(recipient=None), "Response is meant for another recipient"),
        (lambda: says(with_attribute(".", "Destination", "https://x.example")), "Response is meant for another destination"),
        (lambda: says(age=301, lifetime=900), "Token must be redeemed within 5 minutes of issuance"),
        (lambda: says(age=120, lifetime=60), "Response has expired"),
        (lambda: says(age=-400, lifetime=900), "Response is not yet valid"),
        (lambda: says(session_ends=-1), "Response has expired"),
        (lambda: says(status="urn:oasis:names:tc:SAML:2.0:status:Responder"), "Invalid SAML response"),
        (lambda: says(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"), "Invalid SAML response"),
        (lambda: says(with_text("saml:Assertion/saml:Issuer", "https://x.example")), "Issuer not present in specified provider"),
        (lambda: says(with_text("saml:Issuer", "https://x.example")), "Issuer not present in specified provider"),
        (lambda: says(without("saml:Assertion/saml:Issuer")), "Invalid SAML response"),
        (lambda: says(without("saml:Assertion/saml:Conditions")), "Invalid SAML response"),
        (lambda: says(without("saml:Assertion/saml:AuthnStatement")), "Invalid SAML response"),
        (lambda: says(without("saml:Assertion/saml:Subject/saml:NameID")), "Invalid SAML response"),
        (lambda: says(without("saml:Assertion/saml:Subject/saml:SubjectConfirmation")), "Invalid SAML response"),
        (lambda: says(name_id=""), "Invalid SAML response"),
        (lambda: says(name_id="a" * 1025), "Invalid SAML response"),
        (lambda: says(name_id="ana\nben"), "Invalid SAML response"),
        (lambda: says(with_attribute("saml:Assertion", "Version", "1.1")), "Invalid SAML response"),
        (lambda: says(with_attribute(".", "Version", "1.1")), "Invalid SAML response"),
        (lambda: says(with_attribute("saml:Assertion", "IssueInstant", "yesterday")), "Invalid SAML response"),
        (lambda: says(with_attribute("saml:Assertion/saml:Conditions", "NotBefore", "9999-99-99T00:00:00Z")), "Invalid SAML response"),
        (
            lambda: says(with_attribute("saml:Assertion/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData", "NotOnOrAfter", None)),
            "Invalid SAML response",
        ),
    ],
)  # fmt: skip
def test_what_a_signed_response_must_say(made: Callable[[], str], message: str) -> None:
    assert refused(made()) == message


def test_white_space_around_a_name_belongs_to_it() -> None:
    assert verify(IDP.response(" ana")).name_id == " ana"


def test_a_second_audience_restriction_must_hold_as_well() -> None:
    def edit(root: Any) -> Any:
        conditions = root.find("saml:Assertion/saml:Conditions", NS)
        restriction = etree.SubElement(conditions, f"{{{SAML}}}AudienceRestriction")
        etree.SubElement(restriction, f"{{{SAML}}}Audience").text = "urn:someone:else"
        return root

    assert refused(says(edit)) == "Response does not contain the required audience."


def test_a_condition_that_nobody_understands_is_none_that_holds() -> None:
    def edit(root: Any) -> Any:
        etree.SubElement(root.find("saml:Assertion/saml:Conditions", NS), f"{{{SAML}}}Condition")
        return root

    assert refused(says(edit)) == "Invalid SAML response"


def test_encrypted_assertions_are_refused_in_words() -> None:
    def edit(root: Any) -> Any:
        root.replace(assertion_in(root), etree.Element(f"{{{SAML}}}EncryptedAssertion"))
        return root

    encrypted = replace(IDP, sign=()).document(edit=edit)

    assert refused(encoded(encrypted)) == "Encrypted assertions are not supported"


def test_five_minutes_and_no_longer() -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False):
        text = IDP.response(lifetime=3600)
    with time_machine.travel(start + timedelta(seconds=298), tick=False):
        assert verify(text).name_id == "ana"
    with time_machine.travel(start + timedelta(seconds=300), tick=False), pytest.raises(Expired):
        verify(text)


def test_a_name_id_inside_an_attribute_is_its_value() -> None:
    def edit(root: Any) -> Any:
        value = root.find("saml:Assertion/saml:AttributeStatement/saml:Attribute/saml:AttributeValue", NS)
        value.text = None
        etree.SubElement(value, f"{{{SAML}}}NameID").text = "opaque"
        return root

    assert verify(says(edit, attributes={"targeted": "x"})).attributes == {"targeted": ("opaque",)}


def test_without_the_library_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    text = IDP.response()
    monkeypatch.setattr(xml.importlib, "import_module", missing)

    with pytest.raises(xml.NotInstalled, match="django-identity-portal\\[saml\\]"):
        verify(text)


# Any change at all

MADE_AT = clock.now()
HONEST = etree.tostring(Idp(sign=("assertion", "response")).document(attributes={"dept": ["a", "b"]}))
PIECES = (
    b"", b"<", b">", b"&", b"&#0;", b"<!-- -->", b"<?x?>", b"<![CDATA[x]]>", b"\0", b"\xff", b"admin", b" ID='x'",
    b"<saml:Assertion/>", b"</saml:Assertion>", b"<saml:NameID>admin</saml:NameID>", b"xmlns='x' ", b"<!DOCTYPE x>",
)  # fmt: skip


@settings(max_examples=400)
@given(
    at=st.integers(0, len(HONEST)),
    length=st.integers(0, 60) | st.integers(0, len(HONEST)),
    piece=st.sampled_from(PIECES) | st.binary(max_size=8),
    copied=st.tuples(st.integers(0, len(HONEST)), st.integers(0, 800)),
)
def test_no_change_makes_a_response_say_something_else(
    at: int, length: int, piece: bytes, copied: tuple[int, int]
) -> None:
    moved = HONEST[copied[0] : copied[0] + copied[1]] if piece == b"" else b""
    changed = HONEST[:at] + piece + moved + HONEST[at + length :]

    with time_machine.travel(MADE_AT, tick=False):
        honest = verify(encoded(HONEST))
        try:
            found = verify(encoded(changed))
        except Invalid:
            return
    assert found == honest
