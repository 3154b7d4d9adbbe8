"""A GraphQL API as a host project would write it, with a field for each way in, and ways to call it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from identity.iam import keys, users
from identity.kit import graphql
from identity.kit.graphql import views
from identity.kit.graphql.directives import (
    AwsApiKey,
    AwsAuth,
    AwsCognitoUserPools,
    AwsIam,
    AwsLambda,
    AwsOidc,
    AwsSubscribe,
)
from tests import aws
from tests.identitypools import world as pools

KEY = "da2-abcdefghijklmnopqrstuvwxyz"
OTHER_KEY = "da2-zyxwvutsrqponmlkjihgfedcba"
LAMBDA_TOKEN = "let-me-in"
OIDC_ISSUER = "https://login.example.org"
ARN = "arn:aws:appsync:us-east-1:000000000000:apis/notes/types/{}/fields/{}"
REFUSED = "Not Authorized to access {} on type {}"

ALL = [AwsCognitoUserPools(), AwsIam(), AwsOidc(), AwsApiKey(), AwsLambda()]
Info = strawberry.Info[graphql.Context, Any]


@strawberry.enum
class Mood(Enum):
    GLAD = "glad"
    SAD = "sad"


@strawberry.type
class Plain:
    """Without directives: the default mode only."""

    text: str | None


@strawberry.type(directives=[AwsIam(), AwsCognitoUserPools()])
class Shared:
    text: str | None

    @strawberry.field(directives=[AwsIam()])
    def signed_only(self) -> str | None:
        return "for signed requests"


@strawberry.interface
class Thing:
    id: strawberry.ID


@strawberry.type(directives=ALL)
class Note(Thing):
    title: str | None
    owner: str | None = None
    mood: Mood | None = None
    stars: int | None = None
    written_at: datetime | None = None

    @strawberry.field(directives=[AwsIam()])
    def secret(self) -> str | None:
        return "nobody's business"

    @strawberry.field
    def shouted(self, mark: str = "!") -> str:
        return f"{self.title}{mark}".upper()

    @strawberry.field
    def parent(self) -> Annotated["Note", strawberry.lazy("tests.kit.graphql.world")] | None:
        return self


@strawberry.type(directives=ALL)
class Folder(Thing):
    name: str | None


@strawberry.type
class Query:
    plain: str | None = strawberry.field(resolver=lambda: "plain")
    pools: str | None = strawberry.field(resolver=lambda: "pools", directives=[AwsCognitoUserPools()])
    editors: str | None = strawberry.field(
        resolver=lambda: "editors", directives=[AwsCognitoUserPools(cognito_groups=["editors", "owners"])]
    )
    authors: str | None = strawberry.field(
        resolver=lambda: "authors", directives=[AwsAuth(cognito_groups=["authors"])]
    )
    signed: str | None = strawberry.field(resolver=lambda: "signed", directives=[AwsIam()])
    oidc: str | None = strawberry.field(resolver=lambda: "oidc", directives=[AwsOidc()])
    keyed: str | None = strawberry.field(resolver=lambda: "keyed", directives=[AwsApiKey()])
    lambdas: str | None = strawberry.field(resolver=lambda: "lambdas", directives=[AwsLambda()])
    keyed_or_editors: str | None = strawberry.field(
        resolver=lambda: "either", directives=[AwsApiKey(), AwsCognitoUserPools(cognito_groups=["editors"])]
    )
    required: str = strawberry.field(resolver=lambda: "required", directives=[AwsCognitoUserPools()])
    everybody: str | None = strawberry.field(resolver=lambda: "everybody", directives=ALL)
    a_plain: Plain | None = strawberry.field(resolver=lambda: Plain(text="plain"), directives=ALL)
    a_shared: Shared | None = strawberry.field(resolver=lambda: Shared(text="shared"), directives=ALL)
    a_note: Note | None = strawberry.field(
        resolver=lambda: Note(id=strawberry.ID("1"), title="Tea"), directives=ALL
    )

    @strawberry.field(directives=ALL)
    def who(self, info: Info) -> strawberry.scalars.JSON | None:
        return {"identity": info.context.identity, "authType": info.context.auth_type}

    @strawberry.field(directives=ALL)
    def refuses(self) -> str | None:
        graphql.unauthorized()

    @strawberry.field(directives=ALL)
    def faulty(self, kind: str) -> str | None:
        if kind == "told":
            raise graphql.FieldFault("No tea left.", "OutOfTea", data={"cups": 0}, info={"retry": False})
        raise RuntimeError(f"the password is {kind}")

    @strawberry.field(directives=ALL)
    def echo(self, text: str | None = None, number: int | None = None) -> str | None:
        return f"{text} {number}"


@strawberry.type
class Mutation:
    @strawberry.mutation(directives=ALL)
    def create_note(
        self,
        title: str,
        owner: str | None = None,
        mood: Mood | None = None,
        stars: int | None = None,
        written_at: datetime | None = None,
    ) -> Note | None:
        return Note(
            id=strawberry.ID("7"), title=title, owner=owner, mood=mood, stars=stars, written_at=written_at
        )

    @strawberry.mutation(directives=ALL)
    def create_thing(self, name: str) -> Thing | None:
        return Folder(id=strawberry.ID("8"), name=name)

    @strawberry.mutation(directives=ALL)
    def fail(self) -> Note | None:
        raise graphql.FieldFault("It failed.")


@strawberry.type
class Subscription:
    @strawberry.field(directives=[AwsSubscribe(mutations=["createNote", "fail"]), *ALL])
    def on_create_note(
        self, owner: str | None = None, mood: Mood | None = None, stars: int | None = None
    ) -> Note | None:
        """Anybody may hear of any note but hers."""
        if owner == "her":
            graphql.unauthorized()
        return None

    @strawberry.field(directives=[AwsSubscribe(mutations=["createNote"]), AwsCognitoUserPools(), AwsIam()])
    def on_private_note(self) -> Note | None:
        return None

    @strawberry.field(directives=[AwsSubscribe(mutations=["createThing"]), *ALL])
    def on_create_thing(self) -> Thing | None:
        return None


def schema() -> strawberry.Schema:
    return strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, types=[Folder])


POOLS = graphql.UserPools(issuers=["us-east-1_Example01"])
OIDC = graphql.OpenIdConnect(issuer=OIDC_ISSUER)
IAM = graphql.Iam()
KEYS = graphql.ApiKeys(keys=[graphql.ApiKey.of(KEY)])
LAMBDA = graphql.LambdaAuthorizer(function="tests.kit.graphql.authorizers.by_word")


def api(*modes: Any, **members: Any) -> graphql.Api:
    """An API of these modes, the first of which is the default; of all of them where none is named."""
    default, *additional = modes or (POOLS, IAM, KEYS, OIDC, LAMBDA)
    return graphql.Api(id="notes", schema=schema(), default=default, additional=additional, **members)


class Provider:
    """An OpenID provider of somebody else's, whose keys are at hand."""

    def __init__(self) -> None:
        self.pool = pools.UserPool()
        self.pool.url = OIDC_ISSUER

    def find(self, issuer_url: str) -> Any:
        return self.pool.find(issuer_url)

    def token(self, sub: str = "ida", **claims: Any) -> str:
        return self.pool.token(sub, **{"token_use": None, "cognito:username": None, **claims})


# The view of the API that a test serves.
_served: list[Any] = []


def _view(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = _served[-1](request)
    return response


urlpatterns = [path("graphql", _view)]


@contextmanager
def served(api: graphql.Api) -> Iterator[None]:
    _served.append(views.endpoint(api))
    try:
        yield
    finally:
        _served.pop()


def post(query: Any, headers: dict[str, str] | None = None, *, body: Any = None, **members: Any) -> Any:
    """One request; ``body`` replaces what would be sent."""
    sent = json.dumps({"query": query, "variables": None, **members}) if body is None else body
    return Client().post("/graphql", sent, content_type="application/json", headers=headers or {})


def signed(
    query: str,
    key: Any,
    *,
    service: str = "appsync",
    region: str = "us-east-1",
    path: str = "/graphql",
    **members: Any,
) -> Any:
    """As Amplify and the SDKs sign. ``key`` is (id, secret) or credentials of an identity."""
    body = json.dumps({"query": query, "variables": None, **members})
    headers = {"Content-Type": "application/json"}
    url = f"http://testserver{path}"
    return aws.sign_and_send("POST", url, headers, body, key_of(key), service=service, region=region)


def key_of(given: Any) -> tuple[str, ...]:
    """Id and secret, and the session token of an identity's credentials."""
    if isinstance(given, dict):
        return given["AccessKeyId"], given["SecretKey"], given["SessionToken"]
    return tuple(given)


def reader(*fields: tuple[str, str]) -> keys.NewKey:
    """The key of an IAM user whose policy allows fields."""
    user = users.create("reader")
    statement = {
        "Effect": "Allow",
        "Action": "appsync:GraphQL",
        "Resource": [ARN.format(*each) for each in fields],
    }
    users.put_policy(user, "read", {"Version": "2012-10-17", "Statement": [statement]})
    return keys.create(user)


def refusal(error_type: str, message: str) -> str:
    """AppSync's body of a refused request, as it is captured."""
    return (
        '{\n  "errors" : [ {\n    "errorType" : "%s",\n    "message" : "%s"\n  } ]\n}'  # noqa: UP031 - braces
        % (error_type, message)
    )


def expired(pool: pools.UserPool) -> str:
    return pool.token(exp=1_500_000_000, iat=1_499_996_400)
