"""The environment, read variable by variable. What cannot be read becomes a sentence for whoever set it.

All faults are gathered, so that a person mends them in one go; nothing of a value that may hold a secret is
repeated.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_WORDS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
_MAIL_SCHEMES = (*_MAIL_PORTS, "consolemail", "filemail", "dummymail")
_DATABASES = {
    "django.db.backends.postgresql": "postgres://user:password@host/name",
    "django.db.backends.sqlite3": "sqlite:////absolute/path",
}


class Environment:
    """Reads ``variables``; ``faults`` holds a sentence for each that could not be read."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.faults: list[str] = []

    def require_readable(self) -> None:
        """Raise ``ImproperlyConfigured`` with the faults, one a line."""
        if self.faults:
            raise ImproperlyConfigured("\n".join(self.faults))

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def names(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Comma-separated words."""
        given = tuple(word.strip() for word in self.text(name).split(",") if word.strip())
        return given or default

    def flag(self, name: str) -> bool:
        text = self.text(name, "off")
        if text.lower() not in _WORDS:
            self.faults.append(f"{name} is {text!r}: write on or off.")
        return _WORDS.get(text.lower(), False)

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            self.faults.append(f"{name} is {text!r}: it must be a number from {least} to {most}.")
            return default
        return int(text)

    def log_level(self, name: str, default: str) -> str:
        text = self.text(name, default).upper()
        if text not in logging.getLevelNamesMapping():
            self.faults.append(f"{name} is {text!r}: write DEBUG, INFO, WARNING, ERROR or CRITICAL.")
            return default
        return text

    def url(self, name: str, *schemes: str) -> str:
        """An address whose scheme is one of ``schemes``; may hold a password, so it is never repeated."""
        text = self.text(name)
        if text and not _is_url(text, schemes):
            self.faults.append(f"{name} is no address that begins with {_either(schemes)}.")
            return ""
        return text

    def mapping(self, name: str) -> dict[str, str]:
        """A JSON object of texts."""
        try:
            given = json.loads(self.text(name, "{}"))
        except json.JSONDecodeError as error:
            self.faults.append(f"{name} is not JSON ({error.msg} at character {error.pos}).")
            return {}
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            self.faults.append(f'{name} must be a JSON object of texts, as {{"arn:…": "https://…"}}.')
            return {}
        return given

    def database(self, name: str, default: dict[str, Any]) -> dict[str, Any]:
        """Django's settings of one database."""
        if not (text := self.text(name)):
            return default
        try:
            found: dict[str, Any] = environ.Env.db_url_config(text)
        except ValueError:
            found = {}
        if found.get("ENGINE") not in _DATABASES or not found.get("NAME"):
            self.faults.append(f"{name} is no database address: write {_either(_DATABASES.values())}.")
            return default
        return found

    def mail(self, name: str) -> dict[str, Any]:
        """Django's settings ``EMAIL_…``. TLS and the port follow from the scheme: 25, 587 for ``smtp+tls``, 465 for ``smtp+ssl``."""
        text = self.text(name, "consolemail://")
        if not _is_url(text, _MAIL_SCHEMES, needs_host=False):
            self.faults.append(f"{name} is no mail address that begins with {_either(_MAIL_SCHEMES)}.")
            text = "consolemail://"
        given = environ.Env.email_url_config(text)
        return {
            "EMAIL_BACKEND": given["EMAIL_BACKEND"],
            "EMAIL_HOST": given["EMAIL_HOST"] or "localhost",
            "EMAIL_PORT": given["EMAIL_PORT"] or _MAIL_PORTS.get(urlsplit(text).scheme, 25),
            "EMAIL_HOST_USER": given["EMAIL_HOST_USER"] or "",
            "EMAIL_HOST_PASSWORD": given["EMAIL_HOST_PASSWORD"] or "",
            "EMAIL_USE_TLS": given.get("EMAIL_USE_TLS", False),
            "EMAIL_USE_SSL": given.get("EMAIL_USE_SSL", False),
            "EMAIL_FILE_PATH": f"/{given['EMAIL_FILE_PATH']}" if given["EMAIL_FILE_PATH"] else "",
        }


def _is_url(text: str, schemes: tuple[str, ...], *, needs_host: bool = True) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # brackets that hold no IPv6 address, a port that is no number
        return False
    has_place = bool(parts.hostname) or port is not None or parts.scheme in ("unix", "filesystem")
    return parts.scheme in schemes and (has_place or not needs_host)


def _either(words: "Mapping[str, Any] | tuple[str, ...] | Any") -> str:
    *most, last = (word if "://" in word else f"{word}://" for word in words)
    return f"{', '.join(most)} or {last}" if most else str(last)
