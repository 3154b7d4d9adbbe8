"""Access tokens of Facebook, Amazon and Twitter: whose they are is what the provider says when it is asked with them.

social-core's backends speak the providers' protocols, through our guarded client and without a browser's request. They
never ask which app a token was made for. That is asked here first: a token that somebody else's app got must not open
ours. A web process that meets no such token does not load them.

Source: Facebook Graph API, "Access tokens"; Login with Amazon, "Verify a token"; Twitter API 1.1, "verify_credentials".
"""

from collections.abc import Callable, Mapping
from typing import Any

import requests
from social_core.backends.amazon import AmazonOAuth2
from social_core.backends.facebook import API_VERSION, FacebookOAuth2
from social_core.backends.twitter import TwitterOAuth
from social_core.exceptions import SocialAuthBaseException
from social_core.strategy import BaseStrategy

from identity.core import fetch, sealing
from identity.core.breaker import Breaker
from identity.core.invoke import slots
from identity.core.invoke.errors import InvocationFailed
from identity.identitypools import providers, social_secrets
from identity.identitypools.errors import (
    ExternalService,
    InvalidIdentityPoolConfiguration,
    InvalidLoginToken,
    TooManyRequests,
    UnsupportedProvider,
)
from identity.identitypools.logins import provider_urls, user_ids
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

REST_SECONDS = 10
"""How long a provider that kept a thread waiting is left alone."""

_BUSY = frozenset({1, 2, 4, 17, 32, 341, 613})
"""Facebook's codes for its own trouble and for too many calls, which it answers with 400 as it does bad tokens."""

Json = dict[str, Any]
_resting: dict[str, Breaker] = {name: Breaker(REST_SECONDS) for name in providers.SOCIAL}


def verify(pool: IdentityPool, name: str, token: str) -> Proof:
    """The user that an access token for the pool's app proves.

    Raises InvalidLoginToken, UnsupportedProvider for another app's token, ExternalService, TooManyRequests.
    """
    if not token.isascii() or not token.isprintable():
        raise InvalidLoginToken(why="not a token")
    try:
        with slots.held("logins"):
            claims = _ASKED[name](name, _app(pool, name), token)
    except InvocationFailed as error:
        raise TooManyRequests(why="too many threads wait for providers") from error
    except SocialAuthBaseException as error:
        raise ExternalService(why=f"{name}: {type(error).__name__}") from error
    return Proof(
        provider=name,
        user_id=claims["sub"],
        amr=(name, f"{name}:{claims['aud']}:{claims['sub']}"),
        mapping_key=name,
        claims=claims,
        audience=claims["aud"],
    )


def forget() -> None:
    """Ask every provider again, as a new process does."""
    for breaker in _resting.values():
        breaker.reset()


def _app(pool: IdentityPool, name: str) -> str:
    """The app's id, of Twitter's with its secret. Raises InvalidIdentityPoolConfiguration where that doesn't open."""
    try:
        return social_secrets.apps_of(pool)[name]
    except sealing.SealBroken as error:
        raise InvalidIdentityPoolConfiguration(why=f"{name}: the secret doesn't open") from error


def _facebook(name: str, app_id: str, token: str) -> Json:
    backend = _Facebook(name, {"APPSECRET_PROOF": False})
    app = backend.get_json(f"{_Facebook.REAL}/v{API_VERSION}/app", params={"access_token": token})
    if _id(app, "id") != app_id:
        raise UnsupportedProvider(why="a token of another app")
    return {"iss": name, "aud": app_id, "sub": _id(_user(backend, token), "id")}


def _amazon(name: str, app_id: str, token: str) -> Json:
    backend = _Amazon(name, {})
    made_for = backend.get_json(f"{_Amazon.REAL}/auth/o2/tokeninfo", params={"access_token": token})
    if not isinstance(made_for, dict) or app_id not in (made_for.get("app_id"), made_for.get("aud")):
        raise UnsupportedProvider(why="a token of another app")
    user_id = _id(made_for, "user_id")
    if _id(_user(backend, token), "user_id") != user_id:
        raise InvalidLoginToken(why="two answers about whose token it is")
    return {"iss": "https://www.amazon.com", "aud": app_id, "sub": user_id, "user_id": user_id}


def _twitter(name: str, app: str, token: str) -> Json:
    """Requests are signed with the app's own secret, so that no other app's token gets an answer."""
    key, _, secret = app.partition(";")
    resource, _, resource_secret = token.partition(";")
    if not key or not secret:
        raise InvalidIdentityPoolConfiguration(why=f"{name} needs <consumer key>;<consumer secret>")
    if not resource or not resource_secret:
        raise InvalidLoginToken(why="not <oauth token>;<oauth token secret>")
    backend = _Twitter(name, {"KEY": key, "SECRET": secret})
    user = _user(backend, {"oauth_token": resource, "oauth_token_secret": resource_secret})
    return {"iss": name, "aud": key, "sub": _id(user, "id_str")}


def _user(backend: "_Guarded", token: object) -> object:
    """The user in a backend's words. Raises ExternalService."""
    try:
        return backend.user_data(token)
    except (AttributeError, LookupError, TypeError) as error:
        # The backends take for granted that the answer has the documented form.
        raise ExternalService(why="the provider answers in another form") from error


def _id(answer: object, member: str) -> str:
    """A user's or an app's id in a provider's answer. Raises InvalidLoginToken where there is none."""
    found = answer.get(member) if isinstance(answer, dict) else None
    if not user_ids.is_usable(found) or not found.isprintable():
        raise InvalidLoginToken(why=f"the provider answers no {member}")
    return found


def _ask(name: str, request: requests.PreparedRequest, *, trusted: bool) -> fetch.Response:
    """One request of a backend. Raises ExternalService where no answer came or none that says anything."""
    breaker = _resting[name]
    if breaker.is_open:
        raise ExternalService(why=f"{name} did not answer just now")
    headers = {key: _text(value) for key, value in request.headers.items()}
    try:
        answer = fetch.get(request.url or "", headers=headers, trusted=trusted)
    except fetch.FetchTimeout as error:
        breaker.trip()
        raise ExternalService(why=str(error)) from error
    except fetch.FetchError as error:
        raise ExternalService(why=str(error)) from error
    if answer.status >= 500 or answer.status == 429 or _is_busy(answer):
        raise ExternalService(why=f"{name} answered {answer.status}")
    if not answer.is_ok:
        raise InvalidLoginToken(why=f"{name} answered {answer.status}")
    return answer


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _is_busy(answer: fetch.Response) -> bool:
    try:
        error = answer.json().get("error")
    except (ValueError, AttributeError):
        return False
    code = error.get("code") if isinstance(error, dict) else None
    return isinstance(code, int) and code in _BUSY


class _Alone(BaseStrategy[None]):
    """What a backend asks its framework for, where there is neither request nor session."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__()
        self._values = values

    def get_setting(self, name: str) -> object:
        return self._values[name]

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:
        return {}

    def build_absolute_uri(self, path: str | None = None) -> str:
        return ""


class _Guarded:
    """A backend whose requests go through our client, to where the provider is asked from here."""

    REAL = ""
    user_data: Callable[..., object]

    def __init__(self, name: str, values: Mapping[str, object]) -> None:
        super().__init__(_Alone(values))  # type: ignore[call-arg]  # of the backend that this is mixed into
        self._asked_at = provider_urls.of(name)
        self._provider = name

    def request(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str | bytes] | None = None,
        auth: Any = None,  # requests' own signers of requests
        params: dict[str, str] | None = None,
        **_: object,
    ) -> fetch.Response:
        if method != "GET" or not url.startswith(f"{self.REAL}/"):
            raise ValueError(f"{self._provider} is only asked, and only at its own address")
        target = self._asked_at.url + url.removeprefix(self.REAL)
        prepared = requests.Request("GET", target, headers=headers, params=params, auth=auth).prepare()
        return _ask(self._provider, prepared, trusted=self._asked_at.is_own)


class _Facebook(_Guarded, FacebookOAuth2[None]):  # type: ignore[misc]  # fewer parameters: no others are used
    REAL = "https://graph.facebook.com"


class _Amazon(_Guarded, AmazonOAuth2[None]):  # type: ignore[misc]
    REAL = "https://api.amazon.com"


class _Twitter(_Guarded, TwitterOAuth[None]):  # type: ignore[misc]
    REAL = "https://api.twitter.com"
    REDIRECT_STATE = False


_ASKED: Mapping[str, Callable[[str, str, str], Json]] = {
    providers.FACEBOOK: _facebook,
    providers.AMAZON: _amazon,
    providers.TWITTER: _twitter,
    providers.DIGITS: _twitter,
}
