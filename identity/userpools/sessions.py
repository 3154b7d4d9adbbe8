"""Sessions: a sign-in and all tokens that come from it. Begun, asked for by token, refreshed, revoked.

Refresh tokens are opaque and only their keyed hashes are kept. Where a client rotates them, the successor is
derived from the token it replaces, so that a client that asks twice (a lost answer, two tabs) gets the same
successor and no family splits. Source: Cognito developer guide, "Refresh tokens" and "Ending user sessions".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from identity.core import clock, housekeeping, ids, sealing
from identity.core import events as core_events
from identity.userpools import clients, events, keys, session_rows, standing, tokens
from identity.userpools.claims import ADMIN_SCOPE, Claims
from identity.userpools.errors import (
    NotAuthorized,
    RefreshTokenReuse,
    Unauthorized,
    UnsupportedOperation,
    UnsupportedTokenType,
    UserNotFound,
)
from identity.userpools.models import (
    RotatedRefreshToken,
    User,
    UserPool,
    UserPoolClient,
    UserSession,
    pool_settings,
)

REFRESH_TOKEN_BYTES = 48
# Access tokens may outlive the refresh token by up to a day; until then the row tells whether they are revoked.
KEPT_AFTER_END = timedelta(days=1)

# Replacements within the grace of a minute at most that a late repeat may have missed.
_LONGEST_CHAIN = 100

INVALID = "Invalid Refresh Token"


@dataclass(frozen=True, slots=True)
class Started:
    """A new session and its refresh token, which is known only now."""

    session: UserSession
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a sign-in came about, as its tokens will tell. ``auth_time`` None is now.

    ``resource`` is the resource server that the access tokens are bound to (RFC 8707), "" for none.
    """

    scopes: tuple[str, ...] = (ADMIN_SCOPE,)
    resource: str = ""
    is_hosted: bool = False
    nonce: str = ""
    auth_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A refresh token as presented by a client: the session it belongs to, if it is one of that client's.

    ``rotated_at`` is set where rotation has replaced the token.
    """

    client: UserPoolClient
    token: str = field(repr=False)
    session: UserSession | None
    rotated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """New tokens. ``refresh_token`` only where the client rotates."""

    session: UserSession
    tokens: tokens.Tokens
    refresh_token: str | None = field(repr=False)


API = Circumstances()


# Begin


def draft(user: User, client: UserPoolClient, circumstances: Circumstances = API) -> Started:
    """A session that has no row yet, for triggers to be asked before anything is written."""
    now = clock.now()
    token = ids.token(REFRESH_TOKEN_BYTES)
    session = UserSession(
        origin_jti=UUID(ids.uuid()),
        user=user,
        client=client,
        refresh_token_hash=token_hash(token),
        scopes=list(circumstances.scopes),
        resource=circumstances.resource,
        is_hosted=circumstances.is_hosted,
        nonce=circumstances.nonce,
        auth_time=circumstances.auth_time or now,
        created_at=now,
        expires_at=now + pool_settings.refresh_token_validity(client),
    )
    return Started(session, token)


def save(started: Started) -> None:
    """Write the row, in the caller's transaction.

    Raises ``NotAuthorized`` where the user is no longer as they were when ``draft`` was given them.
    """
    standing.require_unchanged(started.session.user)
    session_rows.insert(started.session)


def start(user: User, client: UserPoolClient, circumstances: Circumstances = API) -> Started:
    """A new session with its row. Triggers are the caller's."""
    started = draft(user, client, circumstances)
    with transaction.atomic():
        save(started)
    return started


# By access token


def by_access_token(text: str, *, scope: str = ADMIN_SCOPE) -> UserSession:
    """The session of an access token that may do self-service, with user, pool and client joined. One query.

    Raises ``NotAuthorized`` with Cognito's text for each fault, ``UserNotFound`` for a deleted user.
    """
    claims = tokens.read_access(text)
    if scope not in claims.get("scope", "").split():
        raise NotAuthorized("Access Token does not have required scopes")
    return of_claims(claims)


def of_claims(claims: Claims) -> UserSession:
    """The live session behind verified claims. Raises as ``by_access_token`` does."""
    if "origin_jti" in claims:
        session = session_rows.find("origin_jti", UUID(claims["origin_jti"]))
    else:
        session = keys.sessions_of(claims).select_related("user__pool", "client__pool").first()
    if session is None:
        sub = keys.user_sub(claims)
        if sub is None:
            raise NotAuthorized(tokens.INVALID_ACCESS_TOKEN, why="a machine's token is nobody's sign-in")
        if not User.objects.filter(sub=sub).exists():
            raise UserNotFound
        raise NotAuthorized("Access Token has been revoked", why="its session is gone")
    if session.revoked_at:
        raise NotAuthorized("Access Token has been revoked")
    if not session.user.is_enabled:
        raise NotAuthorized("User is disabled.")
    return session


def require_unrevoked(session: UserSession) -> None:
    """Ask once more, under a write that takes the session's word. Raises ``NotAuthorized``."""
    if not UserSession.objects.filter(pk=session.pk, revoked_at__isnull=True).exists():
        raise NotAuthorized("Access Token has been revoked")


# Refresh


def candidate(client_id: str, token: str, *, pool: UserPool | None = None) -> Candidate:
    """What a client presents, in one query where the token is good. Raises ``ResourceNotFound``: no such client.

    A token of another client counts as unknown.
    """
    session, rotated_at = _of_refresh_token(token)
    if session and session.client_id == client_id and (pool is None or session.client.pool_id == pool.pk):
        return Candidate(session.client, token, session, rotated_at)
    return Candidate(clients.get(client_id, pool=pool), token, None, None)


def refresh(presented: Candidate, *, metadata: Mapping[str, str]) -> Refreshed:
    """New tokens, and a new refresh token where the client rotates. The pre token generation trigger runs.

    Raises ``NotAuthorized`` (unknown, expired, revoked, disabled user) and ``RefreshTokenReuse``, after which
    the whole family is revoked.
    """
    session = require_refreshable(presented)
    prepared = tokens.prepare(session, source=tokens.Source.REFRESH, metadata=metadata)
    successor = _rotate(presented, session) if pool_settings.is_rotation_enabled(presented.client) else None
    return Refreshed(session, tokens.sign(prepared), successor)


def require_refreshable(presented: Candidate) -> UserSession:
    """The session, if its refresh token is good now."""
    session, now = presented.session, clock.now()
    if session is None:
        raise NotAuthorized(INVALID, why="unknown, or another client's")
    if session.revoked_at:
        raise NotAuthorized("Refresh Token has been revoked")
    if session.expires_at <= now:
        raise NotAuthorized("Refresh Token has expired")
    if not session.user.is_enabled:
        raise NotAuthorized("User is disabled.")
    if presented.rotated_at:
        _require_in_grace(presented.client, session, presented.rotated_at, now)
    return session


def successor_of(token: str) -> str:
    """The refresh token that replaces ``token``: the same whoever asks and however often."""
    return sealing.fingerprint(f"refresh-token-successor\0{token}")


def token_hash(token: str) -> str:
    return sealing.fingerprint(f"refresh-token\0{token}")


def _rotate(presented: Candidate, session: UserSession) -> str:
    """Replace the token by its successor; of two calls at once the second finds it replaced, within the grace."""
    now, successor = clock.now(), successor_of(presented.token)
    if presented.rotated_at:
        return _newest_after(presented.token, session)
    current = token_hash(presented.token)
    with transaction.atomic():
        moved = UserSession.objects.filter(
            pk=session.pk, refresh_token_hash=current, revoked_at__isnull=True
        ).update(refresh_token_hash=token_hash(successor))
        if moved:
            RotatedRefreshToken.objects.create(token_hash=current, session=session, rotated_at=now)
    if not moved:
        require_refreshable(candidate(presented.client.pk, presented.token))
    return successor


def _newest_after(token: str, session: UserSession) -> str:
    """The session's current token, which a replaced one leads to: by one step, or by as many as were taken since."""
    newest = successor_of(token)
    for _ in range(_LONGEST_CHAIN):
        if token_hash(newest) == session.refresh_token_hash:
            return newest
        newest = successor_of(newest)
    return successor_of(token)


def _require_in_grace(
    client: UserPoolClient, session: UserSession, rotated_at: datetime, now: datetime
) -> None:
    if now - rotated_at < pool_settings.rotation_grace(client):
        return
    revoke_session(session, reason="refresh token reused")
    raise RefreshTokenReuse(why=f"session {session.pk} revoked")


# Revoke


def revoke(client: UserPoolClient, token: str) -> None:
    """Revoke a refresh token with every token of its sign-in. Unknown and revoked ones are fine.

    Raises ``UnsupportedOperation`` (revocation off for the client), ``UnsupportedTokenType`` (a JWT) and
    ``Unauthorized`` (another client's). Source: RFC 7009 §2.
    """
    if not pool_settings.is_revocation_enabled(client):
        raise UnsupportedOperation
    if token.count(".") == 2:
        raise UnsupportedTokenType(why="an access or ID token")
    session, _ = _of_refresh_token(token)
    if session is None:
        return
    if session.client_id != client.pk:
        raise Unauthorized(why="the token is another client's")
    revoke_session(session, reason="revoked by the client")


def revoke_session(session: UserSession, *, reason: str) -> None:
    """End one sign-in; the first moment stays. ``reason`` goes to the event log."""
    with transaction.atomic():
        live = UserSession.objects.filter(pk=session.pk, revoked_at__isnull=True)
        if live.update(revoked_at=clock.now()):
            user = session.user
            origin = str(session.pk)
            core_events.record(events.SessionRevoked(user.pool_id, str(user.sub), origin, reason))


def revoke_all(user: User) -> None:
    """End every sign-in of the user, in one statement. The browser's cookie is not a session in this sense."""
    with transaction.atomic():
        live = UserSession.objects.filter(user=user, revoked_at__isnull=True)
        ended = live.update(revoked_at=clock.now())
        core_events.record(events.SignedOutEverywhere(user.pool_id, str(user.sub), ended))


def purge() -> None:
    """Delete sessions that no token can need any more."""
    before = clock.now() - KEPT_AFTER_END
    housekeeping.delete_in_batches(RotatedRefreshToken.objects.filter(session__expires_at__lt=before))
    # A last token may be rotated between the two statements; the next sweep takes that session along.
    childless = UserSession.objects.filter(expires_at__lt=before, rotated_tokens__isnull=True)
    housekeeping.delete_in_batches(childless)


def _of_refresh_token(token: str) -> tuple[UserSession | None, datetime | None]:
    """The session of a refresh token, and when rotation replaced it, if it did."""
    hashed = token_hash(token)
    session = session_rows.find("refresh_token_hash", hashed)
    if session:
        return session, None
    rotated = RotatedRefreshToken.objects.filter(pk=hashed).first()
    if rotated is None:
        return None, None
    return session_rows.find("origin_jti", rotated.session_id), rotated.rotated_at
