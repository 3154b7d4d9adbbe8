"""The ``IDENTITY`` dict of Django's settings, read through one frozen dataclass.

Every field has a default, so that the apps import without any setting; what must not run with a default is
refused by the system checks in ``checks.py`` or where it is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """One instance a process; secrets are kept out of its ``repr``."""

    base_url: str = field(
        default="http://localhost:8000",
        metadata={"help": "Public address of the service, without a trailing slash; issuers begin with it."},
    )
    region: str = field(
        default="us-east-1", metadata={"help": "Region of ids made here and of unsigned requests."}
    )
    regions: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Regions that signatures may be made for, each as it stands in a client; none listed: any."
        },
    )
    account_id: str = field(default="000000000000", metadata={"help": "Account in every ARN: twelve digits."})
    master_keys: tuple[str, ...] = field(
        default=(),
        repr=False,
        metadata={
            "help": "Keys that seal secrets at rest: each 32 bytes in base64. The first seals, all open; "
            "the last also makes the fingerprints that tokens are found by."
        },
    )
    key_provider: str = field(
        default="identity.core.sealing.SettingsKeys",
        metadata={
            "help": "Dotted path of a class with `master_keys()`, where the master keys come from elsewhere."
        },
    )
    sms_webhook_url: str = field(
        default="",
        repr=False,
        metadata={"help": 'Address to which each SMS is POSTed as `{"to","text","user_pool_id"}`.'},
    )
    sms_sender: str = field(
        default="",
        metadata={
            "help": "Dotted path of a function `(to, text, user_pool_id)`, used instead of the webhook."
        },
    )
    email_from: str = field(
        default="", metadata={"help": "Sender of mails; by default `no-reply@` the host of `BASE_URL`."}
    )
    triggers: Mapping[str, str] = field(
        default_factory=dict,
        repr=False,
        metadata={"help": "Function ARN to dotted path or URL: what runs as a Lambda trigger."},
    )
    trigger_threads: int = field(
        default=4,
        metadata={
            "help": "Triggers, brokers' calls and calls of login providers (so many of each) that may run at once in one process; the next fails fast."
        },
    )
    fetch_private: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Host names or addresses, each exact, that may be fetched although private."},
    )
    provider_urls: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "Login provider to the base address where it is asked instead of its own, which may be private: "
            '`{"graph.facebook.com": "https://facebook.proxy.internal"}`.'
        },
    )
    trusted_proxies: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Addresses or networks whose `X-Forwarded-For` is believed."},
    )
    calls_per_second: int = field(
        default=0,
        metadata={
            "help": "API calls that one client address may make a second, over ten seconds; 0 sets no limit."
        },
    )
    redis_url: str = field(
        default="",
        repr=False,
        metadata={
            "help": "Redis by which processes tell one another what subscriptions wait for; without one, rows are polled."
        },
    )
    callers: str = field(
        default="identity.wire.callers.SettingsCallers",
        metadata={"help": "Dotted path of the class that knows access keys and policies."},
    )
    admin_access_key_id: str = field(
        default="", metadata={"help": "Access key id of an administrator, made at start."}
    )
    admin_secret_access_key: str = field(
        default="", repr=False, metadata={"help": "Secret of the administrator's access key."}
    )


NAMES = frozenset(each.name.upper() for each in fields(Settings))
_TUPLES = frozenset({"master_keys", "regions", "fetch_private", "trusted_proxies"})


@cache
def settings() -> Settings:
    """The settings in force. Unknown names are ignored here and reported by the system checks."""
    given: Mapping[str, Any] = getattr(django_settings, "IDENTITY", {})
    values = {name.lower(): value for name, value in given.items() if name in NAMES}
    for name in _TUPLES & values.keys():
        values[name] = tuple(values[name])
    # Hosts of addresses, which they are compared with, are read in lower case.
    values["fetch_private"] = tuple(map(str.lower, values.get("fetch_private", ())))
    values["base_url"] = str(values.get("base_url") or Settings().base_url).rstrip("/")
    values["email_from"] = values.get("email_from") or f"no-reply@{_host(values['base_url'])}"
    return Settings(**values)


def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or "localhost"


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "IDENTITY":
        settings.cache_clear()


# The one listener in the house: Django itself announces changed settings (`override_settings`) only this way.
setting_changed.connect(_forget, dispatch_uid="identity.core.conf")
