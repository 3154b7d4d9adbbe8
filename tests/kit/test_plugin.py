"""The pytest plugin as a host uses it: a project with nothing but the kit runs its own suite against real pools."""

import re
import subprocess
import sys

import pytest

from tests.site import ROOT, inherited

pytestmark = pytest.mark.core_suite

PROJECT = ROOT / "tests" / "kit_project"


@pytest.mark.parametrize("module", ["settings", "site_settings"])
def test_the_suite_of_a_project_with_the_kit_alone(module: str) -> None:
    """Once without a database of its own, once as ``startproject`` makes it."""
    options = ["-c", PROJECT / "pytest.ini", "--rootdir", PROJECT, "--ds", f"tests.kit_project.{module}"]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, PROJECT],
        cwd=ROOT,
        env=inherited(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^7 passed", run.stdout, re.MULTILINE), run.stdout
