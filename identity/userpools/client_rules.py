"""What an app client's settings may be: defaults and forbidden combinations. Pure, but for what it is told.

Settings are in wire shape. Source: cognito/user-pools §5.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from identity.userpools.errors import InvalidOAuthFlow, InvalidParameter, ScopeDoesNotExist
from identity.userpools.models import UserPoolClient, pool_settings

Settings = dict[str, Any]

MEMBERS = (
    "RefreshTokenValidity",
    "AccessTokenValidity",
    "IdTokenValidity",
    "TokenValidityUnits",
    "ReadAttributes",
    "WriteAttributes",
    "ExplicitAuthFlows",
    "SupportedIdentityProviders",
    "CallbackURLs",
    "LogoutURLs",
    "DefaultRedirectURI",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
    "AllowedOAuthFlowsUserPoolClient",
    "AnalyticsConfiguration",
    "PreventUserExistenceErrors",
    "EnableTokenRevocation",
    "EnablePropagateAdditionalUserContextData",
    "AuthSessionValidity",
    "RefreshTokenRotation",
)
STANDARD_SCOPES = ("openid", "email", "phone", "profile", "aws.cognito.signin.user.admin")

_SETS = (
    "ReadAttributes",
    "WriteAttributes",
    "ExplicitAuthFlows",
    "SupportedIdentityProviders",
    "CallbackURLs",
    "LogoutURLs",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
)
_LEGACY_FLOWS = {"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"}
_NEVER_WRITABLE = {"sub", "email_verified", "phone_number_verified", "identities"}
_SCRIPT_SCHEMES = {"javascript", "data", "vbscript", "blob", "file", "about"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of its pool a client is checked against. ``providers`` includes ``COGNITO``."""

    pool_id: str
    attributes: frozenset[str]
    custom_scopes: frozenset[str]
    providers: frozenset[str]


def settings_of(
    given: Mapping[str, Any], around: Surroundings, *, has_secret: bool, deed: str = "creating"
) -> Settings:
    """A client's whole settings from the members ``given``; ``deed`` is the word in texts about attributes.

    Raises InvalidParameter, InvalidOAuthFlow, ScopeDoesNotExist.
    """
    settings = _with_defaults(given)
    _check_flows(settings, has_secret=has_secret)
    _check_validity(settings)
    _check_attributes(settings, around.attributes, deed)
    _check_providers(settings, around)
    _check_urls(settings)
    _check_oauth(settings, around.custom_scopes, has_secret=has_secret)
    if settings["EnablePropagateAdditionalUserContextData"] and not has_secret:
        raise InvalidParameter(
            "EnablePropagateAdditionalUserContextData can be true only for a client with a secret."
        )
    return settings


def _with_defaults(given: Mapping[str, Any]) -> Settings:
    settings: Settings = {
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
    }
    settings |= {name: given[name] for name in MEMBERS if given.get(name) is not None}
    for name in _SETS:
        if name in settings:
            settings[name] = list(dict.fromkeys(settings[name]))
            if not settings[name]:
                del settings[name]
    if not given.get("RefreshTokenValidity"):  # the default is thirty days, whatever unit was named
        settings["RefreshTokenValidity"] = 30
        units = dict(settings["TokenValidityUnits"])
        settings["TokenValidityUnits"] = units | ({"RefreshToken": "days"} if "RefreshToken" in units else {})
    if "RefreshTokenRotation" in settings:
        settings["RefreshTokenRotation"] = {"RetryGracePeriodSeconds": 0, **settings["RefreshTokenRotation"]}
    return settings


def _check_flows(settings: Settings, *, has_secret: bool) -> None:
    flows = set(settings.get("ExplicitAuthFlows", ()))
    if flows & _LEGACY_FLOWS and flows - _LEGACY_FLOWS:
        raise InvalidParameter(
            "ExplicitAuthFlows cannot mix values that start with ALLOW_ and values that do not: "
            + ", ".join(sorted(flows & _LEGACY_FLOWS))
        )
    if "ALLOW_CLIENT_TOKEN_AUTH" in flows:
        if len(flows) > 1:
            raise InvalidParameter("ALLOW_CLIENT_TOKEN_AUTH cannot be combined with other flows.")
        if not has_secret:
            raise InvalidParameter("ALLOW_CLIENT_TOKEN_AUTH requires a client secret.")
    is_rotating = settings.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED"
    if is_rotating and "ALLOW_REFRESH_TOKEN_AUTH" in flows:
        raise InvalidParameter(
            "ALLOW_REFRESH_TOKEN_AUTH cannot be used when refresh token rotation is enabled."
        )


def _check_validity(settings: Settings) -> None:
    client = UserPoolClient(settings=settings)
    day, hour = timedelta(days=1), timedelta(hours=1)
    access, identity = pool_settings.access_token_validity(client), pool_settings.id_token_validity(client)
    refresh = pool_settings.refresh_token_validity(client)
    short_lived_fit = all(timedelta(minutes=5) <= each <= day for each in (access, identity))
    if not (short_lived_fit and hour <= refresh <= 3650 * day):
        raise InvalidParameter("Invalid range for token validity.")


def _check_attributes(settings: Settings, known: frozenset[str], deed: str) -> None:
    if set(settings.get("ReadAttributes", ())) - known:
        raise InvalidParameter(f"Invalid read attributes specified while {deed} a client")
    if set(settings.get("WriteAttributes", ())) - (known - _NEVER_WRITABLE):
        raise InvalidParameter(f"Invalid write attributes specified while {deed} a client")


def _check_providers(settings: Settings, around: Surroundings) -> None:
    for name in settings.get("SupportedIdentityProviders", ()):
        if name not in around.providers:
            raise InvalidParameter(f"The provider {name} does not exist for User Pool {around.pool_id}.")


def _check_urls(settings: Settings) -> None:
    callbacks = settings.get("CallbackURLs", [])
    for url in (*callbacks, *settings.get("LogoutURLs", ())):
        check_url(url)
    default = settings.get("DefaultRedirectURI")
    if default is not None and default not in callbacks:
        raise InvalidParameter("DefaultRedirectURI must be one of the CallbackURLs.")


def check_url(url: str) -> None:
    """A redirect address: absolute, no fragment, HTTPS but for the machine itself; an app's own scheme is fine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises for one that is no number
    except ValueError:
        raise InvalidParameter(f"{url} is not a valid URL.") from None
    if not parts.scheme or parts.scheme in _SCRIPT_SCHEMES:
        raise InvalidParameter(f"{url} is not a valid URL.")
    if "#" in url:
        raise InvalidParameter(f"{url} cannot contain a fragment.")
    if parts.scheme in ("http", "https") and (not host or parts.username is not None):
        raise InvalidParameter(f"{url} is not a valid URL.")
    if parts.scheme == "http" and host != "localhost" and not _is_loopback(host):
        raise InvalidParameter(f"{url} cannot use the HTTP protocol.")


def _is_loopback(host: str) -> bool:
    """Just the two addresses that the service names."""
    try:
        return ipaddress.ip_address(host) in (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
    except ValueError:
        return False


def _check_oauth(settings: Settings, custom_scopes: frozenset[str], *, has_secret: bool) -> None:
    flows = set(settings.get("AllowedOAuthFlows", ()))
    scopes = settings.get("AllowedOAuthScopes", [])
    _check_scopes(scopes, custom_scopes)
    if settings["AllowedOAuthFlowsUserPoolClient"] and not (flows and scopes):
        raise InvalidOAuthFlow(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use "
            "OAuth flows."
        )
    if "client_credentials" in flows:
        _check_client_credentials(flows, scopes, has_secret=has_secret)
    if flows & {"code", "implicit"} and not settings.get("CallbackURLs"):
        raise InvalidParameter("CallbackURLs are required for the code and implicit flows.")


def _check_scopes(scopes: Iterable[str], custom_scopes: frozenset[str]) -> None:
    unknown = [each for each in scopes if each not in STANDARD_SCOPES and each not in custom_scopes]
    if unknown:
        raise ScopeDoesNotExist(f"Invalid scope requested: {', '.join(unknown)}")


def _check_client_credentials(flows: set[str], scopes: Iterable[str], *, has_secret: bool) -> None:
    if flows & {"code", "implicit"}:
        raise InvalidOAuthFlow(
            "client_credentials flow can not be selected along with code flow or implicit flow."
        )
    if not has_secret:
        raise InvalidOAuthFlow(
            "client_credentials flow can not be selected if client does not have a client secret."
        )
    if not set(scopes) - set(STANDARD_SCOPES):
        raise InvalidOAuthFlow("client_credentials flow requires at least one custom scope.")
