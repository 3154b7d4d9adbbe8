"""Whether an access token still counts at an issuer in another process: asked by using it there.

The issuer answers for the user and the sign-in, as ``GetUser`` and userInfo do. Both take access tokens only, and each
needs a scope: ``aws.cognito.signin.user.admin`` or ``openid``. What can't be asked about doesn't count.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from identity.core import clock, discovery, fetch
from identity.kit import conf, discovered, pool_api
from identity.kit.recent import Recent

USER_SCOPE = "aws.cognito.signin.user.admin"
OPENID = "openid"

_NOT_SIGNED_IN = frozenset({400, 401, 403})

_seen: Recent[bool] = Recent()


class NotAnswered(Exception):
    """The issuer can't be asked now."""


def is_live_elsewhere(token: str, issuer_url: str, claims: Mapping[str, Any]) -> bool:
    """Whether the issuer still takes this (proven) token. Tokens with neither scope are taken by none, nor are ID tokens.

    Raises NotAnswered.
    """
    if claims.get("token_use") != "access":
        return False
    now = clock.now()
    name = hashlib.sha256(token.encode()).digest()
    known = _seen.find(name, now, younger_than=_believed_for())
    return _seen.keep(name, _ask(token, issuer_url, claims), now) if known is None else known


def forget() -> None:
    """Drop what issuers said."""
    _seen.clear()


def _believed_for() -> timedelta:
    portal = conf.settings().portal
    return timedelta(seconds=1 if portal is None else portal.cache_seconds)


def _ask(token: str, issuer_url: str, claims: Mapping[str, Any]) -> bool:
    scopes = str(claims.get("scope", "")).split()
    try:
        if USER_SCOPE in scopes:
            return _is_answered(_get_user(token, issuer_url))
        if OPENID in scopes:
            return _is_answered(_get_userinfo(token, issuer_url))
    except (fetch.FetchError, discovery.Malformed) as error:
        raise NotAnswered(str(error)) from error
    return False


def _is_answered(response: fetch.Response) -> bool:
    """Yes, or no for a refusal of the token; a throttled or broken issuer has said neither."""
    if response.is_ok:
        return True
    if response.status not in _NOT_SIGNED_IN or _is_throttled(response):
        raise NotAnswered(f"the issuer answered {response.status}")
    return False


def _is_throttled(response: fetch.Response) -> bool:
    """JSON services say so by 400 and a name."""
    return response.headers.get("x-amzn-errortype", "").startswith("TooManyRequests")


def _get_user(token: str, issuer_url: str) -> fetch.Response:
    return pool_api.call(pool_api.address_of(issuer_url), "GetUser", {"AccessToken": token})


def _get_userinfo(token: str, issuer_url: str) -> fetch.Response:
    return fetch.get(_userinfo_of(issuer_url), headers={"Authorization": f"Bearer {token}"})


def _userinfo_of(issuer_url: str) -> str:
    address = discovered.document(issuer_url).get("userinfo_endpoint")
    if not isinstance(address, str) or urlsplit(address).scheme != urlsplit(issuer_url).scheme:
        raise discovery.Malformed("the discovery document names no userinfo endpoint")
    return address
