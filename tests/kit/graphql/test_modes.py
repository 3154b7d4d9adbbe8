"""Who comes in by which mode, who doesn't and what they are told, and what resolvers know of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from identity.core import clock
from identity.core.invoke import slots
from identity.iam import credentials
from identity.kit import graphql
from identity.kit.graphql import api_keys, authorizer
from identity.wire.errors import WireError
from tests.identitypools import world as pools
from tests.kit.graphql import authorizers, world

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

Serve = Callable[..., Any]
NO_CREDENTIAL = "Valid authorization header not provided."
NOT_AUTHORIZED = "You are not authorized to make this call."
NOT_A_JWT = "Unable to parse JWT token."
EXPIRED = "Token has expired."
WHO = "{ who }"
POOL, IDENTITY = (
    "us-east-1:00000000-0000-4000-8000-000000000001",
    "us-east-1:00000000-0000-4000-8000-000000000002",
)


def seen_by(headers: dict[str, str]) -> Any:
    return world.post(WHO, headers).json()["data"]["who"]


def assert_refused(response: Any, message: str) -> None:
    assert response.status_code == 401, response.content
    assert response.content.decode() == world.refusal("UnauthorizedException", message)
    assert response["Content-Type"] == "application/json;charset=UTF-8"
    assert response["x-amzn-ErrorType"] == "UnauthorizedException"


# User pools


@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer "])
def test_a_user_pools_token_comes_in(prefix: str, everything: Any, pool: pools.UserPool) -> None:
    token = pool.token("ada", **{"cognito:groups": ["editors"], "cognito:username": "Ada"})

    seen = seen_by({"Authorization": prefix + token})

    assert seen["authType"] == "User Pool Authorization"
    assert seen["identity"] == {
        "sub": "ada",
        "issuer": pool.url,
        "username": "Ada",
        "claims": dict(pools.claims_of(token)),
        "sourceIp": ["127.0.0.1"],
        "defaultAuthStrategy": "ALLOW",
        "groups": ["editors"],
    }


def test_without_groups_there_are_none(everything: Any, pool: pools.UserPool) -> None:
    assert seen_by({"Authorization": pool.token("ada")})["identity"]["groups"] is None


def other(pool: pools.UserPool) -> pools.UserPool:
    return pools.UserPool("us-east-1_Another01")


TOKENS = {
    "another pool's": (lambda pool: other(pool).token("ada"), NO_CREDENTIAL),
    "another key's": (lambda pool: pool.token("ada", key=other(pool).key), NO_CREDENTIAL),
    "tampered": (lambda pool: pool.token("ada")[:-8] + "AAAAAAAA", NO_CREDENTIAL),
    "unsigned": (lambda pool: pool.token("ada").rpartition(".")[0] + ".", NO_CREDENTIAL),
    "over": (world.expired, EXPIRED),
    "of no use": (lambda pool: pool.token("ada", token_use="refresh"), NO_CREDENTIAL),
    "garbage of three parts": (lambda pool: "abc.def.ghi", NO_CREDENTIAL),
    "garbage": (lambda pool: "garbage", NOT_A_JWT),
    "two words": (lambda pool: "Basic YTpi", NOT_A_JWT),
    "empty bearer": (lambda pool: "Bearer ", NOT_A_JWT),
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_that_does_not_count(kind: str, serve: Serve, pool: pools.UserPool) -> None:
    serve(world.POOLS, world.IAM)
    make, message = TOKENS[kind]

    assert_refused(world.post(WHO, {"Authorization": make(pool)}), message)


def test_nothing_shown_at_all(everything: Any) -> None:
    assert_refused(world.post(WHO), NO_CREDENTIAL)
    assert_refused(world.post(WHO, {"Authorization": " "}), NO_CREDENTIAL)


@pytest.mark.parametrize(
    ("pattern", "is_in"),
    [(pools.CLIENT, True), ("1example.*", True), ("1example", False), ("other|x", False)],
)
def test_the_app_client_must_match_as_a_whole(
    pattern: str, is_in: bool, serve: Serve, pool: pools.UserPool
) -> None:
    serve(graphql.UserPools(issuers=[pool.id], client_id_pattern=pattern))
    access = {"token_use": "access", "aud": None, "client_id": pools.CLIENT}

    for token in (pool.token("ada"), pool.token("ada", **access)):
        response = world.post("{ plain }", {"Authorization": token})
        if is_in:
            assert response.json() == {"data": {"plain": "plain"}}
        else:
            assert_refused(response, NOT_AUTHORIZED)


def test_a_user_who_was_signed_out_is_refused_where_that_is_asked(serve: Serve, pool: pools.UserPool) -> None:
    token = pool.token("ada")
    pool.signed_out.add("ada")
    serve(world.POOLS)
    assert world.post("{ plain }", {"Authorization": token}).status_code == 200

    serve(graphql.UserPools(issuers=[pool.id], check_live=True))
    assert_refused(world.post("{ plain }", {"Authorization": token}), NO_CREDENTIAL)


# OpenID Connect


def test_an_openid_providers_token_comes_in(everything: Any, provider: world.Provider) -> None:
    token = provider.token("ida")

    seen = seen_by({"Authorization": token})

    assert seen == {
        "identity": {"sub": "ida", "issuer": world.OIDC_ISSUER, "claims": dict(pools.claims_of(token))},
        "authType": "Open ID Connect Authorization",
    }


@pytest.mark.parametrize(
    ("claims", "is_in"),
    [
        ({"aud": "app"}, True),
        ({"aud": ["x", "app"]}, True),
        ({"aud": "x", "azp": "app"}, True),
        ({"aud": "x", "azp": "y"}, False),
        ({"aud": None}, False),
    ],
)
def test_the_audience_or_the_authorized_party_must_match(
    claims: dict[str, Any], is_in: bool, serve: Serve, provider: world.Provider
) -> None:
    serve(graphql.OpenIdConnect(issuer=world.OIDC_ISSUER, client_id_pattern="app"))

    response = world.post("{ oidc }", {"Authorization": provider.token(**claims)})

    assert response.status_code == (200 if is_in else 401)


@pytest.mark.parametrize("claim", ["iat", "auth_time"])
def test_a_token_may_be_too_old_though_not_over(claim: str, serve: Serve, provider: world.Provider) -> None:
    limit = {"iat": "issued_ttl_ms", "auth_time": "authenticated_ttl_ms"}[claim]
    serve(graphql.OpenIdConnect(issuer=world.OIDC_ISSUER, **{limit: 60_000}))
    now = clock.seconds(clock.now())

    def status(**claims: Any) -> int:
        code: int = world.post("{ oidc }", {"Authorization": provider.token(**claims)}).status_code
        return code

    assert status(**{claim: now - 30}) == 200
    assert_refused(world.post("{ oidc }", {"Authorization": provider.token(**{claim: now - 90})}), EXPIRED)
    if claim == "auth_time":
        assert status() == 401
        assert status(auth_time="yesterday") == 401
        assert status(auth_time=True) == 401


def test_a_provider_that_never_answered_is_nobodys_fault(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(graphql.OpenIdConnect(issuer="https://127.0.0.1:9/nowhere"))
    pool = pools.UserPool()
    pool.url = "https://127.0.0.1:9/nowhere"

    response = world.post("{ oidc }", {"Authorization": pool.token("ada")})

    assert response.status_code == 503
    assert b"The token's issuer is not reachable." in response.content


# Signatures


def identity(role: str, *methods: str) -> dict[str, str]:
    """Credentials as an identity pool gives them."""
    made = pools.role(role, POOL, allow="appsync:GraphQL", resource=world.ARN.format("Query", "*"))
    prefix = "cognito-identity.amazonaws.com"
    claims = {f"{prefix}:aud": POOL, f"{prefix}:sub": IDENTITY, f"{prefix}:amr": list(methods)}
    issued = credentials.issue(
        made,
        session_name="CognitoIdentityCredentials",
        duration=timedelta(hours=1),
        terms=credentials.Terms(claims=claims, provider=prefix),
    )
    return {
        "AccessKeyId": issued.access_key_id,
        "SecretKey": issued.secret_access_key,
        "SessionToken": issued.session_token,
        "RoleId": made.role_id,
    }


@pytest.mark.parametrize("service", ["appsync", "execute-api"])
def test_a_signed_request_comes_in(service: str, everything: Any, db: None) -> None:
    key = world.reader(("Query", "who"))

    seen = world.signed(WHO, (key.key_id, key.secret), service=service, region="eu-west-1").json()["data"][
        "who"
    ]

    assert seen["authType"] == "IAM Authorization"
    assert seen["identity"] | {"username": "AIDA"} == {
        "accountId": "000000000000",
        "cognitoIdentityPoolId": None,
        "cognitoIdentityId": None,
        "sourceIp": ["127.0.0.1"],
        "username": "AIDA",
        "userArn": "arn:aws:iam::000000000000:user/reader",
        "cognitoIdentityAuthType": None,
        "cognitoIdentityAuthProvider": None,
    }
    assert seen["identity"]["username"].startswith("AIDA")


def test_an_identity_of_an_identity_pool_is_known_by_its_id(everything: Any, db: None) -> None:
    provider = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01"
    given = identity("known", "authenticated", provider, f"{provider}:CognitoSignIn:ada")

    seen = world.signed(WHO, given).json()["data"]["who"]["identity"]

    assert seen == {
        "accountId": "000000000000",
        "cognitoIdentityPoolId": POOL,
        "cognitoIdentityId": IDENTITY,
        "sourceIp": ["127.0.0.1"],
        "username": f"{given['RoleId']}:CognitoIdentityCredentials",
        "userArn": "arn:aws:sts::000000000000:assumed-role/known/CognitoIdentityCredentials",
        "cognitoIdentityAuthType": "authenticated",
        "cognitoIdentityAuthProvider": f'"{provider}","{provider}:CognitoSignIn:ada"',
    }


def test_a_guest_is_known_as_one(everything: Any, db: None) -> None:
    seen = world.signed(WHO, identity("guest", "unauthenticated")).json()["data"]["who"]["identity"]

    assert seen["cognitoIdentityId"] == IDENTITY
    assert seen["cognitoIdentityAuthType"] == "unauthenticated"
    assert seen["cognitoIdentityAuthProvider"] is None


def test_policies_decide_each_top_level_field(everything: Any, db: None) -> None:
    key = world.reader(("Query", "signed"), ("Query", "aNote"), ("Query", "pools"))
    pair = (key.key_id, key.secret)

    answer = world.signed("{ signed everybody aNote { title secret } }", pair).json()
    assert answer["data"] == {
        "signed": "signed",
        "everybody": None,
        "aNote": {"title": "Tea", "secret": "nobody's business"},
    }
    assert [each["message"] for each in answer["errors"]] == [
        "Not Authorized to access everybody on type Query"
    ]

    # What a policy allows, the schema may still refuse; what no policy allows is refused as a whole.
    assert world.signed("{ pools }", pair).json()["data"] is None
    for query in ("{ everybody }", "{ a: everybody b: who }", 'mutation { createNote(title: "x") { id } }'):
        assert_refused(world.signed(query, pair), "Permission denied")


def test_a_signature_that_does_not_count(everything: Any, admin_key: tuple[str, str]) -> None:
    key_id, secret = admin_key

    wrong = world.signed("{ signed }", (key_id, "not the secret"))
    assert wrong.status_code == 403
    assert wrong.json()["errors"][0]["errorType"] == "BadRequestException"
    assert wrong.json()["errors"][0]["message"].startswith(
        "The request signature we calculated does not match"
    )
    assert "not the secret" not in wrong.content.decode()

    elsewhere = world.signed("{ signed }", admin_key, service="s3")
    assert elsewhere.status_code == 403
    assert (
        "Credential should be scoped to correct service: 'appsync'"
        in elsewhere.json()["errors"][0]["message"]
    )

    unknown = world.signed("{ signed }", ("AKIAAAAAAAAAAANOBODY", secret))
    assert unknown.status_code == 403
    assert unknown.content.decode() == world.refusal(
        "UnrecognizedClientException", "The security token included in the request is invalid."
    )


def test_whoever_knows_the_keys_may_be_away(
    everything: Any, admin_key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(WireError):
        code, message = "ServiceUnavailableException", "The portal did not answer."

    def find_key(*_: object, **__: object) -> None:
        raise Away

    monkeypatch.setattr("identity.iam.callers.IamCallers.find_key", find_key)

    response = world.signed("{ signed }", admin_key)

    assert response.status_code == 503
    assert response.content.decode() == world.refusal(
        "ServiceUnavailableException", "The portal did not answer."
    )


def test_credentials_end(everything: Any, db: None) -> None:
    given = identity("known", "authenticated", "x")

    with time_machine.travel(clock.now() + timedelta(hours=2)):
        over = world.signed("{ signed }", given)

    assert over.status_code == 403
    assert over.json()["errors"][0]["errorType"] == "ExpiredTokenException"


# API keys


def test_an_api_key_is_nobody_in_particular(everything: Any) -> None:
    assert seen_by({"x-api-key": world.KEY}) == {"identity": None, "authType": "API Key Authorization"}


def test_an_api_key_that_is_unknown_or_over(serve: Serve) -> None:
    now = clock.now()
    over = graphql.ApiKey.of(world.OTHER_KEY, expires_at=now - timedelta(seconds=1))
    good = graphql.ApiKey.of(world.KEY, expires_at=now + timedelta(days=7))
    serve(graphql.ApiKeys(keys=[over, good]))

    assert world.post("{ keyed }", {"x-api-key": world.KEY}).json() == {"data": {"keyed": "keyed"}}
    for key in (world.OTHER_KEY, "da2-guessed", "", world.KEY + "x", "\u00e9" * 9):
        assert_refused(world.post("{ keyed }", {"x-api-key": key}), NOT_AUTHORIZED)
    with time_machine.travel(now + timedelta(days=8)):
        assert_refused(world.post("{ keyed }", {"x-api-key": world.KEY}), NOT_AUTHORIZED)


def test_keys_may_be_found_by_a_function(serve: Serve) -> None:
    kept = {key.sha256: key for key in [graphql.ApiKey.of(world.KEY)]}
    serve(graphql.ApiKeys(find=kept.get))

    assert world.post("{ keyed }", {"x-api-key": world.KEY}).status_code == 200
    assert world.post("{ keyed }", {"x-api-key": world.OTHER_KEY}).status_code == 401


def test_new_keys_look_as_appsyncs() -> None:
    key = api_keys.new_key()

    assert key.startswith("da2-")
    assert len(key) == 30
    assert key != api_keys.new_key()


def test_a_command_makes_keys_and_what_is_kept_of_them(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_graphql_key", "--days", "30")
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    ends = datetime.fromisoformat(told["expires"])

    serve(graphql.ApiKeys(keys=[graphql.ApiKey(told["sha256"], ends)]))
    assert world.post("{ keyed }", {"x-api-key": told["key"]}).status_code == 200
    with time_machine.travel(ends):
        assert world.post("{ keyed }", {"x-api-key": told["key"]}).status_code == 401
    for days in ("0", "366"):
        with pytest.raises(CommandError):
            call_command("create_graphql_key", "--days", days)


def test_a_key_beside_a_token_decides(everything: Any, pool: pools.UserPool) -> None:
    both = {"Authorization": pool.token("ada"), "x-api-key": world.KEY}

    assert seen_by(both)["authType"] == "API Key Authorization"
    assert_refused(world.post(WHO, {**both, "x-api-key": "da2-wrong"}), NOT_AUTHORIZED)


# Lambda


def test_a_function_decides_by_its_own_token(everything: Any) -> None:
    response = world.post(
        "query Who($text: String) { who echo(text: $text) }",
        {"Authorization": world.LAMBDA_TOKEN, "X-Shop": "7", "Cookie": "session=secret"},
        variables={"text": "hi"},
        operationName="Who",
    )

    assert response.json()["data"]["who"] == {
        "identity": {"resolverContext": {"name": "ada"}},
        "authType": "Lambda Authorization",
    }
    event = authorizers.calls[0]
    assert event["authorizationToken"] == world.LAMBDA_TOKEN
    assert event["requestContext"] | {"requestId": ""} == {
        "apiId": "notes",
        "accountId": "000000000000",
        "requestId": "",
        "queryString": "query Who($text: String) { who echo(text: $text) }",
        "operationName": "Who",
        "variables": {"text": "hi"},
    }
    assert event["requestHeaders"]["x-shop"] == "7"
    assert "cookie" not in event["requestHeaders"]


@pytest.mark.parametrize(
    "answer",
    [
        {"isAuthorized": False},
        {"isAuthorized": "yes"},
        {"isAuthorized": 1},
        {"resolverContext": {"a": {"nested": 1}}},
        {"resolverContext": ["a"]},
        {"deniedFields": "Query.who"},
        {"deniedFields": ["arn:aws:appsync:us-east-1:0:apis/other/types/Query/fields/who"]},
        {"ttlOverride": -1},
        {"ttlOverride": "soon"},
    ],
)
def test_an_answer_that_is_no_yes_is_a_no(answer: dict[str, Any], everything: Any) -> None:
    authorizers.answer.update(answer)

    assert_refused(world.post(WHO, {"Authorization": world.LAMBDA_TOKEN}), NOT_AUTHORIZED)


def assert_unanswered(response: Any) -> None:
    assert response.status_code == 503
    assert response.content.decode() == world.refusal(
        "ServiceUnavailableException", "The authorizer did not answer."
    )


def test_a_function_that_answers_nonsense_lets_nobody_in(serve: Serve) -> None:
    serve(graphql.LambdaAuthorizer(function="tests.kit.graphql.authorizers.says_yes"))

    assert_refused(world.post(WHO, {"Authorization": world.LAMBDA_TOKEN}), NOT_AUTHORIZED)


@pytest.mark.parametrize("function", ["breaks", "is_not_there"])
def test_a_function_that_fails_lets_nobody_in_and_is_nobodys_fault_who_asks(
    function: str, serve: Serve
) -> None:
    serve(graphql.LambdaAuthorizer(function=f"tests.kit.graphql.authorizers.{function}"))

    assert_unanswered(world.post(WHO, {"Authorization": world.LAMBDA_TOKEN}))


def test_tokens_that_are_invented_push_out_nobody_who_is_let_in(
    everything: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorizer, "_allowed", authorizer._Kept(2))
    monkeypatch.setattr(authorizer, "_refused", authorizer._Kept(2))
    assert ask_at(0) == 200
    for n in range(5):
        assert ask_at(0, f"invented-{n}") == 401
    asked = len(authorizers.calls)

    assert ask_at(0) == 200
    assert ask_at(0, "invented-4") == 401
    assert len(authorizers.calls) == asked


def test_of_too_many_verdicts_those_go_that_nobody_asks_for() -> None:
    kept = authorizer._Kept(2)
    verdict = authorizer.Verdict(True, until=clock.now() + timedelta(minutes=5))
    kept.put("often", verdict)
    kept.put("seldom", verdict)
    assert kept.get("often")
    kept.put("new", verdict)

    assert kept.get("often")
    assert kept.get("new")
    assert kept.get("seldom") is None


def test_busy_authorizers_keep_no_trigger_waiting(serve: Serve, settings: Any) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "TRIGGER_THREADS": 1}
    serve(world.LAMBDA)
    slot = slots.take("questions")
    try:
        assert_unanswered(world.post(WHO, {"Authorization": world.LAMBDA_TOKEN}))
        slots.take("triggers").release()
    finally:
        slot.release()


def test_a_function_by_its_arn(serve: Serve, settings: Any) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:by-word"
    settings.IDENTITY = {**settings.IDENTITY, "TRIGGERS": {arn: "tests.kit.graphql.authorizers.by_word"}}
    serve(graphql.LambdaAuthorizer(function=arn))

    assert world.post("{ lambdas }", {"Authorization": world.LAMBDA_TOKEN}).json()["data"]["lambdas"]
    assert_refused(world.post("{ lambdas }", {"Authorization": "another"}), NOT_AUTHORIZED)


def test_denied_fields_are_null_by_name_or_arn(everything: Any) -> None:
    authorizers.answer["deniedFields"] = ["Query.echo", world.ARN.format("Note", "title")]

    answer = world.post("{ echo aNote { id title } everybody }", {"Authorization": world.LAMBDA_TOKEN}).json()

    assert answer["data"] == {"echo": None, "aNote": {"id": "1", "title": None}, "everybody": "everybody"}
    assert [each["errorType"] for each in answer["errors"]] == ["Unauthorized", "Unauthorized"]


def ask_at(seconds: float, token: str = world.LAMBDA_TOKEN) -> int:
    with time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=False):
        code: int = world.post("{ lambdas }", {"Authorization": token}).status_code
    return code


def test_an_answer_counts_for_its_time_and_its_token(everything: Any) -> None:
    authorizers.answer["ttlOverride"] = 60
    assert [ask_at(0), ask_at(30), ask_at(90)] == [200, 200, 200]
    assert len(authorizers.calls) == 2

    assert [ask_at(0, "wrong"), ask_at(1, "wrong")] == [401, 401]
    assert len(authorizers.calls) == 3


def test_an_answer_for_no_time_is_asked_for_every_time(serve: Serve) -> None:
    serve(graphql.LambdaAuthorizer(function="tests.kit.graphql.authorizers.by_word", ttl_seconds=0))

    assert [ask_at(0), ask_at(0)] == [200, 200]
    assert len(authorizers.calls) == 2


def test_a_token_of_another_form_is_refused_unasked(serve: Serve) -> None:
    serve(graphql.LambdaAuthorizer(function="tests.kit.graphql.authorizers.by_word", token_pattern="let-.*"))

    assert ask_at(0) == 200
    assert ask_at(0, "please") == 401
    assert len(authorizers.calls) == 1


def test_bearer_tokens_and_known_issuers_tokens_are_never_a_functions(
    everything: Any, pool: pools.UserPool
) -> None:
    assert_refused(world.post(WHO, {"Authorization": f"Bearer {world.LAMBDA_TOKEN}"}), NOT_A_JWT)
    assert_refused(world.post(WHO, {"Authorization": world.expired(pool)}), EXPIRED)
    assert authorizers.calls == []


# Modes that an API doesn't have


@pytest.mark.parametrize("way", ["pools", "oidc", "keyed", "lambdas", "signed"])
def test_a_mode_that_the_api_does_not_have(
    way: str, serve: Serve, headers: dict[str, Any], admin_key: tuple[str, str]
) -> None:
    serve(world.IAM if way != "signed" else world.KEYS)

    response = world.signed(WHO, admin_key) if way == "signed" else world.post(WHO, headers[way])

    assert_refused(response, NOT_AUTHORIZED)


@pytest.mark.parametrize("name", ["pools", "oidc"])
def test_tokens_of_the_other_kind_of_issuer(name: str, serve: Serve, headers: dict[str, Any]) -> None:
    serve(world.OIDC if name == "pools" else world.POOLS)

    assert_refused(world.post(WHO, headers[name]), NO_CREDENTIAL)
