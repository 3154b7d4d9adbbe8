"""The keys of identity pools' own tokens, made when first needed, and what verifiers are told of them.

Two issuers, which never share a key: Amazon's name, for our own STS, and an address of this server, for the
security token services elsewhere that brokers ask (``broker_tokens``).
"""

import hashlib
from typing import Any

from django.db import IntegrityError, transaction

from identity.core import certificates, clock, hosts, issuers, sealing, signing
from identity.identitypools.models import SigningKey

ISSUER = "https://cognito-identity.amazonaws.com"
"""The same for every region and every pool, as the trust policies of roles expect it."""

ALGORITHM = "RS512"

BROKERS = "brokers:"
"""In the place of a region: the keys of brokers' tokens. No region can have that name."""

BROKERS_ALGORITHM = "RS256"
"""The one that every verifier knows; AWS takes RS256 and ES algorithms of providers."""


def current(region: str) -> SigningKey:
    """The key that signs in a region, made if there is none. One query where there is."""
    newest = _newest(region)
    if newest is None or newest.retired_at is not None:
        return _insert(region, newest)
    return newest


def make(region: str) -> SigningKey:
    """A new key for a region, which signs from now on."""
    return _insert(region, _newest(region))


def retire(key: SigningKey) -> None:
    """Sign no more with a key; its public half stays published, so that its tokens run out by themselves."""
    SigningKey.objects.filter(pk=key.pk, retired_at=None).update(retired_at=clock.now())


def sign(claims: dict[str, Any], *, region: str, typ: str = "JWS") -> str:
    """A token of ours. Its header is ``kid``, ``typ``, and the ``alg`` that the region's keys are for."""
    key = current(region)
    # A database that was put back can hold another key under the same kid: what is cached has to name the very key.
    cached_as = f"{key.kid}:{hashlib.sha256(key.sealed_private_pem.encode()).hexdigest()}"
    private = signing.private_key(cached_as, lambda: _open(key))
    return signing.sign(claims, private, kid=key.kid, alg=key.public_jwk["alg"], typ=typ)


def jwks() -> dict[str, Any]:
    """The public keys of all regions."""
    return {"keys": jwk_list()}


def jwk_list() -> list[dict[str, Any]]:
    """The public keys as ``core.issuers`` wants them. One query."""
    return [key.public_jwk for key in SigningKey.objects.exclude(region=BROKERS).order_by("region", "number")]


def brokers_jwks() -> dict[str, Any]:
    """The public keys of brokers' tokens, the newest first: some verifiers look at no other."""
    rows = SigningKey.objects.filter(region=BROKERS).order_by("-number")
    return {"keys": [key.public_jwk for key in rows]}


class _OwnIssuer:
    """Tells whoever verifies tokens that this issuer's keys are here."""

    def find(self, issuer_url: str) -> issuers.Issuer | None:
        return _ISSUER if issuer_url == ISSUER else None


_ISSUER = issuers.Issuer(url=ISSUER, jwks=jwk_list, kind="identity-pool", algorithms=(ALGORITHM,))
_SOURCE = _OwnIssuer()


def register_issuer() -> None:
    """Called when the app is ready; also makes the sealed column known to resealing."""
    issuers.register(_SOURCE)
    sealing.register_column(SigningKey, "sealed_private_pem", bound_to=_bound_to)


def _newest(region: str) -> SigningKey | None:
    return SigningKey.objects.filter(region=region).order_by("-number").first()


def _insert(region: str, last: SigningKey | None) -> SigningKey:
    """The key after the last that was seen: of those who saw the same one inserts it, and all get it."""
    number = last.number + 1 if last else 1
    try:
        with transaction.atomic():
            return _create(region, number)
    except IntegrityError:
        return SigningKey.objects.get(region=region, number=number)


def _create(region: str, number: int) -> SigningKey:
    new = signing.generate()
    key = SigningKey(region=region, number=number, created_at=clock.now())
    key.sealed_private_pem = sealing.seal_text(new.private_pem, bound_to=_bound_to(key))
    key.public_jwk = _public_jwk(key, new)
    key.save(force_insert=True)
    return key


def _public_jwk(key: SigningKey, new: signing.NewKey) -> dict[str, Any]:
    if key.region != BROKERS:
        return {**new.public_jwk, "kid": key.kid, "alg": ALGORITHM}
    # Ceph reads keys out of certificates only.
    certificate = certificates.self_signed(new.private_pem, hosts.base_host(), now=key.created_at)
    return {**new.public_jwk, "kid": key.kid, "alg": BROKERS_ALGORITHM, "x5c": [certificate]}


def _open(key: SigningKey) -> str:
    return sealing.open_text(key.sealed_private_pem, bound_to=_bound_to(key))


def _bound_to(key: SigningKey) -> str:
    return f"identitypools.signingkey:{key.kid}"
