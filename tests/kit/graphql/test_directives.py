"""Which field opens by which mode: every directive against every mode, on fields, on types, by default."""

from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from django.core.exceptions import ImproperlyConfigured
from strawberry.schema_directive import Location

from identity.kit import graphql
from identity.kit.graphql.directives import AwsIam, AwsSubscribe
from tests.kit.graphql import world
from tests.kit.graphql.world import REFUSED

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

Serve = Callable[..., Any]
OPEN = {
    "plain": {"pools", "editor"},
    "pools": {"pools", "editor"},
    "editors": {"editor"},
    "authors": {"pools", "editor"},  # @aws_auth is nothing where there are other modes
    "signed": {"signed"},
    "oidc": {"oidc"},
    "keyed": {"keyed"},
    "lambdas": {"lambdas"},
    "keyedOrEditors": {"keyed", "editor"},
    "everybody": {"pools", "editor", "signed", "oidc", "keyed", "lambdas"},
}
WAYS = ("pools", "editor", "signed", "oidc", "keyed", "lambdas")


def ask(way: str, query: str, headers: dict[str, Any], admin_key: tuple[str, str]) -> Any:
    response = world.signed(query, admin_key) if way == "signed" else world.post(query, headers[way])
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", OPEN)
def test_each_field_opens_by_its_modes_alone(
    name: str, way: str, everything: Any, headers: dict[str, Any], admin_key: tuple[str, str]
) -> None:
    answer = ask(way, f"{{ {name} }}", headers, admin_key)

    if way in OPEN[name]:
        assert answer["data"][name]
        assert "errors" not in answer
    else:
        assert answer["data"] is None
        assert [each["message"] for each in answer["errors"]] == [REFUSED.format(name, "Query")]
        assert answer["errors"][0]["errorType"] == "Unauthorized"


@pytest.mark.parametrize("way", WAYS)
def test_a_type_without_directives_opens_by_the_default_mode_alone(
    way: str, everything: Any, headers: dict[str, Any], admin_key: tuple[str, str]
) -> None:
    answer = ask(way, "{ aPlain { text } }", headers, admin_key)

    is_open = way in ("pools", "editor")
    assert answer["data"] == {"aPlain": {"text": "plain" if is_open else None}}
    assert [each["message"] for each in answer.get("errors", [])] == (
        [] if is_open else [REFUSED.format("text", "Plain")]
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_fields_directive_overrides_its_types(
    way: str, everything: Any, headers: dict[str, Any], admin_key: tuple[str, str]
) -> None:
    answer = ask(way, "{ aShared { text signedOnly } }", headers, admin_key)

    assert answer["data"]["aShared"] == {
        "text": "shared" if way in ("pools", "editor", "signed") else None,
        "signedOnly": "for signed requests" if way == "signed" else None,
    }


def test_what_is_refused_does_not_take_the_rest_with_it(everything: Any, headers: dict[str, Any]) -> None:
    answer = world.post("{ pools renamed: signed everybody }", headers["pools"]).json()

    assert answer["data"] == {"pools": "pools", "renamed": None, "everybody": "everybody"}
    assert answer["errors"] == [
        {
            "path": ["renamed"],
            "data": None,
            "errorType": "Unauthorized",
            "errorInfo": None,
            "locations": [{"line": 1, "column": 9, "sourceName": None}],
            "message": "Not Authorized to access signed on type Query",
        }
    ]


def test_a_refused_field_that_may_not_be_null_takes_its_parent_with_it(
    everything: Any, headers: dict[str, Any]
) -> None:
    answer = world.post("{ required everybody }", headers["keyed"]).json()

    assert answer["data"] is None
    assert answer["errors"][0]["path"] == ["required"]


@pytest.mark.parametrize("groups", [["authors"], ["readers"], []])
def test_aws_auth_counts_where_user_pools_are_the_only_mode(
    groups: list[str], serve: Serve, pool: Any
) -> None:
    serve(world.POOLS)
    token = pool.token("ada", **{"cognito:groups": groups})

    answer = world.post("{ authors plain }", {"Authorization": token}).json()

    assert answer["data"] == {"authors": "authors" if "authors" in groups else None, "plain": "plain"}


@pytest.mark.parametrize(
    ("groups", "seen"), [(["editors"], {"editors", "pools"}), (["readers"], {"pools"}), ([], {"pools"})]
)
def test_denying_by_default_closes_what_names_no_group(
    groups: list[str], seen: set[str], serve: Serve, pool: Any
) -> None:
    serve(graphql.UserPools(issuers=[pool.id], default_action="DENY"))
    token = pool.token("ada", **{"cognito:groups": groups})

    data = world.post("{ plain editors pools }", {"Authorization": token}).json()["data"]

    assert {name for name in ("plain", "editors", "pools") if data[name] is not None} == seen


def test_groups_count_in_access_tokens_too(everything: Any, pool: Any) -> None:
    claims = {"token_use": "access", "client_id": "c", "aud": None, "cognito:groups": ["owners"]}

    answer = world.post("{ editors }", {"Authorization": pool.token("eve", **claims)}).json()

    assert answer["data"] == {"editors": "editors"}


def test_denying_by_default_is_for_apis_with_no_other_mode(pool: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="DENY"):
        world.api(graphql.UserPools(issuers=[pool.id], default_action="DENY"), world.KEYS)


def test_a_schema_with_an_unknown_aws_directive_is_refused() -> None:
    @strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="aws_secret")
    class AwsSecret:
        pass

    @strawberry.type
    class Query:
        name: str | None = strawberry.field(resolver=lambda: "x", directives=[AwsSecret()])

    with pytest.raises(ImproperlyConfigured, match="aws_secret"):
        graphql.Api(id="x", schema=strawberry.Schema(query=Query), default=world.KEYS).loaded()


class OurIam(AwsIam):
    """A directive of ours that a host derived."""


def test_what_is_derived_of_a_directive_opens_as_it_does(admin_key: tuple[str, str]) -> None:
    @strawberry.type
    class Query:
        name: str | None = strawberry.field(resolver=lambda: "x", directives=[OurIam()])

    schema = strawberry.Schema(query=Query)
    api = graphql.Api(id="x", schema=schema, default=world.KEYS, additional=[world.IAM])
    with world.served(api):
        keyed = world.post("{ name }", {"x-api-key": world.KEY}).json()
        signed = world.signed("{ name }", admin_key).json()

    assert "name: String @aws_iam" in schema.as_str()
    assert [each["message"] for each in keyed["errors"]] == [REFUSED.format("name", "Query")]
    assert keyed["data"] is None
    assert signed == {"data": {"name": "x"}}


@strawberry.type
class Named:
    name: str | None = None


def api_of(returns: Any = Named | None, resolver: Any = lambda: None, **members: Any) -> graphql.Api:
    """An API with one subscription field, made so."""

    @strawberry.type
    class Query:
        name: str | None = None

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        def rename(self) -> Named | None:
            return None

    @strawberry.type
    class Subscription:
        on_rename: returns = strawberry.field(resolver=resolver, **members)

    schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
    return graphql.Api(id="x", schema=schema, default=world.KEYS)


async def later() -> None:
    return None


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({}, "needs @aws_subscribe"),
        ({"directives": [AwsSubscribe(mutations=["remove"])]}, "remove, which is no mutation"),
        (
            {"directives": [AwsSubscribe(mutations=["rename"])], "returns": str | None},
            "must return the same type",
        ),
        (
            {"directives": [AwsSubscribe(mutations=["rename"])], "returns": list[Named] | None},
            "must return the same type",
        ),
        ({"directives": [AwsSubscribe(mutations=["rename"])], "returns": Named}, "must be nullable"),
        ({"directives": [AwsSubscribe(mutations=["rename"])], "resolver": later}, "not async ones"),
    ],
)
def test_a_subscription_that_cannot_work_is_refused_at_the_start(members: Any, fault: str) -> None:
    assert api_of(directives=[AwsSubscribe(mutations=["rename"])]).loaded()

    with pytest.raises(ImproperlyConfigured, match=fault):
        api_of(**members).loaded()


def test_a_directive_where_it_cannot_stand_is_refused_by_the_apis_name() -> None:
    @strawberry.interface(directives=[AwsIam()])
    class Thing:
        name: str

    @strawberry.type
    class Query:
        thing: Thing | None = strawberry.field(resolver=lambda: None)

    with pytest.raises(ImproperlyConfigured, match="schema of notes"):
        graphql.Api(id="notes", schema=strawberry.Schema(query=Query), default=world.KEYS).loaded()


def test_one_schema_is_not_two_apis() -> None:
    schema = world.schema()
    graphql.Api(id="one", schema=schema, default=world.KEYS).loaded()

    with pytest.raises(ImproperlyConfigured, match="make two schemas"):
        graphql.Api(id="two", schema=schema, default=world.KEYS).loaded()


def test_the_schema_stays_closed_to_whoever_executes_it_otherwise(everything: Any) -> None:
    result = everything.loaded().strawberry.execute_sync("{ everybody plain }", context_value=None)

    assert result.data == {"everybody": None, "plain": None}
    assert len(result.errors) == 2


def test_introspection_is_for_whoever_is_let_in_and_can_be_switched_off(
    serve: Serve, headers: dict[str, Any]
) -> None:
    query = "{ __schema { queryType { name } } }"
    serve()
    assert world.post(query, headers["keyed"]).json()["data"]["__schema"]["queryType"] == {"name": "Query"}
    assert world.post(query, {"x-api-key": "da2-guessed"}).status_code == 401

    serve(introspection=False)
    for text in (query, '{ ...A } fragment A on Query { renamed: __type(name: "Note") { name } }'):
        assert "not allowed" in world.post(text, headers["keyed"]).json()["errors"][0]["message"]
    assert world.post("{ __typename everybody }", headers["keyed"]).json()["data"]["everybody"]
