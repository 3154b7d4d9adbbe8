"""Amazon's own JavaScript clients, unmodified, in Node."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.clients import people
from tests.site import Site

SCRIPTS = Path(__file__).resolve().parent.parent / "node"

pytestmark = [
    pytest.mark.node,
    pytest.mark.xdist_group("site"),
    pytest.mark.skipif("Node" in servers.missing(), reason=servers.missing().get("Node", "")),
]


def run(script: str, **members: Any) -> dict[str, Any]:
    done = subprocess.run(
        ["node", script, json.dumps(members)],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def test_amazon_cognito_identity_js_signs_in_by_srp_and_refreshes(site: Site) -> None:
    ada = people.confirmed(site)

    answer = run(
        "cognito_identity_js.mjs",
        endpoint=f"{site.base}/",
        userPoolId=people.POOL,
        clientId=people.CLIENT,
        username=ada.username,
        password=ada.password,
    )

    assert answer.get("error") is None, answer
    assert answer["refreshed"]
    assert answer["sameSignIn"]
    assert answer["attributes"]["email"] == ada.email
    assert answer["attributes"]["sub"] == answer["sub"]


def test_amplify_signs_up_and_in_and_gets_credentials(site: Site) -> None:
    ada = people.somebody()
    common = {
        "endpoint": f"{site.base}/",
        "userPoolId": people.POOL,
        "clientId": people.CLIENT,
        "identityPoolId": people.IDENTITY_POOL,
        "username": ada.username,
        "password": ada.password,
    }

    signed_up = run("amplify.mjs", step="signUp", email=ada.email, **common)
    assert signed_up["nextStep"] == "CONFIRM_SIGN_UP", signed_up
    answer = run("amplify.mjs", step="wholeWay", code=site.mailed_code(ada.email), **common)

    assert answer.get("error") is None, answer
    assert answer["nextStep"] == "DONE"
    assert answer["email"] == ada.email
    assert answer["refreshed"]
    assert answer["identity"].startswith("us-east-1:")
    assert answer["credentials"]["accessKeyId"].startswith("ASIA")
