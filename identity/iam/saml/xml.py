"""XML of strangers, read so that nothing but its text is read: no document types, no entities, nothing fetched."""

import importlib
import re
from datetime import UTC, datetime
from typing import Any, Final

NAMESPACES: Final = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
}

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)

Element = Any  # lxml comes with the extra: its types can't be named here


class NotInstalled(Exception):
    """SAML is asked of a site without the extra ``saml``."""

    def __init__(self) -> None:
        super().__init__("SAML needs python3-saml: install django-identity-portal[saml]")


class Malformed(ValueError):
    """Not the XML that it should be. The text says what is wrong and quotes nothing."""


def library(name: str) -> Any:
    """A module of python3-saml, or lxml. Raises ``NotInstalled``."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotInstalled from error


def parse(raw: bytes) -> Element:
    """The root element; comments and processing instructions are dropped. Raises ``Malformed``, ``NotInstalled``."""
    parser = library("onelogin.saml2.xmlparser")
    etree = library("lxml.etree")
    try:
        return parser.fromstring(raw, forbid_dtd=True, forbid_entities=True)
    except parser.DTDForbidden as error:
        raise Malformed("a document type is not allowed") from error
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed("not well-formed XML") from error


def parse_text(text: str) -> Element:
    """As ``parse`` for what is text already: an encoding that it declares is one that it once had."""
    try:
        raw = re.sub(r"\A\ufeff?\s*<\?xml\s[^>]*\?>", "", text, count=1).encode()
    except UnicodeEncodeError as error:
        raise Malformed("not well-formed XML") from error
    return parse(raw)


def name(space: str, local: str) -> str:
    """A tag's name as lxml writes it: ``name("saml", "Assertion")``."""
    return f"{{{NAMESPACES[space]}}}{local}"


def all_of(element: Element, path: str) -> list[Element]:
    """The elements at a path of prefixed names below an element."""
    found: list[Element] = element.findall(path, NAMESPACES)
    return found


def text_of(element: Element) -> str:
    """The text of an element that has nothing else inside, without the white space around it.

    Raises ``Malformed`` where it has children: who reads only a part of a name is told another's.
    """
    if len(element):
        raise Malformed("an element where only text may be")
    return (element.text or "").strip()


def time(text: str) -> datetime:
    """An ``xs:dateTime``; SAML's are in UTC, also without saying so. Raises ``Malformed``."""
    if not _TIME.fullmatch(text):
        raise Malformed("a time is malformed")
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed("a time is malformed") from error
