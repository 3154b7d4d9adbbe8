"""Requests and answers: what is read, what faults look like, what limits hold, what hostile input gets."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from identity.kit import graphql
from identity.kit.graphql import documents
from tests.kit.graphql import world

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

Serve = Callable[..., Any]
KEYED = {"x-api-key": world.KEY}


def ask(query: Any, **members: Any) -> Any:
    return world.post(query, KEYED, **members).json()


def test_an_answer_is_data_alone(everything: Any) -> None:
    response = world.post(
        'query A { echo(text: "a") } query B($n: Int) { echo(number: $n) }',
        KEYED,
        operationName="B",
        variables={"n": 3},
    )

    assert response.json() == {"data": {"echo": "None 3"}}
    assert response["Content-Type"] == "application/json;charset=UTF-8"
    assert response["x-amzn-RequestId"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_browsers_may_ask_before(everything: Any) -> None:
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Headers": "authorization,x-amz-user-agent",
    }

    response = Client().options("/graphql", headers=asked)

    assert response.status_code == 200
    assert response["Access-Control-Allow-Headers"] == "authorization,x-amz-user-agent"
    assert response["Access-Control-Allow-Methods"] == "POST"


def test_util_unauthorized_is_the_error_of_a_refused_field(everything: Any) -> None:
    assert ask("{ refuses everybody }") == {
        "data": {"refuses": None, "everybody": "everybody"},
        "errors": [
            {
                "path": ["refuses"],
                "data": None,
                "errorType": "Unauthorized",
                "errorInfo": None,
                "locations": [{"line": 1, "column": 3, "sourceName": None}],
                "message": "Not Authorized to access refuses on type Query",
            }
        ],
    }
    assert ask("{ refuses }")["data"] is None


def test_a_resolvers_own_fault_is_told(everything: Any) -> None:
    answer = ask('{ faulty(kind: "told") }')

    assert answer["data"] == {"faulty": None}
    assert answer["errors"][0]["errorType"] == "OutOfTea"
    assert answer["errors"][0]["message"] == "No tea left."
    assert answer["errors"][0]["data"] == {"cups": 0}
    assert answer["errors"][0]["errorInfo"] == {"retry": False}


def test_what_breaks_is_logged_and_not_told(everything: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask('{ faulty(kind: "horse") everybody }')

    assert answer["data"]["everybody"] == "everybody"
    assert answer["errors"][0]["message"] == "Internal error"
    assert "horse" not in json.dumps(answer)
    assert "the password is horse" in caplog.text


def test_refusals_are_no_tracebacks_in_the_log(everything: Any, caplog: pytest.LogCaptureFixture) -> None:
    ask("{ signed refuses nothing }")
    ask("{ signed refuses }")

    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "query",
    ["{ nothing }", "{", "query { echo(number: \"x\") }", "{ aNote }", "fragment A on Query { who }", "query A {who} query B {who}",
     "{ ...A } fragment A on Query { ...A }", "subscription { onCreateNote { id } }", '{ echo(text: "\\ud800") }'],
)  # fmt: skip
def test_a_document_that_cannot_be_executed(query: str, everything: Any) -> None:
    response = world.post(query, KEYED)

    assert response.status_code == 200
    assert response.json()["data"] is None
    assert response.json()["errors"][0]["message"]


BODIES = [
    b"", b"[]", b"null", b'"x"', b"{", b"{}", b'{"query":1}', b'{"query":""}', b'{"query":"{who}","variables":[]}',
    b'{"query":"{who}","variables":"x"}', b'{"query":"{who}","operationName":1}', b'{"query":["{who}"]}', b"\xff\xfe",
    b'{"query":"{who}","variables":{"a":NaN}}', b'{"query":"\\u0000"}', b'{"query":"\\ud800"}', b"[" * 100_000,
    b'{"query":"{who}","variables":{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}}", b'{"a":' + b"9" * 5000 + b"}",
    b'{"query":"{who}","variables":{"a":"\\udfff"}}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_request(body: bytes, everything: Any) -> None:
    response = world.post(None, KEYED, body=body)

    assert response.status_code == 400
    assert response.content.decode() == world.refusal(
        "MalformedHttpRequestException", "Unable to parse GraphQL query."
    )


def test_only_posts_are_answered_and_only_to_those_let_in(everything: Any) -> None:
    assert Client().get("/graphql", {"query": "{ who }"}, headers=KEYED).status_code == 400
    assert world.post(None, {}, body=b"{").status_code == 401


@pytest.mark.parametrize(
    ("limits", "query"),
    [
        ({"depth": 3}, "{ aNote { parent { parent { id } } } }"),
        (
            {"depth": 3},
            "{ aNote { ...A } } fragment A on Note { parent { ...B } } fragment B on Note { parent { id } }",
        ),
        ({"fields": 10}, "{" + " ".join(f"a{n}: everybody" for n in range(11)) + "}"),
        ({"tokens": 30}, "{" + "everybody " * 40 + "}"),
    ],
)
def test_limits(limits: dict[str, int], query: str, serve: Serve) -> None:
    serve()
    assert ask(query)["data"] is not None

    serve(limits=graphql.Limits(**limits))
    answer = ask(query)
    assert answer["data"] is None
    assert len(answer["errors"]) == 1


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("{" + "everybody " * 51 + "}", "everybody"),
        ("{" + "aNote { id } " * 51 + "}", "aNote"),
        ("{" + ("aNote {" + "id " * 11 + "}") * 5 + "}", "id"),
        ("{ aNote {" + "...A " * 51 + "} } fragment A on Note { id }", "id"),
        ("{ aNote {" + "...A " * 11 + "} } fragment A on Note {" + "... { id } " * 5 + "}", "id"),
        ("{ everybody } fragment A on Query {" + "everybody " * 51 + "}", "everybody"),
        ("{ ...A } fragment A on Query {" + "who " * 51 + "} fragment A on Query { who }", "who"),
        ("query A { everybody } query B {" + "everybody " * 51 + "}", "everybody"),
    ],
)
def test_what_repeats_itself_is_not_compared_with_itself(query: str, name: str, everything: Any) -> None:
    answer = ask(query, operationName="A" if query.startswith("query A") else None)

    assert answer["errors"][0]["message"] == f"The query selects '{name}' more than 50 times."


@pytest.mark.parametrize(
    "query",
    [
        "{ everybod }", "{ echo(tex: \"a\") }", "{ aNote }", "{ ... on Quer { who } }",
        "mutation { createNote(title: \"a\", mood: GLA) { id } }", "query A($n: Moo) { who }",
    ],
)  # fmt: skip
def test_where_introspection_is_closed_no_suggestion_opens_it(query: str, serve: Serve) -> None:
    serve()
    assert "Did you mean" in json.dumps(ask(query))

    serve(introspection=False)
    assert "Did you mean" not in json.dumps(ask(query))
    assert ask(query)["errors"][0]["message"]


def test_what_repeats_itself_a_little_is_answered(everything: Any) -> None:
    assert ask("{" + "everybody " * 50 + "}")["data"] == {"everybody": "everybody"}
    assert ask("{" + " ".join(f"a{n}: aNote {{ id }}" for n in range(200)) + "}").keys() == {"data"}


@pytest.mark.parametrize(
    "query",
    [
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)),
        "{ everybody } " + " ".join(f"fragment F{n} on Query {{ ...F0 ...F1 ...F2 a{n}: who }}" for n in range(3)),
        "{ everybody } "
        + " ".join(
            f"fragment F{n} on Note {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}" for n in range(60)
        )
        + " fragment F60 on Note { id }",
    ],
    ids=["unknown", "circles", "unused"],
)  # fmt: skip
def test_fragments_that_lead_nowhere_cost_nothing(query: str, everything: Any) -> None:
    assert ask(query)["data"] is None


@pytest.mark.parametrize("depth", [50, 100, 150, 200, 240])
def test_fragments_within_fragments_are_answered_or_told_to_nest_too_deeply(
    depth: int, everything: Any
) -> None:
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(depth))
    chained = f"{{ ...F0 }} {chain} fragment F{depth} on Query {{ everybody }}"
    nested = "{ ..." * depth + "{ everybody }" + "}" * depth

    for query in (chained, nested):
        answer = ask(query)
        told = answer.get("errors", [{"message": ""}])[0]["message"]
        assert answer["data"] == {"everybody": "everybody"} or "too deeply" in told or "aborted" in told


def test_a_parser_that_meets_its_own_end_is_told_as_a_limit(
    everything: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As graphql-core before 3.3, whose parser counts no depth."""

    def parse(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(documents, "parse", parse)

    assert ask("{ everybody }")["errors"][0]["message"] == "The query nests too deeply."


def test_fragments_that_multiply_are_counted_not_executed(everything: Any) -> None:
    doubling = " ".join(
        f"fragment F{n} on Note {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}"
        for n in range(18)
    )

    answer = ask("{ aNote { ...F0 } } " + doubling + " fragment F18 on Note { id }")

    assert answer["errors"][0]["message"] == "The query selects more than 2000 fields."


@pytest.mark.parametrize("query", ["{a" * 20_000, "{ echo(text: " + "[" * 20_000, "{" + "a " * 100_000 + "}"])
def test_what_nests_or_goes_on_without_end_costs_nothing(query: str, everything: Any) -> None:
    answer = ask(query)

    assert answer["data"] is None
    assert "Syntax Error" in answer["errors"][0]["message"]


@pytest.mark.parametrize("number", ["9" * 5000, "1e400", "-2147483649", "1.5"])
def test_numbers_that_are_none(number: str, everything: Any) -> None:
    assert ask(f"{{ echo(number: {number}) }}")["data"] is None


def test_calls_of_one_address_can_be_limited(everything: Any, settings: Any) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "CALLS_PER_SECOND": 1}
    with time_machine.travel("2026-01-01T00:00:05Z", tick=False):
        answers = [world.post("{ who }", KEYED).status_code for _ in range(10)]
        refused = world.post("{ who }", KEYED)
        elsewhere = Client(REMOTE_ADDR="192.0.2.77").post(
            "/graphql", {"query": "{ who }"}, content_type="application/json", headers=KEYED
        )

    assert set(answers) == {200}
    assert refused.status_code == 429
    assert refused.content.decode() == world.refusal("LimitExceededError", "Rate limit exceeded")
    assert elsewhere.status_code == 200


def test_a_body_may_be_too_large(serve: Serve, settings: Any) -> None:
    serve(limits=graphql.Limits(request_bytes=1000))
    assert world.post("{ who }" + " " * 1000, KEYED).status_code == 413

    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500
    assert world.post("{ who }" + " " * 600, KEYED).status_code == 413


def test_a_query_string_may_have_many_fields(everything: Any) -> None:
    """More than Django reads, which would answer a page."""
    many = "&".join(f"f{number}=" for number in range(2_000))

    for headers, status in ((KEYED, 200), ({}, 401)):
        answer = Client().post(
            f"/graphql?{many}", {"query": "{ who }"}, content_type="application/json", headers=headers
        )

        assert answer.status_code == status
        assert answer["Content-Type"] == "application/json;charset=UTF-8"


def test_an_error_text_is_never_longer_than_a_screen(everything: Any) -> None:
    answer = ask("query A($n: Int) { echo(number: $n) }", variables={"n": "x" * 100_000})

    assert len(json.dumps(answer)) < 2000
