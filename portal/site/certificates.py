"""A certificate for this machine's own names, for `make run`: Amplify subscribes by ``wss://`` only.

The authority that signs it exists for a moment: its key is never written, so whoever trusts its certificate trusts
nothing but this one server.
"""

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from identity.core import clock

VALID = datetime.timedelta(days=365)
RENEWED_AFTER = datetime.timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files: the authority to trust, and what the server shows and keeps to itself."""

    authority: Path
    chain: Path
    key: Path


def ensure(folder: Path, *names: str) -> Certificate:
    """The certificate under ``folder``, made where there is none, an old one, or one that strict clients refuse."""
    found = Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    if not (_is_good(found.authority) and found.chain.exists() and found.key.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        _make(found, names)
    return found


def _is_good(authority: Path) -> bool:
    """By what the certificate says itself: a copied file has a time of its own."""
    try:
        certificate = x509.load_pem_x509_certificate(authority.read_bytes())
        certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    return certificate.not_valid_after_utc - clock.now() >= VALID - RENEWED_AFTER


def _make(wanted: Certificate, names: tuple[str, ...]) -> None:
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = "django-identity-portal demo"
    authority = (
        _builder(issuer, issuer, root)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(is_authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root.public_key()), critical=False)
        .sign(root, hashes.SHA256())
    )
    served = (
        _builder(names[0], issuer, own)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=False), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
        .sign(root, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(wanted.key, key)
    _write(wanted.chain, served.public_bytes(pem))
    _write(wanted.authority, authority.public_bytes(pem))


def _builder(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + VALID)
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    """Source: RFC 5280 §4.2.1.3; without it, Python from 3.13 on refuses an authority."""
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(file: Path, content: bytes) -> None:
    """Readable by its owner only, and replaced as a whole."""
    draft = file.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.rename(file)
