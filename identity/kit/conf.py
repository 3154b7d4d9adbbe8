"""The ``IDENTITY_KIT`` dict of Django's settings: whose tokens the host's API accepts where a class says nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

TOKEN_USES = frozenset({"access", "id"})


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


NAMES = {each.name.upper(): each.name for each in fields(KitSettings)}


@cache
def settings() -> KitSettings:
    """The settings in force. Raises ImproperlyConfigured for an unknown name: a misspelt limit would not limit."""
    given: Mapping[str, Any] = getattr(django_settings, "IDENTITY_KIT", {})
    unknown = sorted(set(given) - set(NAMES))
    if unknown:
        raise ImproperlyConfigured(f"IDENTITY_KIT has unknown names: {', '.join(unknown)}.")
    values = {NAMES[name]: value for name, value in given.items()}
    for name in ("issuers", "client_ids", "token_use"):
        if name in values:
            values[name] = texts(values[name])
    return KitSettings(**values)


def texts(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """One text or several as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "IDENTITY_KIT":
        settings.cache_clear()


# Django itself announces changed settings (``override_settings``) only this way.
setting_changed.connect(_forget, dispatch_uid="identity.kit.conf")
