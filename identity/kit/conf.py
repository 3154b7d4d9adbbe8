"""The ``IDENTITY_KIT`` dict of Django's settings: whose tokens the host's API accepts where a class says nothing else,
which portal it asks about signatures, and how people sign in to the host's pages.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from identity.core import conf as core_conf
from identity.core import hosts
from identity.core.fetch import is_public

TOKEN_USES = frozenset({"access", "id"})
LONGEST_CACHE = 60
LONGEST_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """``PORTAL``: whom ``identity.kit.portal.PortalCallers`` asks. ``URL`` is the portal's base address,
    ``ACCESS_KEY_ID`` and ``SECRET_ACCESS_KEY`` are the API's own key there. ``CACHE_SECONDS``: how long an answer is
    believed, and so how long a revoked key still opens; 0 asks anew for each request. ``TIMEOUT_SECONDS``: how long
    one question may take.
    """

    url: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    cache_seconds: float = 1.0
    timeout_seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """``SIGN_IN``: the user pool by which people sign in to the host's Django pages.

    ``ISSUER`` and ``CLIENT_ID`` are the pool's; ``CLIENT_SECRET`` where the client has one. ``SCOPES`` are asked of the
    hosted pages. ``GROUPS``: pool group to the name of a Django group, whose membership follows the pool at each
    sign-in. ``STAFF_GROUPS`` and ``SUPERUSER_GROUPS``: pool groups whose members get ``is_staff``, ``is_superuser``, and
    lose it with the group; empty leaves these flags alone. ``SESSION_SECONDS``: how long a sign-in lasts. ``USER``:
    dotted path of a function ``(issuer, claims) -> user`` for hosts that keep whose account is whose in a table of their
    own. ``API_URL``: where the password is sent to, by default the issuer's own host.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    groups: Mapping[str, str] = field(default_factory=dict)
    staff_groups: tuple[str, ...] = ()
    superuser_groups: tuple[str, ...] = ()
    session_seconds: int = 8 * 3600
    user: str = ""
    api_url: str = ""


@dataclass(frozen=True, slots=True)
class KitSettings:
    """``ISSUERS``: user pool ids of this installation, or issuer addresses. ``CLIENT_IDS``: app clients whose tokens are
    accepted, all of the issuers' where empty. ``TOKEN_USE``: ``access``, ``id`` or both. ``CHECK_LIVE``: also ask the
    user pool, once a request, whether the user is still there and signed in. ``JWKS_URIS``: issuer to the address of
    its keys, where its discovery document doesn't say it.
    """

    issuers: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    token_use: tuple[str, ...] = ("access",)
    check_live: bool = False
    jwks_uris: Mapping[str, str] = field(default_factory=dict)
    portal: PortalSettings | None = None
    sign_in: SignInSettings | None = None


Group = TypeVar("Group", KitSettings, PortalSettings, SignInSettings)

_TEXTS = frozenset({"issuers", "client_ids", "token_use", "scopes", "staff_groups", "superuser_groups"})


@cache
def settings() -> KitSettings:
    """The settings in force. Raises ImproperlyConfigured for an unknown name: a misspelt limit would not limit."""
    given = dict(getattr(django_settings, "IDENTITY_KIT", {}))
    if given.get("PORTAL") is not None:
        given["PORTAL"] = _portal(given["PORTAL"])
    if given.get("SIGN_IN") is not None:
        given["SIGN_IN"] = _sign_in(given["SIGN_IN"])
    return _read(KitSettings, given, "IDENTITY_KIT")


def portal() -> PortalSettings:
    """Raises ImproperlyConfigured where no portal is set."""
    found = settings().portal
    if found is None:
        raise ImproperlyConfigured("PortalCallers needs IDENTITY_KIT['PORTAL'].")
    return found


def sign_in() -> SignInSettings:
    """Raises ImproperlyConfigured where no pool is set to sign in by."""
    found = settings().sign_in
    if found is None:
        raise ImproperlyConfigured("Signing in by a user pool needs IDENTITY_KIT['SIGN_IN'].")
    return found


def texts(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """One text or several as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def is_safe_address(url: str, *, private: bool = False) -> bool:
    """Whether secrets may travel there: by HTTPS, or without it to this machine and to hosts that were listed as private.

    ``private`` adds every address that isn't public: for portals, which tell keys of one day and no passwords.
    """
    parts = urlsplit(str(url))
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    is_near = hosts.is_local(host) or host in core_conf.settings().fetch_private
    return parts.scheme == "http" and (is_near or (private and _is_private_address(host)))


def _is_private_address(host: str) -> bool:
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return False


def _portal(given: Mapping[str, Any]) -> PortalSettings:
    read = _read(PortalSettings, given, "IDENTITY_KIT['PORTAL']")
    if not is_safe_address(read.url, private=True):
        raise _unsafe("IDENTITY_KIT['PORTAL']['URL']", "this machine, to private IP addresses")
    if not read.access_key_id or not read.secret_access_key:
        raise ImproperlyConfigured("IDENTITY_KIT['PORTAL'] needs the API's access key.")
    cache, timeout = read.cache_seconds, read.timeout_seconds
    are_numbers = isinstance(cache, int | float) and isinstance(timeout, int | float)
    if not are_numbers or not 0 <= cache <= LONGEST_CACHE or not 0 < timeout <= LONGEST_TIMEOUT:
        raise ImproperlyConfigured(
            f"IDENTITY_KIT['PORTAL']: CACHE_SECONDS is at most {LONGEST_CACHE}, TIMEOUT_SECONDS {LONGEST_TIMEOUT}."
        )
    return read


def _sign_in(given: Mapping[str, Any]) -> SignInSettings:
    read = _read(SignInSettings, given, "IDENTITY_KIT['SIGN_IN']")
    _require_safe(read.issuer, "IDENTITY_KIT['SIGN_IN']['ISSUER']")
    if read.api_url:
        _require_safe(read.api_url, "IDENTITY_KIT['SIGN_IN']['API_URL']")
    if not read.client_id or "openid" not in read.scopes:
        raise ImproperlyConfigured(
            "IDENTITY_KIT['SIGN_IN'] needs a CLIENT_ID, and 'openid' among its SCOPES."
        )
    if not isinstance(read.session_seconds, int) or read.session_seconds < 1:
        raise ImproperlyConfigured("IDENTITY_KIT['SIGN_IN']['SESSION_SECONDS'] is a number of seconds.")
    return read


def _require_safe(url: str, name: str) -> None:
    if not is_safe_address(url):
        raise _unsafe(name, "this machine")


def _unsafe(name: str, near: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{name} must be an https address; http only to {near} or to hosts in IDENTITY['FETCH_PRIVATE']."
    )


def _read(kind: type[Group], given: Mapping[str, Any], where: str) -> Group:
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured(f"{where} must be a dict.")
    names = {each.name.upper(): each.name for each in fields(kind)}
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise ImproperlyConfigured(f"{where} has unknown names: {', '.join(unknown)}.")
    values = {names[name]: value for name, value in given.items()}
    for name in _TEXTS & values.keys():
        values[name] = texts(values[name])
    try:
        return kind(**values)
    except TypeError as error:  # a name without which it is nothing
        raise ImproperlyConfigured(f"{where}: {error}.") from error


def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("IDENTITY_KIT", "IDENTITY"):
        settings.cache_clear()


# Django itself announces changed settings (``override_settings``) only this way.
setting_changed.connect(_forget, dispatch_uid="identity.kit.conf")
