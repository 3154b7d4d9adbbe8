"""Which real servers answer: PostgreSQL, Redis, RabbitMQ, Chromium, Node, Ceph. Asked once a process."""

import functools
import os
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
BROKER_URL = os.environ.get("TEST_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//")
CEPH_PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
NODE_MODULES = Path(__file__).parent / "node" / "node_modules"


def answers(url: str) -> str:
    """The reason why nothing answers at the URL's host and port, or an empty string."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=1).close()
    except OSError as error:
        return f"nothing answers at {parts.hostname}:{parts.port} ({error.strerror or error})"
    return ""


@functools.cache
def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@functools.cache
def ceph() -> str:
    """What isn't installed of it, or an empty string."""
    found = [name for name in CEPH_PROGRAMS if shutil.which(name) is None]
    return f"no {found[0]} (on Debian: apt install ceph-mon ceph-osd radosgw ceph-common)" if found else ""


@functools.cache
def missing() -> dict[str, str]:
    """Name -> reason of each server or program that the suite would use and that isn't there."""
    found = {
        "PostgreSQL": answers(DATABASE_URL),
        "Redis": answers(REDIS_URL),
        "RabbitMQ": answers(BROKER_URL),
        "Chromium": "" if chromium() else "no chromium on the PATH (on Debian: apt install chromium)",
        "Ceph": ceph(),
        "Node": ""
        if shutil.which("node") and NODE_MODULES.exists()
        else "no node, or its packages are not installed (npm ci in tests/node)",
    }
    return {name: reason for name, reason in found.items() if reason}


def fresh_broker() -> str:
    """A RabbitMQ virtual host of its own where the management command can make one, else the shared one."""
    return BROKER_URL
