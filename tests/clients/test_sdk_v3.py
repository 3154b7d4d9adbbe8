"""AWS SDK for JavaScript v3, unmodified: ``fromCognitoIdentityPool`` in Node and in a browser."""

import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.clients import notes, people
from tests.clients.test_javascript import SCRIPTS, run
from tests.site import Site

pytestmark = [
    pytest.mark.node,
    pytest.mark.xdist_group("site"),
    pytest.mark.skipif("Node" in servers.missing(), reason=servers.missing().get("Node", "")),
]


def ask(site: Site, **members: Any) -> dict[str, Any]:
    return run(
        "sdk_v3.mjs",
        endpoint=f"{site.base}/",
        region="us-east-1",
        identityPoolId=people.IDENTITY_POOL,
        **members,
    )


def test_a_guest_gets_credentials_from_the_pool(site: Site) -> None:
    answer = ask(site)

    assert answer.get("error") is None, answer
    assert answer["arn"].endswith("assumed-role/DemoGuest/CognitoIdentityCredentials")
    assert answer["accessKeyId"].startswith("ASIA")


def test_a_user_gets_credentials_from_the_pool_and_is_one_identity_for_good(site: Site) -> None:
    given = notes.logins(site, notes.tokens(site, people.confirmed(site))["IdToken"])

    first, second = ask(site, logins=given), ask(site, logins=given)

    assert first.get("error") is None, first
    assert first["arn"].endswith("assumed-role/DemoSignedIn/CognitoIdentityCredentials")
    assert first["identityId"] == second["identityId"]


def test_a_token_that_the_pool_does_not_know_is_refused_by_name(site: Site) -> None:
    token = notes.tokens(site, people.confirmed(site))["IdToken"]

    answer = ask(site, logins={"accounts.google.com": token})

    assert answer["error"] == "NotAuthorizedException"


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The browser's script, bundled as an app's build would."""
    target = tmp_path_factory.mktemp("bundle") / "bundle.js"
    source = "browser/from_cognito_identity_pool.mjs"
    command = ["node_modules/.bin/esbuild", source, "--bundle", "--platform=browser", "--log-level=error"]
    # The package names its browser build without the ending that this bundler compares.
    package = "@aws-sdk/credential-providers"
    command.append(f"--alias:{package}={package}/dist-es/index.browser.js")
    subprocess.run([*command, f"--outfile={target}"], cwd=SCRIPTS, check=True, timeout=60)
    return target


@pytest.fixture
def app_page(bundle: Path, chromium: Any) -> Iterator[Any]:
    """A page of another origin than the site's, as an app's is: the browser asks for permission first (CORS)."""
    (bundle.parent / "index.html").write_text("<title>An app</title><script src=bundle.js></script>")
    handler = partial(SimpleHTTPRequestHandler, directory=str(bundle.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = chromium.new_page()
        page.goto(f"http://localhost:{server.server_port}/index.html")
        yield page
        page.close()
        server.shutdown()


@pytest.mark.browser
def test_in_a_browser_a_guest_becomes_the_signed_in_user(site: Site, app_page: Any) -> None:
    given = notes.logins(site, notes.tokens(site, people.confirmed(site))["IdToken"])
    common = {
        "endpoint": f"{site.base}/",
        "region": "us-east-1",
        "identityPoolId": people.IDENTITY_POOL,
    }

    guest = app_page.evaluate("given => whoAmI(given)", common)
    user = app_page.evaluate("given => whoAmI(given)", {**common, "logins": given, "userIdentifier": "ana"})

    assert "assumed-role/DemoGuest/" in guest["arn"]
    assert "assumed-role/DemoSignedIn/" in user["arn"]
