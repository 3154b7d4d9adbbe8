"""moto as other people run it: a server in a process of its own, with its IAM enforcement to be switched on."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.races import PATIENCE
from tests.site import free_port, is_answering


@dataclass
class MotoServer:
    """``log`` is the file of what it printed."""

    log: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "MotoServer":
        command = [
            sys.executable,
            "-c",
            "from moto.server import main; main()",
            "-H",
            "127.0.0.1",
            "-p",
            str(self.port),
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while not is_answering(f"{self.url}/moto-api/data.json"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"moto did not start:\n{self.log.read_text()}")
            time.sleep(0.1)
        return self

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)

    def enforce(self, *, after: float = 0) -> None:
        """From now on every request must be signed and allowed, but for the first ``after``."""
        address = f"{self.url}/moto-api/reset-auth"
        request = urllib.request.Request(address, str(after).encode(), {"Content-Type": "text/plain"})
        urllib.request.urlopen(request, timeout=15).close()

    def client(self, service: str, credentials: dict[str, Any]) -> Any:
        """boto3 as an app has it; ``credentials`` as GetCredentialsForIdentity gives them."""
        return client(service, self.url, credentials)


def client(service: str, endpoint: str, credentials: dict[str, Any]) -> Any:
    """boto3 at an endpoint, with the keys that were given and no others."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
