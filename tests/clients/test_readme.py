"""The README's paste-lines, exactly as printed, against a site that ``make run`` would start."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site import ROOT, Site

pytestmark = pytest.mark.xdist_group("site")

README = (ROOT / "README.md").read_text()


def block(name: str) -> str:
    """The code block that follows the marker ``<!-- paste: NAME -->``."""
    found = re.search(rf"<!-- paste: {name} -->\s*```\w*\n(.*?)```", README, re.DOTALL)
    assert found, f"README has no block {name!r}"
    return found[1]


def paste(site: Site, text: str, folder: Path, shell: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a block as a person would who pasted it, after replacing only the port that this site happens to have."""
    text = text.replace("localhost:8000", f"localhost:{site.port}")
    text = text.replace(". var/demo.env", f". {site.var}/demo.env").replace(
        "var/demo.env", f"{site.var}/demo.env"
    )
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(
        [*shell], input=text, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def test_the_lines_for_the_aws_cli(site: Site, tmp_path: Path) -> None:
    done = paste(site, block("aws-cli"), tmp_path, ["bash", "-euo", "pipefail"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert "assumed-role/DemoSignedIn/CognitoIdentityCredentials" in done.stdout


def test_the_lines_for_boto3(site: Site, tmp_path: Path) -> None:
    done = paste(site, block("boto3"), tmp_path, [sys.executable, "-"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert "AccessDenied" in done.stdout
