"""A site in a process of its own, and who visits it."""

import json
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.site import ROOT, free_port, inherited

ADMIN_KEY = ("AKIAAAAAAAAAAMADMIN2", "tests-only-secret-access-key-0123456789ab")


@dataclass
class Site:
    """``told`` are the lines that it printed before it served."""

    base: str
    database: Path
    told: list[str] = field(default_factory=list)

    def client(self, service: str, *key: str) -> Any:
        """boto3's client over the socket; unsigned without a key."""
        three = (*key, None, None, None)[:3]
        return boto3.client(
            service,
            endpoint_url=self.base,
            region_name="us-east-1",
            aws_access_key_id=three[0] or "unused",
            aws_secret_access_key=three[1] or "unused",
            aws_session_token=three[2],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def admin(self, service: str) -> Any:
        return self.client(service, *ADMIN_KEY)

    def modules(self) -> set[str]:
        """The apps of ours of which it has imported anything by now, and the modules themselves."""
        with urllib.request.urlopen(f"{self.base}/modules") as answer:
            names: list[str] = json.load(answer)["modules"]
        return {*names, *(".".join(name.split(".")[:2]) for name in names)}

    def tables(self) -> set[str]:
        """The prefixes of its tables: ``identity_core``, …"""
        with sqlite3.connect(self.database) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {"_".join(name.split("_")[:2]) for (name,) in rows if name.startswith("identity_")}


@contextmanager
def started(name: str, folder: Path, **environment: str) -> Iterator[Site]:
    """The site of ``tests/sites/<name>.py``: migrated, checked, serving."""
    port = free_port()
    site = Site(f"http://localhost:{port}", folder / f"{name}.sqlite3")
    told = folder / f"{name}.log"
    with told.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.sites.serve"],
            cwd=ROOT,
            env={
                **inherited(),
                "DJANGO_SETTINGS_MODULE": f"tests.sites.{name}",
                "SITE_PORT": str(port),
                "SITE_DATABASE": str(site.database),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "serving":
                break
            site.told.append(line.strip())
        else:
            raise RuntimeError(told.read_text())
        yield site
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
