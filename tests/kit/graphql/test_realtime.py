"""AppSync's WebSocket protocol: let in, subscribed, told, refused; as channels' communicator speaks it."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from identity.kit import graphql
from identity.kit.graphql import realtime
from identity.kit.graphql.context import Context
from identity.kit.graphql.principal import Principal
from identity.kit.graphql.realtime import consumer, hub, subscriptions
from tests.kit.graphql import world
from tests.kit.graphql.sockets import (
    KEYED,
    SUBSCRIBE,
    Socket,
    WebsocketCommunicator,
    in_thread,
    signed_header,
)

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db(transaction=True)]

CREATE = 'mutation { createNote(title: "Tea", owner: "me") { id title owner } }'
REFUSED = {"errorType": "UnauthorizedException", "message": "You are not authorized to make this call."}


async def post(query: str, **members: Any) -> Any:
    response = await in_thread(world.post, query, {"x-api-key": world.KEY}, **members)
    return response.json()


@pytest.fixture
def app(everything: Any) -> Any:
    return realtime.application({"/graphql": everything})


def run(app: Any, scenario: Callable[[Socket], Awaitable[None]], *args: Any, **members: Any) -> None:
    async def play() -> None:
        socket = Socket(app, *args, **members)
        try:
            await scenario(socket)
        finally:
            await socket.disconnect()

    async_to_sync(play)()


# Told


def test_a_subscriber_is_told_of_what_a_mutation_returned(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        assert (await post(CREATE))["data"]["createNote"]["title"] == "Tea"
        assert await socket.hear() == {
            "id": "1",
            "type": "data",
            "payload": {"data": {"onCreateNote": {"id": "7", "title": "Tea"}}},
        }

        await socket.say("stop", id="1")
        assert await socket.hear() == {"id": "1", "type": "complete"}
        await post(CREATE)
        assert await socket.receive_nothing(0.4)

    run(app, scenario)


def test_only_what_the_mutation_selected_is_told_under_the_subscribers_names(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started(
            "subscription { n: onCreateNote { __typename number: id what: title owner stars } }"
        )
        await post(
            'mutation { renamed: createNote(title: "Tea", owner: "me", stars: 3) { ...A heading: title } }'
            " fragment A on Note { no: id }"
        )
        told = (await socket.hear())["payload"]
        assert told == {
            "data": {"n": {"__typename": "Note", "number": "7", "what": "Tea", "owner": None, "stars": None}}
        }

    run(app, scenario)


def test_a_mutation_that_is_written_in_parts_is_told_once_and_whole(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        await post(
            'mutation { createNote(title: "Tea") { id } ...A } fragment A on Mutation { createNote(title: "Tea") { title } }'
        )
        assert (await socket.hear())["payload"] == {"data": {"onCreateNote": {"id": "7", "title": "Tea"}}}
        await post(CREATE.replace("Tea", "Milk"))
        assert (await socket.hear())["payload"]["data"]["onCreateNote"]["title"] == "Milk"

    run(app, scenario)


def test_a_field_that_may_not_be_null_and_was_not_selected_is_an_error(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        await post('mutation { createNote(title: "Tea") { title } }')
        told = (await socket.hear())["payload"]
        assert told["data"] == {"onCreateNote": None}
        assert "non-nullable field Note.id" in told["errors"][0]["message"]

    run(app, scenario)


def test_what_failed_or_is_another_mutations_is_not_told(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        await post("mutation { fail { id } }")
        await post('mutation { createThing(name: "x") { id } }')
        await post(CREATE)
        assert (await socket.hear())["payload"]["data"]["onCreateNote"]["id"] == "7"
        assert await socket.receive_nothing(0.2)

    run(app, scenario)


ARGUMENTS = [
    ('owner: "me"', True),
    ('owner: "you"', False),
    ("owner: null", False),
    ("mood: GLAD, stars: 3", True),
    ("mood: SAD, stars: 3", False),
    ("stars: 4", False),
]


@pytest.mark.parametrize(("arguments", "is_told"), ARGUMENTS)
def test_arguments_filter(arguments: str, is_told: bool, app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started(f"subscription {{ onCreateNote({arguments}) {{ id }} }}")
        await socket.started(name="2")
        await post(
            'mutation { createNote(title: "a", owner: "me", mood: GLAD, stars: 3) { id title owner mood stars } }'
        )
        told = [(await socket.hear())["id"] for _ in range(2 if is_told else 1)]
        assert told == (["1", "2"] if is_told else ["2"])

    run(app, scenario)


def test_what_the_mutation_did_not_select_matches_no_filter(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started('subscription { onCreateNote(owner: "me") { id } }')
        await post('mutation { createNote(title: "a", owner: "me") { id } }')
        assert await socket.receive_nothing(0.4)

    run(app, scenario)


def test_an_argument_whose_variable_is_not_given_does_not_filter(app: Any) -> None:
    query = (
        "subscription On($owner: String, $stars: Int) { onCreateNote(owner: $owner, stars: $stars) { id } }"
    )

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started(query, variables={"owner": "me"})
        await socket.started(query, name="2", variables={"owner": None})
        await post(CREATE)
        assert (await socket.hear())["id"] == "1"
        await post('mutation { createNote(title: "a") { id title owner } }')
        assert (await socket.hear())["id"] == "2"

    run(app, scenario)


def test_an_interfaces_types_are_told_where_the_mutation_selected_them(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started("subscription { onCreateThing { id ... on Folder { called: name } } }")
        await post(
            'mutation { createThing(name: "x") { t: __typename id ... on Folder { a: name } ... on Note { a: title } } }'
        )
        assert (await socket.hear())["payload"] == {"data": {"onCreateThing": {"id": "8", "called": "x"}}}

    run(app, scenario)


def test_fields_that_the_subscriber_may_not_have_are_null(app: Any, admin_key: tuple[str, str]) -> None:
    def create() -> Any:
        return world.signed('mutation { createNote(title: "a") { id secret } }', admin_key)

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started("subscription { onCreateNote { id secret } }")
        assert (await in_thread(create)).json()["data"]["createNote"]["secret"]
        told = (await socket.hear())["payload"]
        assert told["data"] == {"onCreateNote": {"id": "7", "secret": None}}
        assert told["errors"][0]["message"] == "Not Authorized to access secret on type Note"

    run(app, scenario)


def test_a_result_that_is_too_large_is_not_told(serve: Callable[..., Any]) -> None:
    app = realtime.application({"/graphql": serve(limits=graphql.Limits(event_bytes=300))})

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        assert (await post(CREATE.replace("Tea", "T" * 500)))["data"]
        await post(CREATE)
        assert (await socket.hear())["payload"]["data"]["onCreateNote"]["title"] == "Tea"

    run(app, scenario)


def test_several_subscriptions_and_clients_share_what_is_told(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        other = await Socket(app).begin()
        await socket.begin()
        for name in ("a", "b"):
            await socket.started(name=name)
        await other.started(name="c")
        await post(CREATE)
        assert {(await socket.hear())["id"], (await socket.hear())["id"]} == {"a", "b"}
        assert (await other.hear())["id"] == "c"
        await other.disconnect()
        await post(CREATE)
        assert {(await socket.hear())["id"], (await socket.hear())["id"]} == {"a", "b"}

    run(app, scenario)


# Let in


def test_a_signature_covers_the_connection_and_each_start(app: Any, db: None) -> None:
    key = world.reader(("Subscription", "onCreateNote"))
    pair = (key.key_id, key.secret)
    data = {"query": SUBSCRIBE, "variables": {}}
    private = {"query": "subscription { onPrivateNote { id } }", "variables": {}}

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        good = signed_header(pair, "/graphql", json.dumps(data))
        await socket.started(header={**good, "x-amz-user-agent": "aws-amplify/6"})
        await post(CREATE)
        assert (await socket.hear())["payload"]["data"]["onCreateNote"]["id"] == "7"

        for wrong in (
            signed_header(pair, "/graphql", "{}"),
            signed_header(pair, "/graphql/connect", json.dumps(data)),
            signed_header((key.key_id, "wrong"), "/graphql", json.dumps(data)),
            signed_header(pair, "/graphql", json.dumps(data), host="elsewhere.example"),
        ):
            answer = await socket.start(header=wrong, name="2")
            assert answer["type"] == "error", answer
            assert answer["payload"]["errors"][0]["errorType"] == "BadRequestException"

        refused = await socket.start(
            private["query"], signed_header(pair, "/graphql", json.dumps(private)), name="3"
        )
        fault = {"errorType": "UnauthorizedException", "message": "Permission denied"}
        assert refused == {"id": "3", "type": "error", "payload": {"errors": [fault]}}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.ALLOWED_HOSTS", ["testserver"])
        run(app, scenario, signed_header(pair, "/graphql/connect", "{}"))


@pytest.mark.parametrize("way", ["query", "headers"])
def test_the_two_older_ways_to_carry_the_header(way: str, app: Any) -> None:
    encoded = base64.b64encode(json.dumps(KEYED).encode()).decode()
    given: dict[str, Any] = (
        {"query": f"?header={encoded}&payload=e30="}
        if way == "query"
        else {"headers": [(b"x-api-key", world.KEY.encode()), (b"host", b"testserver")]}
    )

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()

    run(app, scenario, None, **given)


@pytest.mark.parametrize("way", ["pools", "oidc", "lambdas"])
def test_every_token_comes_in_and_modes_may_differ_by_subscription(
    way: str, app: Any, headers: dict[str, dict[str, str]]
) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started(header={**headers[way], "host": "testserver"})
        await socket.started(name="2")
        answer = await socket.start("subscription { onPrivateNote { id } }", headers[way], name="3")
        if way == "pools":
            assert answer["type"] == "start_ack"
        else:
            assert answer["payload"]["errors"][0]["errorType"] == "Unauthorized"
            assert (
                answer["payload"]["errors"][0]["message"]
                == "Not Authorized to access onPrivateNote on type Subscription"
            )

    run(app, scenario, {**headers[way], "host": "testserver"})


NOBODY: dict[str, Any] = {
    "a wrong key": ({"host": "testserver", "x-api-key": "da2-wrong"}, "UnauthorizedException", 400),
    "nothing": ({"host": "testserver"}, "UnauthorizedException", 400),
    "a garbage token": ({"Authorization": "a.b.c", "host": "testserver"}, "UnauthorizedException", 400),
    "no object": ("[]", "MalformedHttpRequestException", 400),
    "no JSON": ("{", "MalformedHttpRequestException", 400),
    "no text": ('{"x-api-key": 1}', "UnauthorizedException", 400),
    "half a surrogate": ('{"x-api-key": "\\ud800"}', "MalformedHttpRequestException", 400),
    "nests": ("[" * 20_000, "MalformedHttpRequestException", 400),
    "too long": (json.dumps({"x-api-key": "x" * 40_000}), "MalformedHttpRequestException", 400),
}


@pytest.mark.parametrize("kind", NOBODY)
def test_who_is_not_let_in_is_told_why_and_sent_away(kind: str, app: Any) -> None:
    header, error_type, code = NOBODY[kind]

    async def scenario(socket: Socket) -> None:
        assert await socket.connect(5) == (True, "graphql-ws")
        await socket.say("connection_init")
        told = await socket.hear()
        assert told["type"] == "connection_error"
        assert told["payload"]["errors"][0]["errorType"] == error_type
        assert told["payload"]["errors"][0]["errorCode"] == code
        assert (await socket.receive_output(5))["type"] == "websocket.close"

    run(app, scenario, header)


def test_a_wrong_key_is_refused_in_appsyncs_words(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.connect(5)
        await socket.say("connection_init")
        assert await socket.hear() == {
            "payload": {"errors": [{**REFUSED, "errorCode": 400}]},
            "type": "connection_error",
        }

    run(app, scenario, {"host": "testserver", "x-api-key": "da2-wrong"})


def test_an_authorizer_that_does_not_answer_may_be_asked_again(serve: Callable[..., Any]) -> None:
    """Clients take 503 for something that passes; of 400, 401 and 403 they give up."""
    broken = graphql.LambdaAuthorizer(function="tests.kit.graphql.authorizers.breaks")
    app = realtime.application({"/graphql": serve(broken)})

    async def scenario(socket: Socket) -> None:
        await socket.connect(5)
        await socket.say("connection_init")
        (fault,) = (await socket.hear())["payload"]["errors"]
        assert (fault["errorType"], fault["errorCode"]) == ("ServiceUnavailableException", 503)

    run(app, scenario, {"host": "testserver", "Authorization": "let-me-in"})


def test_before_the_init_nothing_is_answered(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.connect(5)
        await socket.say("start", id="1", payload={"data": "{}"})
        await socket.say("stop", id="1")
        assert await socket.receive_nothing(0.1)
        await socket.say("connection_init")
        assert (await socket.hear())["type"] == "connection_ack"

    run(app, scenario)


def test_other_protocols_and_paths_are_refused(app: Any, everything: Any) -> None:
    async def play() -> None:
        for path, protocols in (
            ("/graphql/realtime", []),
            ("/graphql/realtime", ["graphql-transport-ws"]),
            ("/other", ["graphql-ws"]),
        ):
            socket = WebsocketCommunicator(app, path, subprotocols=protocols)
            assert (await socket.connect(5))[0] is False

    async_to_sync(play)()


# Refused starts

STARTS: dict[str, Any] = {
    "a query": {"data": '{"query": "{ everybody }"}'},
    "two fields": {"data": '{"query": "subscription { a: onCreateNote { id } onCreateThing { id } }"}'},
    "an unknown field": {"data": '{"query": "subscription { onNothing { id } }"}'},
    "no syntax": {"data": '{"query": "subscription {"}'},
    "too deep": {"data": json.dumps({"query": "subscription { onCreateNote {" + "parent {" * 30 + "id" + "}" * 32})},
    "a wrong argument": {"data": '{"query": "subscription { onCreateNote(stars: \\"x\\") { id } }"}'},
    "nothing at all": {"data": '{"query": "subscription { __typename }"}'},
    "a skipped field": {"data": '{"query": "subscription { onCreateNote(owner: \\"her\\") @skip(if: true) { id } }"}'},
    "an excluded fragment": {
        "data": '{"query": "subscription { ... @include(if: false) { onCreateNote(owner: \\"her\\") { id } } }"}'
    },
    "no JSON": {"data": "{"},
    "no text": {"data": {"query": SUBSCRIBE}},
    "nothing": None,
    "half a surrogate": {"data": '{"query": "\\ud800"}'},
}  # fmt: skip


@pytest.mark.parametrize("kind", STARTS)
def test_a_start_that_can_be_none(kind: str, app: Any) -> None:
    payload = STARTS[kind]
    if payload:
        payload = {**payload, "extensions": {"authorization": KEYED}}

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.say("start", id="1", payload=payload)
        told = await socket.hear()
        assert (told["id"], told["type"]) == ("1", "error")
        assert told["payload"]["errors"][0]["message"]
        await socket.started()

    run(app, scenario)


@pytest.mark.parametrize(
    "authorization", [None, [], "x", {}, {"host": "testserver", "x-api-key": "da2-wrong"}]
)
def test_a_start_without_authorization_of_its_own(authorization: Any, app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        told = await socket.start(header=authorization)
        assert told["type"] == "error"
        if isinstance(authorization, dict) and authorization:
            assert told["payload"]["errors"] == [REFUSED]

    run(app, scenario)


def test_the_fields_resolver_may_object_to_the_arguments(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        told = await socket.start('subscription { onCreateNote(owner: "her") { id } }')
        assert told["payload"]["errors"][0]["errorType"] == "Unauthorized"
        assert (
            told["payload"]["errors"][0]["message"]
            == "Not Authorized to access onCreateNote on type Subscription"
        )

    run(app, scenario)


@pytest.mark.parametrize("name", [None, "", 1, "x" * 200, ["1"]])
def test_a_start_needs_an_id(name: Any, app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.say("start", id=name, payload={})
        assert (await socket.hear())["type"] == "error"

    run(app, scenario)


def test_an_id_is_there_once(app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        assert (await socket.start())["payload"]["errors"][0][
            "message"
        ] == "There is a subscription of this id already."
        await socket.say("stop", id="1")
        assert (await socket.hear())["type"] == "complete"
        await socket.started()
        for name in ("unknown", None, ["1"]):
            await socket.say("stop", id=name)
        assert await socket.receive_nothing(0.1)

    run(app, scenario)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '{"type": "\\ud800"}', "[" * 10_000])
def test_a_message_that_is_none(text: str, app: Any) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.send_to(text_data=text)
        assert (await socket.hear())["type"] == "error"
        await socket.started()

    run(app, scenario)


# Limits


def test_limits_of_subscriptions_and_connections(serve: Callable[..., Any]) -> None:
    app = realtime.application({"/graphql": serve(limits=graphql.Limits(subscriptions=2, connections=2))})

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        for name in ("1", "2"):
            await socket.started(name=name)
        told = await socket.start(name="3")
        assert told["payload"]["errors"][0]["errorType"] == "LimitExceededError"

        second = await Socket(app).begin()
        assert (await Socket(app).connect(5))[0] is False
        await second.disconnect()
        third = await Socket(app).begin()
        await third.disconnect()

    run(app, scenario)


def test_a_subscription_selects_only_so_much(serve: Callable[..., Any]) -> None:
    app = realtime.application({"/graphql": serve(limits=graphql.Limits(subscription_fields=3))})

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        told = await socket.start("subscription { onCreateNote { id title owner } }", name="2")
        assert told["payload"]["errors"][0] == {
            "errorType": "BadRequestException",
            "message": "The query selects more than 3 fields.",
        }
        assert (await post("{ a: who b: who c: who d: who }"))["data"]

    run(app, scenario)


def test_who_is_told_much_keeps_nobody_waiting(everything: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who leaves meanwhile is told nothing more."""
    monkeypatch.setattr(hub, "_TURN_SECONDS", 0)
    context = Context(everything, Principal(graphql.AuthType.API_KEY, None))
    subscription = subscriptions.start(everything, json.dumps({"query": SUBSCRIBE}), context)
    made = hub.Hub(everything)
    seen: list[str] = []
    for name in ("a", "b", "c"):
        made.add(name, subscription, lambda _, name=name: seen.append(name))

    async def other() -> None:
        seen.append("another's turn")
        made.remove("b")

    async def play() -> None:
        waiting = asyncio.create_task(other())
        await made._deliver(json.dumps({"mutation": "createNote", "value": {"id": "7"}}))
        await waiting

    async_to_sync(play)()

    assert seen == ["a", "another's turn", "c"]


def test_strangers_leave_room_for_those_let_in(serve: Callable[..., Any]) -> None:
    app = realtime.application({"/graphql": serve(limits=graphql.Limits(anonymous_connections=1))})

    async def scenario(socket: Socket) -> None:
        await socket.connect(5)
        assert (await Socket(app).connect(5))[0] is False
        await socket.say("connection_init")
        await socket.hear()
        other = await Socket(app).begin()
        await other.disconnect()

    run(app, scenario)


@pytest.mark.parametrize("frame", [{"text_data": "x" * 2000}, {"bytes_data": b"{}"}])
def test_what_is_too_long_or_no_text_ends_the_connection(
    frame: dict[str, Any], serve: Callable[..., Any]
) -> None:
    app = realtime.application({"/graphql": serve(limits=graphql.Limits(request_bytes=1000))})

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.send_to(**frame)
        assert await socket.receive_output(5) == {"type": "websocket.close", "code": 1009}

    run(app, scenario)


class Turns:
    """In place of the clock: each pause lasts until the test says so."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self._turns = asyncio.Semaphore(0)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await self._turns.acquire()

    def end(self) -> None:
        self._turns.release()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    made = Turns()
    monkeypatch.setattr(consumer, "_pause", made.pause)
    return made


def test_who_never_introduces_themselves_is_sent_away(app: Any, turns: Turns) -> None:
    async def scenario(socket: Socket) -> None:
        await socket.connect(5)
        assert await socket.receive_nothing(0.05)
        turns.end()
        assert (await socket.receive_output(5))["type"] == "websocket.close"
        assert turns.pauses == [15]

    run(app, scenario)


def test_signs_of_life_until_the_day_is_over(app: Any, turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "LONGEST_SECONDS", 165)

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        turns.end()
        for _ in range(2):
            turns.end()
            assert await socket.hear() == {"type": "ka"}
        turns.end()
        assert await socket.receive_output(5) == {"type": "websocket.close", "code": 1001}
        assert turns.pauses == [15, 60, 60, 30]

    run(app, scenario)


def test_a_client_that_reads_nothing_is_not_waited_for(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "_WAITING_MESSAGES", 2)
    made: list[Any] = []

    async def stuck(self: Any) -> None:
        made.append(self)
        await self.send(await self._outgoing.get())
        await self.send(await self._outgoing.get())
        await asyncio.Event().wait()

    monkeypatch.setattr(consumer.Consumer, "_pump", stuck)

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        for _ in range(5):
            made[0]._tell("{}")
        assert made[0]._lost == 3

    run(app, scenario)


def test_when_nobody_is_left_nobody_listens(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hubs: list[Any] = []
    original = hub.Hub.add

    def add(self: Any, *args: Any) -> None:
        hubs.append(self)
        original(self, *args)

    monkeypatch.setattr(hub.Hub, "add", add)

    async def scenario(socket: Socket) -> None:
        await socket.begin()
        await socket.started()
        assert hubs[0]._task is not None
        await socket.disconnect()
        assert hubs[0]._task is None

    run(app, scenario)
