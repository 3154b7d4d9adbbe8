"""``make run`` and ``make serve``: web server and Celery worker as one process group, ended together.

``serve`` is the production shape: everything from the environment, and a refusal to start where that
would be unsafe. ``run`` is the same plus the demo: keys of its own under ``var/``, data with fixed ids.
"""

import base64
import os
import re
import secrets  # noqa: TID251 - before Django is there; the demo's own keys
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from portal.site.processes import Process, Supervisor

ALL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to name them, not to bind them
WEAK_SECRET_KEY = "security.W009"
OTHER_MASTER_KEYS = (
    "IDENTITY_MASTER_KEYS does not open what this database holds: set the keys that it was filled under, in the demo "
    "those of demo.env, or begin with an empty database."
)

# Names of IDENTITY's members in the checks' sentences -> the variables that an operator knows.
_MEMBER = re.compile(
    r"(?<![A-Z_])(BASE_URL|REGION|ACCOUNT_ID|MASTER_KEYS|SMS_WEBHOOK_URL|TRIGGERS|FETCH_PRIVATE"
    r"|ADMIN_ACCESS_KEY_ID|ADMIN_SECRET_ACCESS_KEY)(?![A-Z_])"
)


class Refusal(Exception):
    """A reason not to start, as sentences for the person at the terminal."""


def demo_environment(var: Path) -> dict[str, str]:
    """The demo's keys, made once under ``var/`` and readable by their owner only."""
    file = var / "demo.env"
    if not file.exists():
        account_bytes = b"\x00\x00\x00\x00\x00\x00"  # account 000000000000, as AWS packs it into a key id
        key_id = base64.b32encode(account_bytes + secrets.token_bytes(4)).decode().rstrip("=")
        lines = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "IDENTITY_MASTER_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
            "IDENTITY_ADMIN_ACCESS_KEY_ID": f"AKIA{key_id}",
            "IDENTITY_ADMIN_SECRET_ACCESS_KEY": base64.b64encode(secrets.token_bytes(30)).decode(),
            "IDENTITY_DEMO_ADMIN_PASSWORD": secrets.token_urlsafe(12),
        }
        # Whole or not at all: without its master key a database is lost.
        draft = var / f"demo.env.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.writelines(f"{name}={value}\n" for name, value in lines.items())
        draft.rename(file)
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return dict(pairs)


def require_writable(folder: Path) -> None:
    """Raise ``Refusal`` unless files can be made in ``folder`` (asked by making one: root passes any mode check)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Refusal(
            f"The folder {folder} cannot be written ({error.strerror}): make it writable, or set IDENTITY_VAR "
            "to a folder that is."
        ) from error


def port_number(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT") or "8000"
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise Refusal(f"PORT is {text!r}: it must be a number from 1 to 65535.")
    return int(text)


def address_of(host: str, port: int) -> str:
    """The address that ``HOST`` stands for, as the server wants it. Raises ``Refusal``."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refusal(f"HOST is {host!r}, which is no address of this machine ({error.strerror}).") from error
    return str(min(found, key=lambda each: each[0] != socket.AF_INET)[4][0])


def require_free_port(address: str, port: int) -> None:
    """Raise ``Refusal`` when something listens on the port already."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError as error:
            raise Refusal(
                f"Port {port} needs rights that this user lacks: choose one from 1024 on, as in PORT=8000."
            ) from error
        except OSError as error:
            raise Refusal(
                f"Port {port} cannot be used ({error.strerror}): stop what uses it, or choose another, "
                f"as in PORT={port % 65535 + 1}."
            ) from error


def set_up() -> None:
    """Load settings and apps. Raises ``Refusal`` with a sentence for each variable that cannot be read."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.site.settings"
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Refusal(_as_variables(str(error))) from error


def require_safe(verb: str, address: str) -> None:
    """Run Django's checks with those for deployment; raise ``Refusal`` with a sentence for each fault."""
    from django.conf import settings
    from django.core import checks

    from identity.core.hosts import is_local

    found = checks.run_checks(include_deployment_checks=True)
    weak = [message for message in found if message.id == WEAK_SECRET_KEY and _has_secret_key()]
    faults = [message for message in found if message.level >= checks.ERROR] + weak
    sentences = [_as_variables(f"{fault.msg} {fault.hint or ''}".strip()) for fault in faults]
    if settings.DEBUG and not is_local(address):
        sentences.append(
            f"DEBUG is on although the server listens at {address}, which others reach. Set DEBUG to off, or HOST to 127.0.0.1."
        )
    if sentences:
        raise Refusal("\n".join(sentences))
    if verb == "serve":
        notes = [f"{note.msg} {note.hint or ''}" for note in found if str(note.id).startswith("identity_")]
        for note in [*notes, *operators_notes()]:
            print(f"Note: {_as_variables(note)}".rstrip(), file=sys.stderr, flush=True)


def operators_notes() -> list[str]:
    """What is allowed and yet seldom meant."""
    from django.conf import settings

    notes = []
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        notes.append("EMAIL_URL is not set: mails, codes and all, are printed here and sent to nobody.")
    if settings.BASE_URL.startswith("https:") and not settings.IDENTITY["TRUSTED_PROXIES"]:
        notes.append(
            "TRUSTED_PROXIES is empty: every client seems to have the address of the proxy that ends TLS."
        )
    return notes


def _has_secret_key() -> bool:
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # empty, which has a sentence of its own
        return False


def _as_variables(text: str) -> str:
    return _MEMBER.sub(r"IDENTITY_\1", text.replace('IDENTITY["', "").replace('"]', ""))


def prepare(var: Path) -> None:
    """Migrate, make the embedded broker's folders, gather static files (only when they changed since the last start)."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError, connection

    # One connection of its own: a pool would only say that it got none, not why.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise Refusal(f"The database of DATABASE_URL does not answer: {reason}") from error
    if settings.EMBEDDED_BROKER:
        for folder in ("in", "control"):
            (var / "broker" / folder).mkdir(parents=True, exist_ok=True)
    stamp = var / "static.stamp"
    state = _state_of([Path(folder) for folder in settings.STATICFILES_DIRS])
    if not stamp.exists() or stamp.read_text() != state:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(state)


def _state_of(folders: list[Path]) -> str:
    import django

    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    return "\n".join([django.__version__, *(f"{file} {file.stat().st_mtime_ns}" for file in files)])


def web_command(address: str, port: int, workers: int) -> list[str]:
    """Back-pressure counts connections, idle ones too: at 128, as many browsers that only keep theirs open would keep
    everybody else out until the 30 s of an idle connection are over."""
    return [
        *_granian("wsgi", address, port),
        *["--workers", str(workers), "--blocking-threads", "8", "--backpressure", "2048", "--no-ws"],
        "portal.site.wsgi:application",
    ]


def realtime_command(address: str, port: int, chain: Path, key: Path) -> list[str]:
    """By ASGI with TLS: what clients of GraphQL subscriptions demand. One process, for its sockets share it."""
    return [
        *_granian("asginl", address, port),
        *["--workers", "1", "--runtime-mode", "st", "--backpressure", "4096"],
        *["--ssl-certificate", str(chain), "--ssl-keyfile", str(key)],
        "portal.site.asgi:application",
    ]


def _granian(interface: str, address: str, port: int) -> list[str]:
    return [
        *[sys.executable, "-m", "granian", "--interface", interface, "--host", address, "--port", str(port)],
        *["--backlog", "2048", "--http", "1", "--log-level", "error"],
        *["--respawn-failed-workers", "--workers-kill-timeout", "3"],
    ]


def worker_command() -> list[str]:
    return [
        *[sys.executable, "-m", "celery", "--quiet", "-A", "portal.site.celery", "worker", "--beat"],
        *["--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING"],
        *["--without-gossip", "--without-mingle", "--without-heartbeat"],
    ]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def start(verb: str) -> int:
    os.umask(0o077)  # the database has hashes and addresses in it: no other account of the machine reads it
    var = Path(os.environ.get("IDENTITY_VAR") or "var").absolute()
    require_writable(var)
    os.environ["IDENTITY_VAR"] = str(var)
    port = port_number(os.environ)
    address = address_of(os.environ.get("HOST") or "127.0.0.1", port)
    require_free_port(address, port)
    if verb == "run":
        os.environ["IDENTITY_DEMO"] = "1"
        for name, value in demo_environment(var).items():
            os.environ.setdefault(name, value)
    else:
        os.environ.pop("IDENTITY_DEMO", None)
    set_up()
    require_safe(verb, address)
    prepare(var)
    make_data(verb)
    return _supervise(verb, address, port, var)


def make_data(verb: str) -> None:
    """The administrator's access key, and for ``run`` the demo's data."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command

    from identity.core import sealing
    from identity.iam import keys

    if sealing.opens_nothing():
        raise Refusal(OTHER_MASTER_KEYS)
    try:
        keys.ensure_administrator_from_settings()
    except ImproperlyConfigured as error:
        raise Refusal(_as_variables(str(error))) from error
    if verb == "run":
        call_command("demo", verbosity=0)


def _realtime(address: str, var: Path) -> list[Process]:
    """The process of GraphQL subscriptions, where the site has any. Its port is a neighbour that nobody asked for: where it
    is taken, the demo goes without."""
    from django.conf import settings

    from portal.site import certificates

    if not settings.REALTIME_PORT:
        return []
    try:
        require_free_port(address, settings.REALTIME_PORT)
    except Refusal:
        if os.environ.get("REALTIME_PORT"):
            raise
        print(
            f"Note: port {settings.REALTIME_PORT} is taken, so GraphQL subscriptions are not served: set REALTIME_PORT.",
            file=sys.stderr,
            flush=True,
        )
        settings.REALTIME_PORT = 0
        return []
    shown = certificates.ensure(var / "demo-tls", "localhost", "127.0.0.1", "::1")
    command = realtime_command(address, settings.REALTIME_PORT, shown.chain, shown.key)
    return [Process("subscriptions server", command)]


def _supervise(verb: str, address: str, port: int, var: Path) -> int:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    connections.close_all()  # the children have their own; this process asks nothing more
    workers = settings.WEB_WORKERS or (1 if verb == "run" else os.cpu_count() or 1)
    supervisor = Supervisor(
        [
            Process("web server", web_command(address, port, workers)),
            Process("worker", worker_command()),
        ],
        late=_realtime(address, var),
    )

    def announce() -> None:
        if verb == "run":
            call_command("demo", "--print-only")
            connections.close_all()
        print(f"\nServing at {settings.BASE_URL} - Ctrl-C stops it.", flush=True)

    local = ALL_ADDRESSES.get(address, address)
    url = f"http://{f'[{local}]' if ':' in local else local}:{port}/healthz"
    return supervisor.run(announce, lambda: answers(url))


def main(arguments: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    verb = arguments[0] if arguments else "serve"
    try:
        return start(verb)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _end_at_once(number: int, frame: object) -> NoReturn:
    """End a site that is still being prepared, which may be broken off anywhere: databases roll back, files are renamed whole.

    No exception does it safely: one that is raised within ``__del__`` or a weak reference's callback is swallowed, and a
    KeyboardInterrupt that passes ``exec()``, as dataclasses use it at import, makes CPython kill itself at its exit.
    """
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
