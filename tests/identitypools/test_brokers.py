"""Identity pools whose credentials come from a security token service elsewhere: what it is told, what callers get."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from identity.core import clock
from identity.core.invoke import slots
from identity.iam.models import OidcProvider
from identity.iam.web_identity import TAGS_CLAIM
from identity.identitypools import broker_tokens, brokers, keys, pools, scope_down
from identity.identitypools.errors import InvalidIdentityPoolConfiguration
from identity.identitypools.models import Broker, SigningKey
from tests import aws
from tests.identitypools import world
from tests.identitypools.sts_server import GIVEN, StsServer, refusal
from tests.identitypools.world import CONFIGURATION, arn_of, given, open_id_token, set_roles
from tests.identitypools.world import refusal as told

pytestmark = pytest.mark.core_suite

USERS = "arn:aws:iam::111122223333:role/users"
GUESTS = "arn:aws:iam::111122223333:role/guests"
HERE = "arn:aws:iam::000000000000:role"
OWN_PREFIX = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::notes/${cognito-identity.amazonaws.com:sub}/*",
        }
    ],
}

MakeBroker = Callable[..., Broker]


@pytest.fixture
def make_broker(sts_there: StsServer, pool_id: str) -> MakeBroker:
    def make(**columns: Any) -> Broker:
        chosen = {
            "endpoint": sts_there.url,
            "authenticated_role": USERS,
            "guest_role": GUESTS,
            **columns,
        }
        broker = Broker(pool=pools.get(pool_id), **chosen)
        brokers.save(broker)
        return broker

    return make


@pytest.fixture
def broker(make_broker: MakeBroker) -> Broker:
    return make_broker()


def refused(anyone: Any, name: str) -> Any:
    return pytest.raises(getattr(anyone.exceptions, name))


# What callers get, and what the service is told


def test_credentials_are_handed_on_as_they_come(
    anyone: Any, user_pool: world.UserPool, sts_there: StsServer, pool_id: str, broker: Broker
) -> None:
    answered = given(anyone, pool_id, user_pool.logins())

    assert answered["Credentials"] == {
        "AccessKeyId": "ASIATHEIRS",
        "SecretKey": "their/secret+&",
        "SessionToken": "their//token==",
        "Expiration": datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
    }
    (form,) = sts_there.asked
    form.pop("WebIdentityToken")
    assert form == {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": USERS,
        "RoleSessionName": "CognitoIdentityCredentials",
        "DurationSeconds": "3600",
    }


def test_the_token_is_verified_by_discovery_and_says_who_it_is(
    anyone: Any, user_pool: world.UserPool, sts_there: StsServer, pool_id: str, broker: Broker, client: Client
) -> None:
    identity_id = given(anyone, pool_id, user_pool.logins())["IdentityId"]
    token = sts_there.asked[0]["WebIdentityToken"]

    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    document = client.get(f"{issuer.removeprefix('http://testserver')}/.well-known/openid-configuration")
    jwks = client.get(document.json()["jwks_uri"].removeprefix("http://testserver")).json()["keys"]

    assert document.json()["issuer"] == issuer == "http://testserver/identity-pools"
    assert document.json()["id_token_signing_alg_values_supported"] == ["RS256"]
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"], header["kid"]) == ("RS256", "JWT", jwks[0]["kid"])
    claims = jwt.decode(token, jwt.PyJWK(jwks[0]), algorithms=["RS256"], audience=pool_id, issuer=issuer)
    assert claims["sub"] == identity_id
    assert claims["amr"][0] == "authenticated"
    assert claims["amr"][2].endswith(":CognitoSignIn:ana")
    assert claims["exp"] - claims["iat"] == 300
    assert claims["jti"]


def test_no_two_tokens_are_one(
    anyone: Any, user_pool: world.UserPool, sts_there: StsServer, pool_id: str, broker: Broker
) -> None:
    for _ in range(2):
        given(anyone, pool_id, user_pool.logins())

    first, second = (world.claims_of(form["WebIdentityToken"])["jti"] for form in sts_there.asked)
    assert first != second


def test_guests_are_always_bounded(
    anyone: Any, sts_there: StsServer, pool_id: str, make_broker: MakeBroker
) -> None:
    broker = make_broker(session_policy=json.dumps(OWN_PREFIX))
    given(anyone, pool_id)
    broker.guest_session_policy = json.dumps(OWN_PREFIX)
    brokers.save(broker)
    identity_id = given(anyone, pool_id)["IdentityId"]

    by_default, by_choice = sts_there.asked
    assert by_default["RoleArn"] == GUESTS
    assert world.claims_of(by_default["WebIdentityToken"])["amr"] == ["unauthenticated"]
    assert json.loads(by_default["Policy"]) == json.loads(scope_down.GUEST_POLICIES[0])
    assert f"notes/{identity_id}/*" in by_choice["Policy"]


def test_the_session_policy_speaks_of_the_identity(
    anyone: Any, user_pool: world.UserPool, sts_there: StsServer, pool_id: str, make_broker: MakeBroker
) -> None:
    make_broker(session_policy=json.dumps(OWN_PREFIX), duration_seconds=900, audience="our-client")

    identity_id = given(anyone, pool_id, user_pool.logins())["IdentityId"]

    (form,) = sts_there.asked
    assert json.loads(form["Policy"])["Statement"][0]["Resource"] == f"arn:aws:s3:::notes/{identity_id}/*"
    assert form["DurationSeconds"] == "900"
    assert world.claims_of(form["WebIdentityToken"])["aud"] == "our-client"


def test_principal_tags_go_along(sts_there: StsServer, make_broker: MakeBroker, pool_id: str) -> None:
    policy = json.dumps(OWN_PREFIX).replace("cognito-identity.amazonaws.com:sub", "aws:PrincipalTag/team")
    broker = make_broker(session_policy=policy)
    claims = {"sub": pool_id, "aud": pool_id, "amr": ["authenticated"]}
    tags = {TAGS_CLAIM: {"principal_tags": {"Team": ["red"]}}}

    brokers.credentials(broker, USERS, claims | tags, now=clock.now())

    (form,) = sts_there.asked
    assert world.claims_of(form["WebIdentityToken"])[TAGS_CLAIM] == tags[TAGS_CLAIM]
    assert ":::notes/red/*" in form["Policy"]


@pytest.mark.parametrize(
    "tags", [{}, {"team": ["*"]}, {"team": ["${aws:username}"]}, {"team": ["a", "b"]}, {"team": []}, ["team"]]
)
def test_an_identity_whose_tags_dont_fit_the_policy_gets_nothing(
    sts_there: StsServer, make_broker: MakeBroker, pool_id: str, tags: Any
) -> None:
    policy = json.dumps(OWN_PREFIX).replace("cognito-identity.amazonaws.com:sub", "aws:PrincipalTag/team")
    broker = make_broker(session_policy=policy)
    who = {"sub": pool_id, "aud": pool_id, "amr": ["authenticated"]}
    claims = {**who, TAGS_CLAIM: {"principal_tags": tags}}

    with pytest.raises(InvalidIdentityPoolConfiguration):
        brokers.credentials(broker, USERS, claims, now=clock.now())
    assert sts_there.asked == []


def test_tags_that_no_session_has_go_nowhere(
    sts_there: StsServer, make_broker: MakeBroker, pool_id: str
) -> None:
    claims = {"sub": pool_id, "aud": pool_id, "amr": ["authenticated"]}
    tags = {TAGS_CLAIM: {"principal_tags": {"team": ["red*"]}}}

    with pytest.raises(InvalidIdentityPoolConfiguration):
        brokers.credentials(make_broker(), USERS, claims | tags, now=clock.now())
    assert sts_there.asked == []


# Which role


def rules(user_pool: world.UserPool, role: str, **more: Any) -> dict[str, Any]:
    rule = {"Claim": "sub", "MatchType": "Equals", "Value": "ana", "RoleARN": role}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [rule]}}
    return {f"{user_pool.provider}:{world.CLIENT}": mapping | more}


def test_roles_that_rules_choose_are_translated(
    anyone: Any,
    cognito_identity: Any,
    user_pool: world.UserPool,
    sts_there: StsServer,
    pool_id: str,
    make_broker: MakeBroker,
) -> None:
    theirs = "arn:aws:iam::111122223333:role/ana"
    make_broker(roles={f"{HERE}/ana": theirs})
    set_roles(cognito_identity, pool_id, rules(user_pool, f"{HERE}/ana"), authenticated=f"{HERE}/users")

    given(anyone, pool_id, user_pool.logins("ana"))
    with refused(anyone, "NotAuthorizedException") as ambiguous:
        given(anyone, pool_id, user_pool.logins("bob"))
    with refused(anyone, "NotAuthorizedException"):
        given(anyone, pool_id, user_pool.logins("ana"), CustomRoleArn=theirs)

    assert [form["RoleArn"] for form in sts_there.asked] == [theirs]
    assert "ambiguous role mapping rules" in told(ambiguous)[1]


def test_a_role_that_the_broker_doesnt_know_is_a_fault_of_configuration(
    anyone: Any,
    cognito_identity: Any,
    user_pool: world.UserPool,
    sts_there: StsServer,
    pool_id: str,
    broker: Broker,
) -> None:
    set_roles(cognito_identity, pool_id, rules(user_pool, f"{HERE}/ana"), authenticated=f"{HERE}/users")

    with refused(anyone, "InvalidIdentityPoolConfigurationException") as fault:
        given(anyone, pool_id, user_pool.logins("ana"))

    assert told(fault)[1] == CONFIGURATION
    assert sts_there.asked == []


def test_the_brokers_default_roles_stand_in_the_place_of_the_pools(
    anyone: Any,
    cognito_identity: Any,
    user_pool: world.UserPool,
    sts_there: StsServer,
    pool_id: str,
    make_broker: MakeBroker,
) -> None:
    set_roles(cognito_identity, pool_id, authenticated=f"{HERE}/users", unauthenticated=f"{HERE}/guests")
    make_broker(guest_role="", roles={f"{HERE}/guests": GUESTS})

    given(anyone, pool_id, user_pool.logins())
    given(anyone, pool_id)

    assert [form["RoleArn"] for form in sts_there.asked] == [USERS, GUESTS]
    shown = cognito_identity.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert shown["Roles"]["authenticated"] == f"{HERE}/users"


def test_without_a_role_for_guests_there_is_none_for_them(
    anyone: Any, sts_there: StsServer, pool_id: str, make_broker: MakeBroker
) -> None:
    make_broker(guest_role="")

    with refused(anyone, "InvalidIdentityPoolConfigurationException"):
        given(anyone, pool_id)
    assert sts_there.asked == []


# Two issuers


def test_a_brokers_token_opens_nothing_here(
    anyone: Any, user_pool: world.UserPool, sts_there: StsServer, pool_id: str, broker: Broker
) -> None:
    identity_id = given(anyone, pool_id, user_pool.logins())["IdentityId"]
    token = sts_there.asked[0]["WebIdentityToken"]
    known = world.role("known", pool_id)

    with refused(anyone, "NotAuthorizedException") as answered:
        anyone.get_credentials_for_identity(
            IdentityId=identity_id, Logins={"cognito-identity.amazonaws.com": token}
        )
    with pytest.raises(anyone.exceptions.ClientError, match="InvalidIdentityToken"):
        aws.client("sts").assume_role_with_web_identity(
            RoleArn=known.arn, RoleSessionName="mine", WebIdentityToken=token
        )

    assert told(answered)[1] == "Invalid login token. Not a Cognito token."


def test_the_two_issuers_share_no_key_and_publish_only_their_own(
    anyone: Any, user_pool: world.UserPool, make_pool: Any, broker: Broker, client: Client
) -> None:
    own_token = open_id_token(anyone, make_pool(AllowClassicFlow=True), user_pool.logins())["Token"]

    theirs = client.get("/identity-pools/.well-known/jwks.json").json()["keys"]
    ours = client.get("/.well-known/jwks_uri").json()["keys"]

    assert [jwk["alg"] for jwk in theirs] == ["RS256"]
    assert [jwk["alg"] for jwk in ours] == ["RS512"]
    assert jwt.get_unverified_header(own_token)["kid"] not in {jwk["kid"] for jwk in theirs}
    assert {"d", "p", "q"}.isdisjoint(theirs[0])


def test_a_certificate_of_the_key_is_published_with_it(broker: Broker) -> None:
    import base64

    from cryptography import x509

    (jwk,) = keys.brokers_jwks()["keys"]

    certificate = x509.load_der_x509_certificate(base64.b64decode(jwk["x5c"][0]))
    certified: Any = certificate.public_key()
    published: Any = jwt.PyJWK(jwk).key
    assert certified.public_numbers() == published.public_numbers()
    assert certificate.not_valid_before_utc < clock.now() < certificate.not_valid_after_utc


def test_a_replaced_key_signs_no_more_but_stays_published(
    anyone: Any, user_pool: world.UserPool, sts_there: StsServer, pool_id: str, broker: Broker
) -> None:
    old = keys.current(keys.BROKERS)
    keys.make(keys.BROKERS)
    keys.retire(old)

    given(anyone, pool_id, user_pool.logins())

    kids = [jwk["kid"] for jwk in keys.brokers_jwks()["keys"]]
    assert kids == ["brokers:2", "brokers:1"]
    assert jwt.get_unverified_header(sts_there.asked[0]["WebIdentityToken"])["kid"] == "brokers:2"


# What goes wrong elsewhere


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"), "config"),
        (400, refusal("InvalidIdentityToken"), "config"),
        (400, refusal("MalformedPolicyDocument"), "config"),
        (403, "<Error><Code>AccessDenied</Code></Error>", "config"),
        (404, "nothing here", "config"),
        (302, "", "config"),
        (400, refusal("IDPCommunicationError"), "away"),
        (400, refusal("Throttling"), "away"),
        (429, "", "away"),
        (503, "<html>", "away"),
        (500, refusal("AccessDenied"), "away"),
        (200, "", "away"),
        (200, "<html>hello</html>", "away"),
        (200, GIVEN.replace("SecretAccessKey", "Other"), "away"),
        (200, GIVEN.replace("2030-01-02T03:04:05.678Z", "tomorrow"), "away"),
        (200, GIVEN.replace("2030", "0000"), "away"),
        (200, '<!DOCTYPE x [<!ENTITY a "b">]>' + GIVEN, "away"),
        (200, '<?xml version="1.0" encoding="nonsense"?>' + GIVEN, "away"),
        (200, GIVEN + " " * 70_000, "away"),
    ],
)
def test_what_the_service_refuses_is_configuration_and_what_it_fails_is_not(
    anyone: Any, sts_there: StsServer, pool_id: str, broker: Broker, status: int, body: str, error: str
) -> None:
    sts_there.answers(status, body, Location="http://127.0.0.1/elsewhere")

    with pytest.raises(anyone.exceptions.ClientError) as fault:
        given(anyone, pool_id)

    expected = {
        "config": ("InvalidIdentityPoolConfigurationException", CONFIGURATION),
        "away": (
            "ExternalServiceException",
            "The security token service of this identity pool is not responding.",
        ),
    }
    assert told(fault) == expected[error]


def test_what_the_service_says_is_logged_without_the_token_that_it_repeats(
    anyone: Any, sts_there: StsServer, pool_id: str, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    sts_there.is_echo = True
    sts_there.answers(400, refusal("InvalidIdentityToken", "bad: {WebIdentityToken} \n next line"))

    with caplog.at_level("INFO"), refused(anyone, "InvalidIdentityPoolConfigurationException"):
        given(anyone, pool_id)

    assert "InvalidIdentityToken: bad: …   next line" in caplog.text
    assert sts_there.asked[0]["WebIdentityToken"] not in caplog.text


def test_a_service_that_is_away_is_left_alone_for_a_moment(
    anyone: Any, sts_there: StsServer, pool_id: str, broker: Broker
) -> None:
    sts_there.answers(200, "x" * 70_000)  # more than is read: a fault of the connection, as a closed port is
    for _ in range(3):
        with refused(anyone, "ExternalServiceException"):
            given(anyone, pool_id)
    assert len(sts_there.asked) == 1

    sts_there.answers(200, GIVEN)
    assert all(trial.is_good for trial in brokers.try_out(broker))  # asks at once
    assert given(anyone, pool_id)


def test_a_closed_port_is_an_external_fault(
    anyone: Any, sts_there: StsServer, pool_id: str, broker: Broker
) -> None:
    sts_there.close()

    with refused(anyone, "ExternalServiceException"):
        given(anyone, pool_id)


def test_a_private_address_is_asked_only_where_the_operator_allows_it(
    anyone: Any, sts_there: StsServer, pool_id: str, broker: Broker, settings: Any
) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ()}

    with refused(anyone, "InvalidIdentityPoolConfigurationException"):
        given(anyone, pool_id)
    assert sts_there.asked == []


def test_waiting_calls_never_take_every_thread(
    anyone: Any, sts_there: StsServer, pool_id: str, broker: Broker, settings: Any
) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "TRIGGER_THREADS": 1}
    slot = slots.take("brokers")

    with refused(anyone, "TooManyRequestsException"):
        given(anyone, pool_id)
    slot.release()

    assert given(anyone, pool_id)


def test_nothing_remote_happens_inside_a_transaction(sts_there: StsServer, broker: Broker) -> None:
    claims = {"sub": broker.pool_id, "aud": broker.pool_id, "amr": ["authenticated"]}

    with transaction.atomic(), pytest.raises(RuntimeError, match="outside atomic"):
        brokers.credentials(broker, USERS, claims, now=clock.now())
    assert sts_there.asked == []


# Keeping them


def test_a_change_counts_from_the_next_call(
    anyone: Any, cognito_identity: Any, sts_there: StsServer, pool_id: str, broker: Broker
) -> None:
    given(anyone, pool_id)
    broker.guest_role = USERS
    brokers.save(broker)
    given(anyone, pool_id)
    assert [form["RoleArn"] for form in sts_there.asked] == [GUESTS, USERS]

    brokers.remove(broker)
    guest = world.role("guest", pool_id, amr="unauthenticated")
    set_roles(cognito_identity, pool_id, unauthenticated=guest.arn)

    assert ":assumed-role/guest/" in arn_of(given(anyone, pool_id)["Credentials"])
    assert len(sts_there.asked) == 2


def test_a_pool_knows_its_broker_without_a_query_more(
    pool_id: str, make_pool: Any, broker: Broker, django_assert_num_queries: Any
) -> None:
    other = make_pool()
    for one in (pool_id, other):
        pools.current(one)

    with django_assert_num_queries(2):
        found = [pools.current(one).own_broker for one in (pool_id, other)]

    assert found == [broker, None]


def test_a_deleted_pool_takes_its_broker_along(cognito_identity: Any, pool_id: str, broker: Broker) -> None:
    cognito_identity.delete_identity_pool(IdentityPoolId=pool_id)

    assert not Broker.objects.exists()
    assert SigningKey.objects.filter(region=keys.BROKERS).exists()


def test_no_pool_passes_for_another(make_pool: Any, broker: Broker) -> None:
    """The audience is all that tells the pools of this server apart there."""
    other = pools.get(make_pool())

    for audience in (broker.audience, make_pool()):
        with pytest.raises(ValidationError) as refused:
            brokers.save(Broker(pool=other, endpoint=broker.endpoint, audience=audience))
        assert list(refused.value.message_dict) == ["audience"]
    brokers.save(Broker(pool=other, endpoint=broker.endpoint))
    assert other.own_broker.audience == other.id


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("endpoint", ""),
        ("endpoint", "sts.amazonaws.com"),
        ("endpoint", "http://sts.amazonaws.com"),
        ("endpoint", "file:///etc/passwd"),
        ("endpoint", "https://user:password@sts.example.com"),
        ("endpoint", "https://sts.example.com/?Action=Other"),
        ("endpoint", "https://sts.example.com:99999"),
        ("endpoint", "https://[::1"),
        ("audience", "two words"),
        ("audience", "line\n"),
        ("authenticated_role", "users"),
        ("guest_role", "arn:aws:iam::1:role/x\x00"),
        ("guest_role", "arn:\ud800"),
        ("roles", ["arn:aws:iam::1:role/x"]),
        ("roles", {"arn:aws:iam::1:role/x": 1}),
        ("roles", {"x": "arn:aws:iam::1:role/x"}),
        ("roles", {f"arn:aws:iam::1:role/{n}": "arn:x" for n in range(101)}),
        ("session_policy", "{}"),
        ("session_policy", "[" * 100_000),
        ("session_policy", json.dumps({**OWN_PREFIX, "Version": "2008-10-17"})),
        ("session_policy", json.dumps(OWN_PREFIX).replace(":sub}", ":amr}")),
        ("guest_session_policy", "not JSON"),
        ("duration_seconds", 899),
        ("duration_seconds", 43_201),
        ("duration_seconds", None),
    ],
)
def test_what_no_broker_can_be(pool_id: str, column: str, value: Any) -> None:
    good = {"endpoint": "https://sts.example.com", "authenticated_role": USERS}

    with pytest.raises(ValidationError) as refused:
        brokers.save(Broker(pool=pools.get(pool_id), **{**good, column: value}))

    assert list(refused.value.message_dict) == [column]
    assert not Broker.objects.exists()
    brokers.save(Broker(pool=pools.get(pool_id), **good))


def test_the_issuer_can_be_an_ordinary_provider_of_an_account(broker: Broker) -> None:
    """Another installation of this very software registers it like any other."""
    OidcProvider(url=broker_tokens.issuer(), client_ids=[broker.audience]).full_clean()
