"""A name and a password, proven by the pool: one ``InitiateAuth`` over the wire.

By USER_PASSWORD_AUTH: the host has the password in its hands anyway, so SRP would hide it from nobody. It travels by
HTTPS only.
"""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from identity.core import fetch
from identity.core.storable import is_storable
from identity.kit import conf, pool_api
from identity.kit.conf import SignInSettings
from identity.kit.signin import id_tokens
from identity.kit.signin.errors import SignInRefused

_LONGEST = 2048

_WRONG = "Name and password don't match."
_UNAVAILABLE = "Signing in is not possible at the moment."
_MORE_IS_NEEDED = "This account needs more than a password: sign in by the sign-in page."
_SHOWN = {
    "NotAuthorizedException": _WRONG,
    "UserNotFoundException": _WRONG,
    "InvalidParameterException": _WRONG,
    "UserNotConfirmedException": "This account is not confirmed yet.",
    "PasswordResetRequiredException": "This account needs a new password: set one by the sign-in page.",
}


def prove(username: str, password: str) -> dict[str, Any]:
    """The claims of the pool's ID token for this user. Raises SignInRefused, whose text the form may show."""
    settings = conf.sign_in()
    if len(username) > _LONGEST or len(password) > _LONGEST or not is_storable(username + password):
        raise SignInRefused(_WRONG, why="no name or password at all")
    answer = _initiate(settings, username, password)
    if "ChallengeName" in answer:
        raise SignInRefused(_MORE_IS_NEEDED, why=f"challenge {answer['ChallengeName']}")
    result = answer.get("AuthenticationResult")
    return id_tokens.prove(result.get("IdToken") if isinstance(result, dict) else None)


def _initiate(settings: SignInSettings, username: str, password: str) -> Mapping[str, Any]:
    parameters = {"USERNAME": username, "PASSWORD": password}
    if settings.client_secret:
        parameters["SECRET_HASH"] = _secret_hash(settings, username)
    body = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": settings.client_id,
        "AuthParameters": parameters,
    }
    address = settings.api_url or pool_api.address_of(settings.issuer)
    try:
        response = pool_api.call(address, "InitiateAuth", body, trusted=True)
        answer = response.json()
    except (fetch.FetchError, ValueError) as error:
        raise SignInRefused(_UNAVAILABLE, why=str(error), status=503) from error
    if not isinstance(answer, dict) or response.status >= 500:
        raise SignInRefused(_UNAVAILABLE, why=f"the pool answered {response.status}", status=503)
    if not response.is_ok:
        code = str(answer.get("__type", "")).rpartition("#")[2]
        raise SignInRefused(_SHOWN.get(code, _UNAVAILABLE), why=f"the pool answered {code}")
    return answer


def _secret_hash(settings: SignInSettings, username: str) -> str:
    digest = hmac.digest(
        settings.client_secret.encode(), f"{username}{settings.client_id}".encode(), "sha256"
    )
    return base64.b64encode(digest).decode()
