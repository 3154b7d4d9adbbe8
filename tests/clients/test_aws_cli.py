"""The AWS CLI scripts roles and policies: the lines of the how-to, exactly as printed, over a socket."""

import json
import re
from pathlib import Path

import pytest

from tests.clients.test_readme import paste
from tests.site import ROOT, Site

pytestmark = pytest.mark.xdist_group("site")

PAGE = (ROOT / "docs" / "how-to" / "script-roles-and-policies.md").read_text()


def block(name: str) -> str:
    found = re.search(rf"<!-- paste: {name} -->\s*```bash\n(.*?)```", PAGE, re.DOTALL)
    assert found, f"the page has no block {name!r}"
    return found[1]


def answers(text: str) -> list[dict[str, object]]:
    """The JSON documents that the CLI printed, one behind the other."""
    found, place, decoder = [], 0, json.JSONDecoder()
    while place < len(text.rstrip()):
        answer, place = decoder.raw_decode(text, place)
        place += len(text[place:]) - len(text[place:].lstrip())
        found.append(answer)
    return found


def test_the_lines_of_the_how_to(site: Site, tmp_path: Path) -> None:
    names = ("setup", "role", "simulate", "versions", "user", "cleanup")
    done = paste(site, "".join(map(block, names)), tmp_path, ["bash", "-euo", "pipefail"])

    assert done.returncode == 0, done.stdout + done.stderr
    told = answers(done.stdout)
    simulated = next(one["EvaluationResults"] for one in told if "EvaluationResults" in one)
    listed = next(one["Versions"] for one in told if "Versions" in one)
    assert [(one["EvalActionName"], one["EvalDecision"]) for one in simulated] == [  # type: ignore[attr-defined]
        ("notes:Read", "allowed"),
        ("notes:Burn", "explicitDeny"),
    ]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in listed] == [  # type: ignore[attr-defined]
        ("v2", True),
        ("v1", False),
    ]


def test_a_refusal_is_told_as_aws_tells_it(site: Site, tmp_path: Path) -> None:
    done = paste(site, block("setup") + "aws iam get-role --role-name nobody\n", tmp_path, ["bash"])

    assert done.returncode != 0
    assert (
        "An error occurred (NoSuchEntity) when calling the GetRole operation: "
        "The role with name nobody cannot be found."
    ) in done.stderr
