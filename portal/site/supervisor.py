"""``make run`` and ``make serve``: web server and Celery worker as one process group, ended together.

``serve`` is the production shape: everything from the environment, and a refusal to start where that
would be unsafe. ``run`` is the same plus the demo: keys of its own under ``var/``, data with fixed ids.
"""

import base64
import os
import secrets  # noqa: TID251 - before Django is there; the demo's own keys
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

GRACE_SECONDS = 5.0
START_SECONDS = 30.0
RESPAWN_LIMIT = 5  # deaths within a minute


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
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.writelines(f"{name}={value}\n" for name, value in lines.items())
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
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Refusal(f"PORT is {text!r}: it must be a number from 1 to 65535.")
    return int(text)


def require_free_port(host: str, port: int) -> None:
    """Raise ``Refusal`` when something listens on the port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise Refusal(
                f"Port {port} needs rights that this user lacks: choose one from 1024 on, as in PORT=8000."
            ) from error
        except OSError as error:
            raise Refusal(
                f"Port {port} cannot be used ({error.strerror}): stop what uses it, or choose another, as in PORT={port + 1}."
            ) from error


def require_safe() -> None:
    """Run Django's checks with those for deployment; raise ``Refusal`` with a sentence for each fault."""
    from django.core import checks

    found = checks.run_checks(include_deployment_checks=True)
    faults = [message for message in found if message.level >= checks.ERROR]
    if faults:
        raise Refusal("\n".join(f"{fault.msg} {fault.hint or ''}".strip() for fault in faults))
    for warning in found:
        if warning.level >= checks.WARNING and str(warning.id).startswith("identity_"):
            print(f"Note: {warning.msg} {warning.hint or ''}".rstrip(), flush=True)


def prepare(var: Path) -> None:
    """Migrate, make the embedded broker's folders, gather static files (only when they changed since the last start)."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise Refusal(f"The database does not answer: {str(error).strip().splitlines()[0]}") from error
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


@dataclass
class Process:
    """A child in a process group of its own, so that a whole tree of workers can be ended."""

    name: str
    command: list[str]
    popen: "subprocess.Popen[bytes] | None" = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.popen = subprocess.Popen(self.command, start_new_session=True)

    def is_running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def signal(self, number: int) -> None:
        if self.popen is not None:
            try:
                os.killpg(self.popen.pid, number)
            except ProcessLookupError:
                return


def web_command(host: str, port: int, workers: int) -> list[str]:
    return [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)],
        *["--workers", str(workers), "--blocking-threads", "8", "--backpressure", "128", "--backlog", "1024"],
        *["--respawn-failed-workers", "--workers-kill-timeout", "3", "--no-ws", "--http", "1"],
        *["--log-level", "error", "portal.site.wsgi:application"],
    ]


def worker_command() -> list[str]:
    return [
        *[sys.executable, "-m", "celery", "-A", "portal.site.celery", "worker", "--beat"],
        *["--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING"],
        *["--without-gossip", "--without-mingle", "--without-heartbeat"],
    ]


class Supervisor:
    """Starts the children, starts one again that died, and ends all of them together."""

    def __init__(self, processes: list[Process]) -> None:
        self.processes = processes
        self.is_ending = False

    def end(self, number: int, frame: object) -> None:
        self.is_ending = True

    def run(self, when_up: Callable[[], None], is_up: Callable[[], bool]) -> int:
        """Block until a signal (0) or until a child keeps dying (1)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end)
        for process in self.processes:
            process.start()
        try:
            return self._watch(when_up, is_up)
        finally:
            self._stop()

    def _watch(self, when_up: Callable[[], None], is_up: Callable[[], bool]) -> int:
        deadline, is_announced = time.monotonic() + START_SECONDS, False
        while not self.is_ending:
            for process in self.processes:
                if not process.is_running() and not self._respawn(process):
                    return 1
            if not is_announced and is_up():
                when_up()
                is_announced = True
            elif not is_announced and time.monotonic() > deadline:
                print(
                    f"The server did not answer within {START_SECONDS:.0f} s: see the messages above.",
                    file=sys.stderr,
                )
                return 1
            time.sleep(0.1)
        return 0

    def _respawn(self, process: Process) -> bool:
        now = time.monotonic()
        process.deaths = [death for death in process.deaths if now - death < 60] + [now]
        if len(process.deaths) > RESPAWN_LIMIT:
            print(
                f"The {process.name} ended {RESPAWN_LIMIT} times within a minute: stopping.", file=sys.stderr
            )
            return False
        print(f"The {process.name} ended; starting it again.", file=sys.stderr, flush=True)
        process.signal(signal.SIGKILL)  # what it may have left of its group
        process.start()
        return True

    def _stop(self) -> None:
        """Ask all to end; after the grace time make them: Granian sometimes hangs at its shutdown."""
        for process in self.processes:
            process.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(process.is_running() for process in self.processes):
            time.sleep(0.05)
        for process in self.processes:
            process.signal(signal.SIGKILL)
            if process.popen is not None:
                process.popen.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def start(verb: str) -> int:
    environment = os.environ
    var = Path(environment.get("IDENTITY_VAR", "var")).absolute()
    require_writable(var)
    os.environ["IDENTITY_VAR"] = str(var)
    port = port_number(environment)
    host = environment.get("HOST") or "127.0.0.1"
    require_free_port(host, port)
    if verb == "run":
        os.environ["IDENTITY_DEMO"] = "1"
        for name, value in demo_environment(var).items():
            os.environ.setdefault(name, value)
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.site.settings"

    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        import django

        django.setup()
    except ImproperlyConfigured as error:
        raise Refusal(str(error)) from error
    require_safe()
    prepare(var)

    from django.core.management import call_command

    from identity.iam import keys

    keys.ensure_administrator_from_settings()
    if verb == "run":
        call_command("demo", verbosity=0)
    workers = settings.WEB_WORKERS or (1 if verb == "run" else os.cpu_count() or 1)
    supervisor = Supervisor(
        [Process("web server", web_command(host, port, workers)), Process("worker", worker_command())]
    )

    def announce() -> None:
        if verb == "run":
            call_command("demo", "--print-only")
        print(f"\nServing at {settings.BASE_URL} - Ctrl-C stops it.", flush=True)

    local = f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared only
    return supervisor.run(announce, lambda: answers(f"http://{local}:{port}/healthz"))


def main(arguments: list[str]) -> int:
    verb = arguments[0] if arguments else "serve"
    try:
        return start(verb)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
