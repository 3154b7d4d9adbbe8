"""The second process: the demo's subscriptions by role, and nothing of the site but their API."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator

from portal.demo import fixed
from tests.kit.graphql.sockets import Socket, in_thread, signed_header
from tests.portal import test_demo_graphql as demo_graphql
from tests.portal.test_demo_graphql import bearer, identity_of, sign_up
from tests.races import PATIENCE

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db(transaction=True)]

demo = demo_graphql.demo
PATH = "/demo/graphql"
KEYED = {"host": "testserver", "x-api-key": fixed.GRAPHQL_KEY}
ON_PUBLIC = "subscription { onCreatePublicNote { id title } }"


def application() -> Any:
    from portal.site import asgi

    return asgi.application


async def status_of(path: str, method: str = "GET") -> int:
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    call = ApplicationCommunicator(application(), {**scope, "root_path": "", "client": ("127.0.0.1", 1)})
    await call.send_input({"type": "http.request", "body": b"", "more_body": False})
    status: int = (await call.receive_output(5))["status"]
    await call.receive_output(5)
    await call.wait(PATIENCE)
    return status


def test_nothing_of_the_site_is_there_but_the_api(db: None) -> None:
    async def play() -> None:
        assert await status_of("/healthz") == 200
        assert await status_of(PATH, "OPTIONS") == 200
        assert await status_of(PATH, "POST") == 401
        for path in (
            "/",
            "/admin/login/",
            "/demo/app/",
            "/demo/graphql/realtime",
            "/us-east-1_Demo00001/.well-known/jwks.json",
        ):
            assert await status_of(path) == 404

    async_to_sync(play)()


def test_each_role_hears_what_is_its_own(demo: None, admin_key: tuple[str, str]) -> None:
    ada = sign_up("ada", groups=("editors",), admin_key=admin_key)
    identity, signed_in, own_token = identity_of(ada)
    _, guest, _ = identity_of(None)
    own = f'subscription {{ onCreateNote(owner: "{identity}") {{ id title }} }}'
    others = f'subscription {{ onCreateNote(owner: "{fixed.OTHER_IDENTITY}") {{ id }} }}'
    headers: dict[str, Any] = {
        "guest": guest,
        "signed in": signed_in,
        "token": {"Authorization": ada["AccessToken"]},
        "identity's token": {"Authorization": own_token},
        "API key": KEYED,
        "visitor": {"Authorization": fixed.GRAPHQL_TOKEN},
    }

    async def opened(socket: Socket, who: str) -> list[bool]:
        answers = []
        for number, query in enumerate((ON_PUBLIC, own, others)):
            header = headers[who]
            if "SecretKey" in header:
                header = signed_header(header, PATH, json.dumps({"query": query, "variables": {}}))
            answer = await socket.start(query, header, name=f"{who} {number}")
            answers.append(answer["type"] == "start_ack")
        return answers

    async def play() -> None:
        socket = await Socket(application(), KEYED, path=PATH).begin()
        assert {who: await opened(socket, who) for who in headers} == {
            "guest": [True, False, False],
            "signed in": [True, True, False],
            "token": [True, True, False],
            "identity's token": [True, True, False],
            "API key": [True, False, False],
            "visitor": [True, False, False],
        }
        editor = bearer(ada["AccessToken"])
        await in_thread(editor.ask, 'mutation { createPublicNote(title: "All") { id title } }')
        told = [(await socket.hear())["id"] for _ in headers]
        assert sorted(told) == sorted(f"{who} 0" for who in headers)
        await in_thread(editor.ask, demo_graphql.CREATE)
        told = [(await socket.hear())["id"] for _ in range(3)]
        assert sorted(told) == ["identity's token 1", "signed in 1", "token 1"]
        await socket.disconnect()

    async_to_sync(play)()
