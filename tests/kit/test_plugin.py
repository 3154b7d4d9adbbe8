"""The pytest plugin as a host uses it: a project with nothing but the kit runs its own suite against real pools."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.core_suite

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "tests" / "kit_project"


@pytest.mark.parametrize("module", ["settings", "site_settings"])
def test_the_suite_of_a_project_with_the_kit_alone(module: str) -> None:
    """Once without a database of its own, once as ``startproject`` makes it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    options = ["-c", PROJECT / "pytest.ini", "--rootdir", PROJECT, "--ds", f"tests.kit_project.{module}"]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, PROJECT],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^7 passed", run.stdout, re.MULTILINE), run.stdout
