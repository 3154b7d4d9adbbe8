"""The certificate of `make run`'s own TLS."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from identity.core import clock
from portal.site import certificates
from portal.site.certificates import Certificate

pytestmark = pytest.mark.core_suite

NAMES = ("localhost", "127.0.0.1", "::1")


def shake_hands(shown: Certificate, name: str) -> None:
    """A client that trusts the authority, as strict as Python's are from 3.13 on. Raises ssl.SSLError."""
    trusting = ssl.create_default_context(cafile=str(shown.authority))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(shown.chain, shown.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for end in (client, server, client, server):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    client.do_handshake()


@pytest.mark.parametrize("name", NAMES)
def test_strict_clients_take_it_for_its_names_only(tmp_path: Path, name: str) -> None:
    made = certificates.ensure(tmp_path, *NAMES)

    shake_hands(made, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(made, "elsewhere.example")


def test_it_is_made_once(tmp_path: Path) -> None:
    first = certificates.ensure(tmp_path, *NAMES).chain.read_bytes()

    assert certificates.ensure(tmp_path, *NAMES).chain.read_bytes() == first


@pytest.mark.parametrize(("days", "is_kept"), [(299, True), (301, False), (400, False)])
def test_an_old_one_is_made_anew_however_young_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: int, is_kept: bool
) -> None:
    then = clock.now() - timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: then)
        before = certificates.ensure(tmp_path, *NAMES).chain.read_bytes()

    made = certificates.ensure(tmp_path, *NAMES)

    assert (made.chain.read_bytes() == before) is is_kept
    shake_hands(made, "localhost")


@pytest.mark.parametrize("kind", ["without its use", "broken"])
def test_one_that_strict_clients_refuse_is_made_anew(tmp_path: Path, kind: str) -> None:
    made = certificates.ensure(tmp_path, *NAMES)
    before = made.chain.read_bytes()
    key = ec.generate_private_key(ec.SECP256R1())
    plain = certificates._builder("old", "old", key).sign(key, hashes.SHA256())
    old = plain.public_bytes(serialization.Encoding.PEM)
    made.authority.write_bytes(old if kind == "without its use" else b"broken")

    again = certificates.ensure(tmp_path, *NAMES)

    assert again.chain.read_bytes() != before
    shake_hands(again, "localhost")
    usage = x509.load_pem_x509_certificate(again.authority.read_bytes()).extensions
    assert usage.get_extension_for_class(x509.KeyUsage).critical
