"""A portal inside a host's test run: the apps that the host itself may lack, its own URLs, keys that are quick to have."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.http import HttpRequest
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.urls import ResolverMatch

APPS = (
    "rest_framework",
    "identity.core",
    "identity.wire",
    "identity.iam",
    "identity.userpools",
    "identity.identitypools",
    "identity.kit",
)
BASE_URL = "http://testserver"
MASTER_KEY = base64.b64encode(b"of tests only, seals no secrets.").decode()
ADMIN = ("AKIATESTSTESTSTESTS2", "of-tests-only-0123456789-abcdefghijklmnop")
_MEMORY = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}


class PortalHandler(ClientHandler):
    """Serves the portal, whatever URLs and middlewares the host has."""

    def load_middleware(self, is_async: bool = False) -> None:
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        request.urlconf = "identity.kit.testing.urls"
        return super().resolve_request(request)


def http() -> Client:
    """The way to the portal that goes over no network."""
    made = Client()
    made.handler = PortalHandler(enforce_csrf_checks=False)
    return made


def have_database() -> None:
    """An in-memory SQLite for a host without any database."""
    if connections.settings["default"]["ENGINE"] != "django.db.backends.dummy":
        return
    connections.settings["default"] = connections.configure_settings({"default": dict(_MEMORY)})["default"]
    if connections.all(initialized_only=True):
        del connections["default"]


@contextmanager
def installed() -> Iterator[None]:
    """The portal's apps are there, those of the host stay."""
    missing = [name for name in APPS if not apps.is_installed(name)]
    if not missing:
        yield
        return
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, *missing]):
        yield


def migrate() -> None:
    """The tables of apps that came after the test database was made."""
    call_command("migrate", verbosity=0, interactive=False)


def identity_settings(triggers: dict[str, str]) -> dict[str, Any]:
    """The host's ``IDENTITY``, with what a portal needs."""
    own = getattr(settings, "IDENTITY", {})
    return {
        **own,
        "BASE_URL": own.get("BASE_URL", BASE_URL),
        "MASTER_KEYS": own.get("MASTER_KEYS") or [MASTER_KEY],
        "CALLERS": "identity.iam.callers.IamCallers",
        "TRIGGERS": {**own.get("TRIGGERS", {}), **triggers},
    }


def kit_settings(issuer: str, client_id: str) -> dict[str, Any]:
    """The host's ``IDENTITY_KIT``, believing the pool of the tests and nobody else."""
    own = {**getattr(settings, "IDENTITY_KIT", {}), "ISSUERS": [issuer], "CLIENT_IDS": [client_id]}
    return {name: value for name, value in own.items() if name != "PORTAL"}
