"""Self-signed certificates: some verifiers take a public key only in the form of one."""

import base64
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

LIFETIME: Final = timedelta(days=20 * 365)
"""Nothing hangs on it: the key set says which keys count."""

_LONGEST_NAME = 64


def self_signed(private_pem: str, name: str, *, now: datetime) -> str:
    """A certificate of an RSA key for ``name``: base64 of its DER, as ``x5c`` of a JWK has it (RFC 7517 §4.7)."""
    key = serialization.load_pem_private_key(private_pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
