"""Django system checks of the settings: one clear sentence a fault, with what to do about it."""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from identity.core import conf, hosts, sealing
from identity.core.conf import Settings, settings

_HINT_KEY = 'Make one with: python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
_SCHEMES = ("http", "https")
_DEFAULT_PROVIDER = Settings().key_provider

Check = Callable[[Settings], Iterator[CheckMessage]]


def check_settings(**_: Any) -> list[CheckMessage]:
    """What is wrong wherever it runs."""
    given = getattr(django_settings, "IDENTITY", {})
    if not isinstance(given, dict):
        return [Error("IDENTITY must be a dict.", id="identity_core.E001")]
    found = list(_unknown_names(given))
    try:
        values = settings()
    except (TypeError, ValueError):
        return [*found, Error("IDENTITY has a value of the wrong type.", id="identity_core.E002")]
    checks: tuple[Check, ...] = (
        _base_url,
        _ids,
        _keys,
        _paths,
        _triggers,
        _networks,
        _provider_urls,
        _admin_key,
    )
    for check in checks:
        found += check(values)
    return found


def check_deployment(**_: Any) -> list[CheckMessage]:
    """What is wrong only where the service meets strangers (``check --deploy``)."""
    values = settings()
    host = _split(values.base_url).hostname or ""
    found: list[CheckMessage] = []
    if not hosts.is_local(host):
        found += _public(values, host)
    if not _has_secret_key():
        found.append(
            Error(
                "SECRET_KEY is empty.",
                hint="Set it to 50 or more random characters.",
                id="identity_core.E020",
            )
        )
    return found


def _public(values: Settings, host: str) -> Iterator[CheckMessage]:
    if django_settings.DEBUG:
        yield Error(
            f"DEBUG is on although the service is reached at {host}.",
            hint="Set DEBUG to false: its error pages show settings and values to anybody.",
            id="identity_core.E021",
        )
    if _split(values.base_url).scheme != "https":
        yield Error(
            f"BASE_URL is http although {host} is not this machine only.",
            hint="Serve it by https and write BASE_URL so: passwords and tokens pass by it.",
            id="identity_core.E022",
        )
    if "*" in django_settings.ALLOWED_HOSTS:
        yield Warning(
            "ALLOWED_HOSTS lets any host name pass.",
            hint="Name the hosts: the base host, and .auth.<base host> for the pools' pages.",
            id="identity_core.W023",
        )


def _has_secret_key() -> bool:
    try:
        return bool(django_settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's way to say that it is empty, whoever reads it
        return False


def _unknown_names(given: dict[str, Any]) -> Iterator[CheckMessage]:
    for name in sorted(given.keys() - conf.NAMES):
        yield Error(
            f'IDENTITY["{name}"] is not a setting.',
            hint=f"Known are: {', '.join(sorted(conf.NAMES))}.",
            id="identity_core.E003",
        )


def _base_url(values: Settings) -> Iterator[CheckMessage]:
    if not _is_address(values.base_url):
        yield Error(
            "BASE_URL is not an http or https address.",
            hint='Write the whole address, as "https://id.example.com".',
            id="identity_core.E004",
        )


def _ids(values: Settings) -> Iterator[CheckMessage]:
    if len(values.account_id) != 12 or not values.account_id.isdecimal():
        yield Error("ACCOUNT_ID must be twelve digits.", id="identity_core.E005")
    if not values.region or not all(c.isascii() and (c.isalnum() or c == "-") for c in values.region):
        yield Error('REGION must read like "eu-central-1".', id="identity_core.E006")
    if values.regions and values.region not in values.regions:
        yield Error(
            "REGIONS does not list REGION.",
            hint=f'Add "{values.region}": what is made here has ids of that region.',
            id="identity_core.E008",
        )
    if values.trigger_threads < 1:
        yield Error("TRIGGER_THREADS must be at least 1.", id="identity_core.E007")


def _keys(values: Settings) -> Iterator[CheckMessage]:
    if values.key_provider != _DEFAULT_PROVIDER:
        return
    if not values.master_keys:
        yield Error(
            "MASTER_KEYS is empty: secrets can be neither sealed nor opened.",
            hint=_HINT_KEY,
            id="identity_core.E010",
        )
    for number, text in enumerate(values.master_keys, start=1):
        try:
            sealing.decode_key(text)
        except ImproperlyConfigured:
            yield Error(
                f"Key {number} of MASTER_KEYS is not 32 bytes in base64.",
                hint=_HINT_KEY,
                id="identity_core.E011",
            )
    if len(set(values.master_keys)) != len(values.master_keys):
        yield Error("MASTER_KEYS has one key twice.", id="identity_core.E012")


def _paths(values: Settings) -> Iterator[CheckMessage]:
    for name in ("key_provider", "sms_sender", "callers"):
        path = getattr(values, name)
        if path and not _is_importable(path):
            yield Error(f"{name.upper()} names {path}, which cannot be imported.", id="identity_core.E013")


def _triggers(values: Settings) -> Iterator[CheckMessage]:
    for arn, target in values.triggers.items():
        is_url = _split(target).scheme in _SCHEMES
        if not arn.startswith("arn:"):
            yield Error(f"TRIGGERS has {arn!r}, which is not an ARN.", id="identity_core.E014")
        elif not is_url and not _is_importable(target):
            yield Error(
                f"TRIGGERS names {target} for {arn}, which is neither a URL nor importable.",
                id="identity_core.E015",
            )


def _networks(values: Settings) -> Iterator[CheckMessage]:
    for text in values.trusted_proxies:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            yield Error(
                f"TRUSTED_PROXIES has {text!r}, neither address nor network.", id="identity_core.E016"
            )
    for text in values.fetch_private:
        if "/" in text or "*" in text:
            yield Error(
                f"FETCH_PRIVATE has {text!r}; each entry must be one host name or address.",
                id="identity_core.E017",
            )


def _provider_urls(values: Settings) -> Iterator[CheckMessage]:
    for name, url in values.provider_urls.items():
        if not _is_address(url):
            yield Error(
                f"PROVIDER_URLS has {url!r} for {name}, which is not an http or https address.",
                id="identity_core.E019",
            )


def _admin_key(values: Settings) -> Iterator[CheckMessage]:
    if bool(values.admin_access_key_id) != bool(values.admin_secret_access_key):
        yield Error(
            "ADMIN_ACCESS_KEY_ID and ADMIN_SECRET_ACCESS_KEY are only of use together.",
            id="identity_core.E018",
        )


def _is_address(url: str) -> bool:
    parts = _split(url)
    return bool(parts.scheme in _SCHEMES and parts.hostname and not parts.query and not parts.fragment)


def _split(url: str) -> SplitResult:
    """The parts of an address; of what is none, like half an IPv6 address, empty ones."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _is_importable(path: str) -> bool:
    try:
        import_string(path)
    except (ImportError, RuntimeError):  # RuntimeError: Django's, for models of an app that is not installed
        return False
    return True
