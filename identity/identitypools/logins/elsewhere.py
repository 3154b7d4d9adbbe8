"""Keys that are published elsewhere, and what it is called here when they can't be had."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from identity.core import signing
from identity.core.conf import settings
from identity.iam import oidc_keys
from identity.iam.errors import IdpCommunicationError, InvalidIdentityToken
from identity.identitypools.errors import ExternalService, InvalidLoginToken, TooManyRequests
from identity.identitypools.logins import checks

Jwks = Sequence[Mapping[str, Any]]


def keys_of(issuer_url: str, token: str) -> Jwks:
    """The keys of an issuer by its discovery document, kept, and renewed where the token names a new one.

    Raises ExternalService where the issuer doesn't answer, InvalidLoginToken where it answers no keys, TooManyRequests
    where too many threads wait for providers.
    """
    return _keys(lambda kid: oidc_keys.of(issuer_url, kid), token)


def keys_at(address: str, token: str, *, trusted: bool) -> Jwks:
    """The same for a known address of keys. Raises as ``keys_of``."""
    return _keys(lambda kid: oidc_keys.at(address, kid, trusted=trusted), token)


def issuer_in(token: str, name: str) -> str:
    """The address of the issuer in an unproven token, which must be the one of this name, in HTTPS.

    Without the slash that the token may have at its end. Keys fetched in the clear could be anybody's: only the
    operator's private hosts may do without. Raises InvalidLoginToken.
    """
    address = checks.read(token).get("iss")
    for scheme in ("https", "http"):
        plain = f"{scheme}://{name}"
        if address in (plain, f"{plain}/") and (
            scheme == "https" or urlsplit(plain).hostname in settings().fetch_private
        ):
            return plain
    raise InvalidLoginToken("Issuer doesn't match providerName")


def _keys(ask: Callable[[str | None], Jwks], token: str) -> Jwks:
    try:
        return ask(oidc_keys.kid_of(token))
    except oidc_keys.Busy as error:
        raise TooManyRequests(why=error.why) from error
    except IdpCommunicationError as error:
        raise ExternalService(why=error.why) from error
    except (InvalidIdentityToken, signing.Malformed) as error:
        raise InvalidLoginToken("Couldn't verify signed token.", why=str(error)) from error
