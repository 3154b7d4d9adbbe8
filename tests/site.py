"""The real thing in processes of its own: ``supervisor run`` on a free port, on SQLite or on real servers."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests import servers
from tests.races import PATIENCE, wait_for

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=15) as response:
        return str(response.read().decode())


def is_answering(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def inherited() -> dict[str, str]:
    """What a process of the tests keeps of their environment."""
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}


@dataclass
class Site:
    """A running site. ``base`` is its address, ``output`` the file of what it printed."""

    var: Path
    environment: dict[str, str] = field(default_factory=dict)
    verb: str = "run"
    port: int = field(default_factory=free_port)
    realtime_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def output(self) -> str:
        return (self.var / "output.log").read_text()

    def start(self) -> "Site":
        self.var.mkdir(parents=True, exist_ok=True)
        environment = {
            **inherited(),
            "IDENTITY_VAR": str(self.var),
            "PORT": str(self.port),
            "REALTIME_PORT": str(self.realtime_port),
            "IDENTITY_BASE_URL": self.base,
            **self.environment,
        }
        log = (self.var / "output.log").open("ab")
        told_before = log.tell()  # by an earlier start on the same folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.site.supervisor", self.verb],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while b"Serving at" not in (self.var / "output.log").read_bytes()[told_before:]:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the site did not start:\n{self.output}")
            time.sleep(0.1)
        return self

    def await_realtime(self) -> None:
        """The process of GraphQL subscriptions starts when the site is up."""
        context = ssl.create_default_context(cafile=str(self.var / "demo-tls" / "ca.pem"))
        url = f"https://localhost:{self.realtime_port}/healthz"

        def answers() -> bool:
            try:
                urllib.request.urlopen(url, context=context, timeout=5).close()
            except OSError:
                return False
            return True

        wait_for(answers, "answer of the realtime process")

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE)

    def keys(self) -> dict[str, str]:
        """The demo's keys as its file under ``var/`` holds them."""
        return dict(re.findall(r"^(\w+)=(.*)$", (self.var / "demo.env").read_text(), re.MULTILINE))

    def mailed_code(self, recipient: str, *, unlike: str = "") -> str:
        """The newest six digits in the demo's mailbox for a recipient; the worker delivers within moments.

        ``unlike`` is the code of an earlier mail, which does not count.
        """

        def newest() -> str | None:
            try:  # waits for a first one by itself
                found = get(f"{self.base}/demo/mailbox/code?to={recipient}")
            except urllib.error.HTTPError:
                return None
            return found if found != unlike else None

        code: str = wait_for(newest, f"new mail for {recipient}")
        return code


def fresh_database() -> str:
    """A new empty PostgreSQL database beside the suite's own; its URL."""
    name = f"identity_site_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(servers.DATABASE_URL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return servers.DATABASE_URL.rsplit("/", 1)[0] + "/" + name


def drop_database(url: str) -> None:
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(servers.DATABASE_URL, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
