"""Amplify's GraphQL client, unmodified, in Node: by pool token, by identity-pool credentials, by every other mode; and
subscribed by ``wss://``."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.clients import notes, people
from tests.site import Site

SCRIPTS = Path(__file__).resolve().parent.parent / "node"
OTHER_IDENTITY = "us-east-1:9b2e0000-0000-4000-8000-000000000002"
LOGIN = f"cognito-idp.us-east-1.amazonaws.com/{people.POOL}"

pytestmark = [
    pytest.mark.node,
    pytest.mark.xdist_group("site"),
    pytest.mark.skipif("Node" in servers.missing(), reason=servers.missing().get("Node", "")),
]


def run(site: Site, step: str, **members: Any) -> dict[str, Any]:
    given = {
        "step": step,
        "base": f"{site.base}/",
        "endpoint": f"https://localhost:{site.realtime_port}/demo/graphql",
        "elsewhere": f"{site.base}/demo/graphql",
        "userPoolId": people.POOL,
        "clientId": people.CLIENT,
        "identityPoolId": people.IDENTITY_POOL,
        "apiKey": "da2-demodemodemodemodemodemode",
        "lambdaToken": "demo-visitor",
        "otherIdentity": OTHER_IDENTITY,
        **members,
    }
    done = subprocess.run(
        # Node 20 has the browser's WebSocket behind this switch, later ones without it.
        ["node", "--experimental-websocket", "graphql.mjs", json.dumps(given)],
        cwd=SCRIPTS,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(site.var / "demo-tls" / "ca.pem")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert "error" not in answer, answer
    return answer


def titles(found: Any) -> list[str]:
    return sorted(note["title"] for note in found)


def test_appsync_with_a_pool_token_and_with_identity_pool_credentials(site: Site) -> None:
    site.await_realtime()
    ada = people.confirmed(site)

    answer = run(site, "modes", username=ada.username, password=ada.password)

    # The same person's notes, whichever way they were written and are read.
    assert answer["created"]["createNote"]["owner"] == answer["identityId"]
    assert answer["createdSigned"]["createNote"]["owner"] == answer["identityId"]
    for way in ("userPool", "identityPool"):
        assert titles(answer[way]["myNotes"]) == ["by credentials", "by token"]

    # Everybody may read what is public; what is somebody's own is refused.
    for way in ("guest", "apiKey", "lambda"):
        assert "Opening hours" in titles(answer[way]["public"]["publicNotes"])
    assert answer["guest"]["mine"]["refused"][0]["message"] == "Unauthorized"
    refused = {"errorType": "Unauthorized", "message": "Not Authorized to access myNotes on type Query"}
    assert answer["apiKey"]["mine"]["refused"] == [refused]
    assert answer["lambda"]["mine"]["refused"] == [refused]
    assert answer["lambda"]["wrong"]["refused"][0]["message"] == "Unauthorized"


def test_appsync_with_an_openid_providers_token(site: Site) -> None:
    site.await_realtime()
    ada = people.confirmed(site)
    tokens = notes.tokens(site, ada)
    pool = people.app(site, "cognito-identity")
    logins = {LOGIN: tokens["IdToken"]}
    identity = pool.get_id(IdentityPoolId=people.IDENTITY_POOL, Logins=logins)["IdentityId"]
    token = pool.get_open_id_token(IdentityId=identity, Logins=logins)["Token"]

    answer = run(site, "oidc", token=token)

    assert answer["mine"] == {"myNotes": []}
    assert "Opening hours" in titles(answer["public"]["publicNotes"])


def test_subscriptions_are_told_of_another_processs_mutation(site: Site) -> None:
    site.await_realtime()
    ada = people.confirmed(site)

    answer = run(site, "subscriptions", username=ada.username, password=ada.password)

    for way in ("userPool", "identityPool"):
        told = answer["heard"][way]["onCreateNote"]
        assert (told["title"], told["owner"]) == (f"told to {way}", answer["owner"])
    assert (
        "Not Authorized to access onCreateNote on type Subscription" in answer["heard"]["others"]["refused"]
    )
