"""A Ceph object store of one's own: a monitor, a store in memory and the gateway, in processes of this machine.

On Debian: ``apt install ceph-mon ceph-osd radosgw ceph-common``. It checks what AWS checks of a web identity: the token's signature
by discovery, audience, trust policy, role policy and session policy.
"""

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.moto_server import client
from tests.races import PATIENCE
from tests.site import free_port, inherited, is_answering

FSID = "11111111-1111-4111-8111-111111111111"
OSD = "22222222-2222-4222-8222-222222222222"

CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v1:127.0.0.1:{mon_port}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
keyring = {folder}/keyring
run dir = {folder}
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 268435456
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
paxos propose interval = 0.01
paxos min wait = 0.01

[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw s3 auth use sts = true
rgw sts key = abcdefghijklmnop
rgw run sync thread = false
rgw enable gc threads = false
rgw enable lc threads = false
"""


@dataclass
class Ceph:
    """``proxy`` is where the gateway sends its own requests, so that names can mean servers of a test."""

    folder: Path
    proxy: str
    port: int = field(default_factory=free_port)
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Ceph":
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()  # what they hold is in memory, or in a folder that goes away
            process.wait(timeout=PATIENCE)

    def client(self, service: str, credentials: dict[str, Any]) -> Any:
        """boto3 at the gateway; ``credentials`` as GetCredentialsForIdentity gives them."""
        return client(service, self.url, credentials)

    def administrator(self) -> dict[str, Any]:
        """The keys of a user who may make roles and providers."""
        keys = {"AccessKeyId": "BOSSEXAMPLE", "SecretKey": "boss-secret-of-a-test"}
        self._run(
            *("radosgw-admin", "user", "create", "--uid=boss", "--display-name=boss"),
            *(f"--access-key={keys['AccessKeyId']}", f"--secret={keys['SecretKey']}"),
            "--caps=roles=*;oidc-provider=*",
        )
        return keys

    def _start(self) -> None:
        values = {"fsid": FSID, "folder": self.folder, "mon_port": free_port(), "port": self.port}
        (self.folder / "ceph.conf").write_text(CONFIGURATION.format(**values))
        for name in ("mon", "osd"):
            (self.folder / name).mkdir()
        keyring, monmap = str(self.folder / "keyring"), str(self.folder / "monmap")
        self._run(
            "ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"
        )
        address = f"[v1:127.0.0.1:{values['mon_port']}]"
        self._run("monmaptool", "--create", "--addv", "a", address, "--fsid", FSID, monmap)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
        self._spawn("ceph-mon", "-f", "-i", "a")
        self._ask("osd", "create", OSD)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", OSD)
        store = self._spawn("ceph-osd", "-f", "-i", "0")
        self._ask("osd", "crush", "add", "osd.0", "1", "root=default", "host=here")
        gateway = self._spawn("radosgw", "-f", "-n", "client.rgw")
        deadline = time.monotonic() + PATIENCE
        while not is_answering(self.url):
            if time.monotonic() > deadline:
                raise RuntimeError(f"radosgw did not start; see {self.folder}")
            # Each gives up where what it needs isn't there yet: the monitor's map, the store.
            if store.poll() is not None:
                store = self._spawn("ceph-osd", "-f", "-i", "0")
            if gateway.poll() is not None:
                gateway = self._spawn("radosgw", "-f", "-n", "client.rgw")
            time.sleep(0.1)

    def _environment(self) -> dict[str, str]:
        return {**inherited(), "CEPH_CONF": str(self.folder / "ceph.conf"), "http_proxy": self.proxy}

    def _ask(self, *command: str) -> None:
        """Of the monitor, which refuses clients that know its map no more than it does itself: while it begins."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._run("ceph", *command)
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, env=self._environment(), capture_output=True, timeout=PATIENCE)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')}")

    def _spawn(self, *command: str) -> "subprocess.Popen[bytes]":
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            command, env=self._environment(), stdin=nowhere, stdout=nowhere, stderr=nowhere
        )
        self.processes.append(process)
        return process
