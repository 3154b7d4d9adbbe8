"""Signing keys of pools: one key signs ID tokens, another access tokens; both are published in the JWKS.

Keys are made when first needed and kept parsed in the process. What another process rotated is noticed
within ``_FRESH``; retired keys stay published until every token they signed has expired.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.db import IntegrityError, models, transaction

from identity.core import clock, conf, issuers, sealing, signing
from identity.core.prepared import PreparedQuery
from identity.userpools.models import SigningKey, UserPool, UserPoolClient, UserSession

ALGORITHM = "RS256"
# ID and access tokens live a day at most; the hour is for verifiers whose copy of the JWKS is old.
OVERLAP = timedelta(days=1, hours=1)
ISSUER_TAG = "identity-portal:issuer"

# Ids from outside are looked up only if they can be ours: no database takes every text that JSON can hold.
_KID = re.compile(r"[A-Za-z0-9+/=_-]{1,64}", re.ASCII)
_POOL_ID = re.compile(r"[A-Za-z0-9-]{1,32}_[A-Za-z0-9]{1,32}", re.ASCII)
_FRESH = timedelta(minutes=1)
_CACHE_LIMIT = 4096

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key ready to sign. The private key has no telling ``repr``."""

    kid: str
    private_key: RSAPrivateKey

    def __repr__(self) -> str:
        return f"Signer({self.kid!r})"

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The JWT: header ``kid``, ``alg`` and no ``typ``, as Cognito's."""
        return signing.sign(claims, self.private_key, kid=self.kid, alg=ALGORITHM)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A published key: whose it is and what it signs."""

    pool_id: str
    use: str
    jwk: Mapping[str, Any]


class _Cache(Generic[V]):
    """Values with an age. Threads may race to fill it: both write the same thing."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, V]] = {}

    def find(self, key: str, now: datetime) -> V | None:
        kept = self._kept.get(key)
        return kept[1] if kept and kept[0] > now else None

    def keep(self, key: str, value: V, now: datetime) -> V:
        if len(self._kept) >= _CACHE_LIMIT:
            self._kept.clear()
        self._kept[key] = (now + _FRESH, value)
        return value

    def forget(self, key: str) -> None:
        self._kept.pop(key, None)


_signers: _Cache[str] = _Cache()
_published: _Cache[PublicKey] = _Cache()


def signer(pool: UserPool, use: SigningKey.Use) -> Signer:
    """The key that signs now: the newest of its use, made if the pool has none yet."""
    now = clock.now()
    name = _cache_name(pool, use)
    kid = _signers.find(name, now)
    if kid is None:
        kid = _signers.keep(name, _newest(pool, use).kid, now)
    return Signer(kid, signing.private_key(kid, lambda: _open(kid)))


def find_public(kid: str) -> PublicKey | None:
    """A key by its id, whichever pool's, unless its time in the JWKS is over."""
    now = clock.now()
    known = _published.find(kid, now)
    if known or not _KID.fullmatch(kid):
        return known
    row = SigningKey.objects.filter(kid=kid).first()
    if row is None or not row.is_published(now):
        return None
    return _published.keep(kid, PublicKey(row.pool_id, row.use, row.public_jwk), now)


def jwks(pool: UserPool) -> dict[str, Any]:
    """The pool's published keys as a JWK set, ID token keys first."""
    for use in SigningKey.Use:
        signer(pool, use)
    now = clock.now()
    rows: list[SigningKey] = [found[SigningKey] for found in _ALL.instances(pool.pk)]
    return {"keys": [_member(row.public_jwk) for row in rows if row.is_published(now)]}


_ALL = PreparedQuery(
    SigningKey,
    lambda pool_id: (
        SigningKey.objects.filter(pool=pool_id).only("public_jwk", "retired_at").order_by("-use", "-number")
    ),
    UserPool._meta.pk,
)


def rotate(pool: UserPool) -> None:
    """Give the pool new keys. The former ones are published until the last token they signed has expired."""
    now = clock.now()
    for use in SigningKey.Use:
        newest = _newest(pool, use)
        _make(pool, use, newest.number + 1)
        SigningKey.objects.filter(
            pool=pool, use=use, number__lte=newest.number, retired_at__isnull=True
        ).update(retired_at=now + OVERLAP)
        _signers.forget(_cache_name(pool, use))


def issuer_of(pool: UserPool) -> str:
    """The ``iss`` of the pool's tokens: ``<base URL>/<pool id>``, or the AWS form where the pool asks for it.

    A pool asks by the tag ``identity-portal:issuer`` = ``aws``: for pools taken over from Cognito, and for
    verifiers that build the issuer from the pool id alone.
    """
    if pool.settings.get("UserPoolTags", {}).get(ISSUER_TAG) == "aws":
        return _aws_issuer(pool.pk)
    return _own_issuer(pool.pk)


def own_address(pool: UserPool) -> str:
    """Where the pool's discovery document and JWKS really are, whatever form its issuer has."""
    return _own_issuer(pool.pk)


def register_issuers() -> None:
    """Let whoever checks tokens find our pools by issuer, and resealing find our keys. Called when the app is ready."""
    issuers.register(_Source())
    sealing.register_column(SigningKey, "sealed_private_key", bound_to=lambda row: _bound(row.kid))


def is_live(claims: Mapping[str, Any]) -> bool:
    """Whether a token is still good for the server: its user is there and enabled, its sign-in not revoked.

    One query. A machine's token (``sub`` is the client) lives as long as its client.
    """
    client_id = claims.get("client_id") or claims.get("aud")
    if claims.get("sub") == client_id:
        return UserPoolClient.objects.filter(pk=client_id).exists()
    if "origin_jti" in claims:
        return bool(_LIVE.rows(claims["origin_jti"]))
    return sessions_of(claims).filter(revoked_at__isnull=True, user__is_enabled=True).exists()


_LIVE = PreparedQuery(
    UserSession,
    lambda origin_jti: UserSession.objects.filter(
        pk=origin_jti, revoked_at__isnull=True, user__is_enabled=True
    ).values_list("pk"),
    UserSession._meta.pk,
)


def sessions_of(claims: Mapping[str, Any]) -> models.QuerySet[UserSession]:
    """The sign-in that a token came from, by ``origin_jti``.

    Tokens of a client with revocation off carry none; theirs is known by user, client and moment.
    """
    if "origin_jti" in claims:
        return UserSession.objects.filter(pk=claims["origin_jti"])
    sub = user_sub(claims)
    if sub is None:
        return UserSession.objects.none()
    sessions = UserSession.objects.filter(user__sub=sub).order_by("-auth_time")
    at = clock.at(claims["auth_time"])
    client_id = claims.get("client_id") or claims.get("aud")
    return sessions.filter(client_id=client_id, auth_time__gte=at, auth_time__lt=at + timedelta(seconds=1))


def user_sub(claims: Mapping[str, Any]) -> UUID | None:
    """The ``sub`` of the user that a token is of; None for a machine's token, whose ``sub`` is its client's id."""
    try:
        return UUID(claims["sub"])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Source:
    """Our pools as issuers. Instances are equal, so that registering twice counts once."""

    def find(self, issuer_url: str) -> issuers.Issuer | None:
        pool_id = _pool_id_in(issuer_url)
        pool = UserPool.objects.filter(pk=pool_id).first() if pool_id else None
        if pool is None:
            return None
        return issuers.Issuer(
            url=issuer_of(pool),
            jwks=lambda: jwks(pool)["keys"],
            kind="user-pool",
            algorithms=(ALGORITHM,),
            is_live=is_live,
            aliases=(_own_issuer(pool.pk), _aws_issuer(pool.pk)),
            has_audience=lambda client_id: pool.clients.filter(pk=client_id).exists(),
        )


def _pool_id_in(url: str) -> str | None:
    pool_id = url.rstrip("/").rsplit("/", 1)[-1]
    if not _POOL_ID.fullmatch(pool_id) or url not in (_own_issuer(pool_id), _aws_issuer(pool_id)):
        return None
    return pool_id


def _own_issuer(pool_id: str) -> str:
    return f"{conf.settings().base_url}/{pool_id}"


def _aws_issuer(pool_id: str) -> str:
    return f"https://cognito-idp.{pool_id.split('_', 1)[0]}.amazonaws.com/{pool_id}"


def _cache_name(pool: UserPool, use: SigningKey.Use) -> str:
    """A pool that was deleted and made again under its old id has other keys."""
    return f"{pool.pk}/{use}/{pool.created_at.isoformat()}"


def _newest(pool: UserPool, use: SigningKey.Use) -> SigningKey:
    newest = SigningKey.objects.filter(pool=pool, use=use).order_by("-number").first()
    return newest or _make(pool, use, 1)


def _make(pool: UserPool, use: SigningKey.Use, number: int) -> SigningKey:
    """Insert a key; where another process inserted that number first, the other's."""
    new = signing.generate()
    row = SigningKey(
        kid=new.kid,
        pool=pool,
        use=use,
        number=number,
        sealed_private_key=sealing.seal(new.private_pem.encode(), bound_to=_bound(new.kid)),
        public_jwk=new.public_jwk,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return SigningKey.objects.get(pool=pool, use=use, number=number)
    return row


def _open(kid: str) -> bytes:
    return sealing.open(bytes(SigningKey.objects.get(pk=kid).sealed_private_key), bound_to=_bound(kid))


def _bound(kid: str) -> str:
    return f"signing-key:{kid}"


def _member(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The published members, in the order that Cognito has them."""
    return {name: jwk[name] for name in ("alg", "e", "kid", "kty", "n", "use")}
