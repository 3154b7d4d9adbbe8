"""Django system checks of ``IDENTITY_KIT``: what would fail, or let in too many, at the first request is said at start."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.module_loading import import_string

from identity.core import conf as core_conf
from identity.kit import conf
from identity.kit.conf import KitSettings, SignInSettings

PORTAL_CALLERS = "identity.kit.portal.PortalCallers"
_BACKENDS = "identity.kit.signin.backends."


def check_settings(**_: Any) -> list[CheckMessage]:
    """All faults of the settings, a sentence each."""
    try:
        values = conf.settings()
    except (ImproperlyConfigured, TypeError, ValueError) as error:
        return [Error(str(error), id="identity_kit.E001")]
    return [*_issuers(values), *_live(values), *_callers(values), *_sign_in(values.sign_in)]


def _issuers(values: KitSettings) -> Iterator[CheckMessage]:
    if not set(values.token_use) <= conf.TOKEN_USES or not values.token_use:
        yield Error("TOKEN_USE is 'access', 'id' or both.", id="identity_kit.E002")
    for issuer in values.issuers:
        if "://" not in issuer and not apps.is_installed("identity.userpools"):
            yield Error(
                f"ISSUERS has {issuer!r}, and no user pools are installed here.",
                hint="Write the issuer's whole address, as it stands in its tokens.",
                id="identity_kit.E003",
            )


def _live(values: KitSettings) -> Iterator[CheckMessage]:
    elsewhere = [each for each in values.issuers if _is_elsewhere(each)]
    if values.check_live and "id" in values.token_use and elsewhere:
        yield Error(
            f"CHECK_LIVE can't be asked about ID tokens of {elsewhere[0]}, which is in another process.",
            hint="Accept access tokens only, or switch CHECK_LIVE off.",
            id="identity_kit.E004",
        )


def _is_elsewhere(issuer: str) -> bool:
    is_own_address = issuer.startswith(core_conf.settings().base_url + "/")
    return "://" in issuer and not (apps.is_installed("identity.userpools") and is_own_address)


def _callers(values: KitSettings) -> Iterator[CheckMessage]:
    named = core_conf.settings().callers
    if named == PORTAL_CALLERS and values.portal is None:
        yield Error(
            "IDENTITY['CALLERS'] names PortalCallers, and IDENTITY_KIT['PORTAL'] says of no portal.",
            id="identity_kit.E005",
        )
    if values.portal is not None and named != PORTAL_CALLERS:
        yield Error(
            f"IDENTITY_KIT['PORTAL'] is set, and IDENTITY['CALLERS'] names {named}, which doesn't ask it.",
            hint=f"Set IDENTITY['CALLERS'] to {PORTAL_CALLERS!r}.",
            id="identity_kit.E006",
        )


def _sign_in(values: SignInSettings | None) -> Iterator[CheckMessage]:
    backends = getattr(django_settings, "AUTHENTICATION_BACKENDS", [])
    if values is None:
        if any(path.startswith(_BACKENDS) for path in backends):
            yield Error(
                "AUTHENTICATION_BACKENDS names the user pool, and IDENTITY_KIT['SIGN_IN'] says of none.",
                id="identity_kit.E007",
            )
        return
    if not any(path.startswith(_BACKENDS) for path in backends):
        yield Error(
            "IDENTITY_KIT['SIGN_IN'] is set, and AUTHENTICATION_BACKENDS has no backend of a user pool.",
            hint=f"Add {_BACKENDS + 'UserPoolBackend'!r}.",
            id="identity_kit.E008",
        )
    yield from _accounts(values)


def _accounts(values: SignInSettings) -> Iterator[CheckMessage]:
    if values.user:
        try:
            import_string(values.user)
        except ImportError:
            yield Error(
                f"SIGN_IN['USER'] names {values.user}, which can't be imported.", id="identity_kit.E009"
            )
        return
    user_model: Any = get_user_model()
    field = user_model._meta.get_field(user_model.USERNAME_FIELD)
    if isinstance(field, models.EmailField) or (field.max_length or 0) < 64:
        yield Error(
            f"Accounts are found by {user_model.USERNAME_FIELD}, which can't hold the name of a pool's user.",
            hint="Name a function (issuer, claims) -> user in IDENTITY_KIT['SIGN_IN']['USER'].",
            id="identity_kit.E010",
        )
