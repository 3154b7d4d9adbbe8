"""Authorization codes: issued at the authorization endpoint, redeemed once at the token endpoint.

Source: RFC 6749 §4.1.2, RFC 7636 §4.6 (PKCE), OpenID Connect Core §3.1.3.2.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from identity.core import clock, housekeeping, ids, sealing, signing
from identity.userpools import sessions, standing
from identity.userpools.models import AuthorizationCode, User, UserPoolClient, UserSession

LIFETIME = timedelta(minutes=5)
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}\Z", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}\Z", re.ASCII)


class BadGrant(Exception):
    """The code can't be redeemed: unknown, used, expired, another's, or its proof doesn't fit. For the log only."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a code stands for. ``code_challenge`` is "" where the client does without PKCE, ``resource`` where the
    tokens are for no resource server in particular."""

    redirect_uri: str
    scopes: tuple[str, ...]
    auth_time: datetime
    nonce: str = ""
    code_challenge: str = ""
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a client shows with a code. ``code_verifier`` is None where it sends none."""

    code: str = field(repr=False)
    redirect_uri: str
    code_verifier: str | None = field(repr=False)


def issue(user: User, client: UserPoolClient, request: Request) -> str:
    """A new code. Only its hash is kept. Commits.

    Raises ``NotAuthorized`` where the user is no longer as they were when they signed in.
    """
    code, now = ids.uuid(), clock.now()
    row = AuthorizationCode(
        code_hash=_hash(code),
        user=user,
        client=client,
        redirect_uri=request.redirect_uri,
        scopes=list(request.scopes),
        resource=request.resource,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        auth_time=request.auth_time,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    with transaction.atomic():
        standing.require_unchanged(user)
        row.save(force_insert=True)
    return code


def redeem(client: UserPoolClient, shown: Redemption) -> AuthorizationCode:
    """Use up a code. One conditional UPDATE decides: of two calls at once one wins. Raises ``BadGrant``.

    What doesn't fit is refused before that, so a mistaken call does not cost the client its code. A code that fits
    but was used has been stolen by one of its two users: the session that came from it ends.
    """
    code = (
        AuthorizationCode.objects.select_related("user__pool")
        .filter(code_hash=_hash(shown.code), client=client)
        .first()
    )
    now = clock.now()
    if code is None or code.expires_at <= now:
        raise BadGrant("unknown, expired or another client's code")
    if code.redirect_uri != shown.redirect_uri:
        raise BadGrant("another redirect_uri")
    _require_proof(code.code_challenge, shown.code_verifier)
    _require_same_account(code)
    spent = AuthorizationCode.objects.filter(pk=code.pk, spent_at__isnull=True, expires_at__gt=now)
    if not spent.update(spent_at=now):
        _end_what_came_of(code)
        raise BadGrant("used before")
    return code


def _require_same_account(code: AuthorizationCode) -> None:
    """The code stands for a sign-in by the password of its time."""
    changed_at = code.user.password_changed_at
    if changed_at is not None and changed_at > code.created_at:
        raise BadGrant("the user has another password since")
    if code.user.status not in User.MAY_SIGN_IN:
        raise BadGrant("the user could not sign in now")


def became(code: AuthorizationCode, session: UserSession) -> None:
    """Note the session of a redeemed code, in the transaction that writes it.

    Raises ``BadGrant`` where the code was voided, or shown once more, since it was redeemed.
    """
    if not AuthorizationCode.objects.filter(pk=code.pk).update(origin_jti=session.pk):
        raise BadGrant("voided or used again meanwhile")


def _end_what_came_of(code: AuthorizationCode) -> None:
    """Revoke the code's session; where it isn't written yet, the missing row keeps it from being."""
    with transaction.atomic():
        row = AuthorizationCode.objects.select_for_update().filter(pk=code.pk).first()
        if row is None:
            return
        if row.origin_jti:
            session = UserSession.objects.select_related("user").get(pk=row.origin_jti)
            sessions.revoke_session(session, reason="authorization code used again")
        row.delete()


def void_all(user: User) -> None:
    """Take back every code of the user, those just redeemed too: each would become a new sign-in."""
    AuthorizationCode.objects.filter(user=user).delete()


def is_challenge(text: str) -> bool:
    """Whether this can be an S256 challenge: 43 characters of base64url."""
    return bool(_CHALLENGE.match(text))


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier. Source: RFC 7636 §4.2."""
    return signing.base64url(hashlib.sha256(verifier.encode()).digest())


def purge() -> None:
    """Delete codes whose time is over."""
    housekeeping.delete_in_batches(AuthorizationCode.objects.filter(expires_at__lt=clock.now()))


def _require_proof(challenge: str, verifier: str | None) -> None:
    """A verifier is demanded by a challenge, and refused without one: it would mean that someone stripped it."""
    if not challenge and verifier is None:
        return
    if not challenge or verifier is None or not _VERIFIER.match(verifier):
        raise BadGrant("code_verifier missing, malformed or not asked for")
    if not hmac.compare_digest(challenge_of(verifier), challenge):
        raise BadGrant("wrong code_verifier")


def _hash(code: str) -> str:
    return sealing.fingerprint(f"authorization-code\0{code}")
