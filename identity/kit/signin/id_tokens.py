"""The ID token that a sign-in ends with, checked by the pool's published keys."""

import hmac
from typing import Any

from identity.kit import conf, issuer_keys, tokens
from identity.kit.signin.errors import SignInRefused


def prove(token: object, *, nonce: str | None = None) -> dict[str, Any]:
    """The claims of an ID token of the pool for our client, answering our ``nonce`` where we sent one.

    Raises SignInRefused. Source: OpenID Connect Core §3.1.3.7.
    """
    settings = conf.sign_in()
    rules = tokens.Rules((settings.issuer,), (settings.client_id,), ("id",))
    try:
        claims = tokens.verify(token if isinstance(token, str) else "", rules)
    except tokens.TokenRefused as error:
        raise SignInRefused("The sign-in could not be confirmed.", why=f"ID token: {error}") from error
    except issuer_keys.KeysUnavailable as error:
        raise SignInRefused("Signing in is not possible at the moment.", why="no keys", status=503) from error
    if nonce is not None and not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise SignInRefused("The sign-in could not be confirmed.", why="ID token: another nonce")
    return claims
