"""The way to the pool's hosted pages and back: authorization code, PKCE, state and nonce.

What a sign-in under way remembers is in the browser's Django session, so that an answer counts only in the browser that
asked. Source: RFC 6749 §4.1, RFC 7636, RFC 9207; OpenID Connect Core §3.1.
"""

import base64
import hashlib
from collections.abc import Mapping, MutableMapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from identity.core import clock, discovery, fetch, ids, signing
from identity.kit import conf, discovered
from identity.kit.conf import SignInSettings
from identity.kit.signin import id_tokens
from identity.kit.signin.errors import SignInRefused

PENDING = "identity_kit_sign_ins"
LIFETIME = timedelta(minutes=15)
MOST_PENDING = 5
"""Tabs in which somebody may sign in at once; a further one forgets the oldest."""

Session = MutableMapping[str, Any]  # Any: what Django sessions hold


def begin(session: Session, *, redirect_uri: str, back_to: str) -> str:
    """Where to send the browser. Raises SignInRefused where the pool can't be reached."""
    settings = conf.sign_in()
    state, nonce, verifier = ids.token(), ids.token(), ids.token(48)
    _remember(session, state, {"nonce": nonce, "verifier": verifier, "back_to": back_to, "uri": redirect_uri})
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(settings.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{_endpoint(settings, 'authorization_endpoint')}?{urlencode(query)}"


def finish(session: Session, answered: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Proven claims of who signed in, and where they wanted to go. Each state counts once. Raises SignInRefused."""
    settings = conf.sign_in()
    pending = _take(session, answered.get("state", ""))
    if answered.get("iss", settings.issuer) != settings.issuer:
        raise SignInRefused("The sign-in could not be confirmed.", why="answer of another issuer")
    if "error" in answered:
        raise SignInRefused("The sign-in was not completed.", why=f"answered {answered['error'][:64]!r}")
    issued = _exchange(settings, answered.get("code", ""), pending)
    return id_tokens.prove(issued.get("id_token"), nonce=pending["nonce"]), pending["back_to"]


def end_address(back_to: str) -> str:
    """Where the browser's session at the hosted pages is ended. Raises SignInRefused where the pool can't be reached."""
    settings = conf.sign_in()
    query = urlencode({"client_id": settings.client_id, "logout_uri": back_to})
    return f"{_endpoint(settings, 'end_session_endpoint')}?{query}"


def _remember(session: Session, state: str, content: dict[str, Any]) -> None:
    content["until"] = clock.seconds(clock.now() + LIFETIME)
    pending = dict(session.get(PENDING, {}))
    while len(pending) >= MOST_PENDING:
        del pending[min(pending, key=lambda each: pending[each]["until"])]
    session[PENDING] = {**pending, state: content}


def _take(session: Session, state: str) -> dict[str, Any]:
    pending = dict(session.get(PENDING, {}))
    content: dict[str, Any] | None = pending.pop(state, None)
    if content is not None:
        session[PENDING] = pending
    if content is None or content["until"] < clock.seconds(clock.now()):
        raise SignInRefused(
            "This sign-in has expired or began elsewhere. Please begin again.", why="unknown state"
        )
    return content


def _exchange(settings: SignInSettings, code: str, pending: Mapping[str, Any]) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "client_id": settings.client_id,
        "code": code,
        "redirect_uri": pending["uri"],
        "code_verifier": pending["verifier"],
    }
    headers = _client_authentication(settings)
    try:
        response = fetch.post_form(_endpoint(settings, "token_endpoint"), form, headers=headers)
        issued = response.json()
    except (fetch.FetchError, ValueError) as error:
        raise _unavailable(error) from error
    if not isinstance(issued, dict) or response.status >= 500:
        raise _unavailable(f"the token endpoint answered {response.status}")
    if not response.is_ok:
        raise SignInRefused("The sign-in was not completed.", why=f"token endpoint: {issued.get('error')!r}")
    return issued


def _client_authentication(settings: SignInSettings) -> dict[str, str]:
    if not settings.client_secret:
        return {}
    pair = f"{settings.client_id}:{settings.client_secret}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _endpoint(settings: SignInSettings, name: str) -> str:
    """An address out of the discovery document, which must be as safe as the issuer's own."""
    try:
        address = discovered.document(settings.issuer).get(name)
    except (fetch.FetchError, discovery.Malformed) as error:
        raise _unavailable(error) from error
    if not isinstance(address, str) or not conf.is_safe_address(address) or urlsplit(address).query:
        raise _unavailable(f"the discovery document has no usable {name}")
    return address


def _unavailable(why: object) -> SignInRefused:
    return SignInRefused("Signing in is not possible at the moment.", why=str(why), status=503)


def _challenge(verifier: str) -> str:
    return signing.base64url(hashlib.sha256(verifier.encode()).digest())
