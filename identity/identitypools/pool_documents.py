"""What CreateIdentityPool and UpdateIdentityPool are given, checked: providers must exist and be named once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from identity.core import issuers
from identity.iam import saml_providers
from identity.iam.models import OidcProvider
from identity.identitypools import pool_tags, providers, social_secrets
from identity.identitypools.errors import InvalidParameter, LimitExceeded, ResourceConflict
from identity.identitypools.pools import PoolForm

MOST_USER_POOL_CLIENTS = 50
"""Entries of CognitoIdentityProviders. Source: Cognito developer guide, "Quotas"."""

_STORED = (
    "AllowUnauthenticatedIdentities",
    "AllowClassicFlow",
    "SupportedLoginProviders",
    "DeveloperProviderName",
    "OpenIdConnectProviderARNs",
    "CognitoIdentityProviders",
    "SamlProviderARNs",
)


def checked(request: Mapping[str, Any]) -> PoolForm:
    """The form of a pool out of either request. Raises InvalidParameter, ResourceConflict, LimitExceeded.

    Empty lists and maps count as not set, as the service leaves them out of its answers.
    """
    settings = {name: request[name] for name in _STORED if request.get(name) not in (None, [], {})}
    settings["AllowUnauthenticatedIdentities"] = bool(request.get("AllowUnauthenticatedIdentities"))
    _check_social(settings.get("SupportedLoginProviders", {}))
    _check_user_pools(settings.get("CognitoIdentityProviders", []))
    _check_arns(settings.get("OpenIdConnectProviderARNs", []), _known_oidc)
    _check_arns(settings.get("SamlProviderARNs", []), _known_saml)
    providers.check_developer_provider(settings)
    pool_tags.check(request.get("IdentityPoolTags", {}))
    secrets: dict[str, str] = {}
    if "SupportedLoginProviders" in settings:
        settings["SupportedLoginProviders"], secrets = social_secrets.split(
            settings["SupportedLoginProviders"]
        )
    return PoolForm(request["IdentityPoolName"], settings, request.get("IdentityPoolTags", {}), secrets)


def _check_social(apps: Mapping[str, str]) -> None:
    for name, app in apps.items():
        if name not in providers.SOCIAL:
            raise InvalidParameter(f"({name}) is not a supported login provider.")
        if name in social_secrets.WITH_SECRET and not all(app.partition(";")):
            raise InvalidParameter(f"({name}) needs <consumer key>;<consumer secret>.")


def _check_user_pools(entries: list[Mapping[str, Any]]) -> None:
    if len(entries) > MOST_USER_POOL_CLIENTS:
        raise LimitExceeded("The maximum number of Cognito user pool providers has been reached.")
    names = [_checked_user_pool(entry) for entry in entries]
    _require_unique(names)


def _checked_user_pool(entry: Mapping[str, Any]) -> tuple[str, str]:
    name, client_id = providers.canonical(entry.get("ProviderName", "")), entry.get("ClientId", "")
    if not client_id or not providers.is_user_pool(name):
        raise InvalidParameter("Invalid Cognito Identity Provider")
    issuer = issuers.find(f"https://{name}")
    if issuer is None:
        _check_elsewhere(entry)
    elif not issuer.has_audience(client_id):
        raise InvalidParameter("Invalid Cognito Identity Provider", why="no such client in the user pool")
    return name, client_id


def _check_elsewhere(entry: Mapping[str, Any]) -> None:
    """A user pool of Amazon's or of another installation: whether pool and client exist shows when a token comes."""
    if providers.is_of_this_site(entry["ProviderName"]):
        raise InvalidParameter("Invalid Cognito Identity Provider", why="no such user pool here")
    if entry.get("ServerSideTokenCheck"):
        raise InvalidParameter(
            "ServerSideTokenCheck is only supported for user pools of this installation: "
            "others can't be asked whether a user is still signed in."
        )


def _check_arns(arns: list[str], known: Callable[[list[str]], Iterable[str]]) -> None:
    _require_unique(arns)
    unknown = set(arns).difference(known(arns)) if arns else set()
    for arn in sorted(unknown):
        raise InvalidParameter(f"Invalid identity provider ARN: {arn}")


def _known_oidc(arns: list[str]) -> Iterable[str]:
    names = [providers.oidc_name(arn) for arn in arns]
    urls = [f"{scheme}://{name}{end}" for name in names for scheme in ("https", "http") for end in ("", "/")]
    return [provider.arn for provider in OidcProvider.objects.filter(url__in=urls)]


def _known_saml(arns: list[str]) -> Iterable[str]:
    return saml_providers.find_all(arns)


def _require_unique(names: list[Any]) -> None:
    if len(set(names)) < len(names):
        raise ResourceConflict("A provider is given twice.")
