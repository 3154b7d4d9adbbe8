"""From identity to credentials: enhanced and classic flow, and what may be done with what they give."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.test import Client

from identity.core import clock
from identity.iam import roles
from identity.identitypools import keys
from identity.identitypools.models import IdentityPool
from identity.wire import callers
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import (
    CONFIGURATION,
    arn_of,
    ask,
    client_of,
    given,
    open_id_token,
    refusal,
    set_roles,
)

pytestmark = pytest.mark.core_suite

DEVELOPER = "login.flows"


@pytest.fixture
def pool(cognito_identity: Any, make_pool: Any) -> str:
    """An identity pool of the classic flow too, with roles that may describe it (and for users: all pools)."""
    pool_id: str = make_pool(AllowClassicFlow=True, DeveloperProviderName=DEVELOPER)
    set_roles(
        cognito_identity,
        pool_id,
        authenticated=world.role("known", pool_id).arn,
        unauthenticated=world.role(
            "guest", pool_id, amr="unauthenticated", allow="cognito-identity:DescribeIdentityPool"
        ).arn,
    )
    return pool_id


def test_a_guest_gets_credentials_of_the_guests_role(anyone: Any, pool: str) -> None:
    credentials = given(anyone, pool)["Credentials"]

    assert credentials["AccessKeyId"].startswith("ASIA")
    assert len(credentials["SecretKey"]) == 40
    assert arn_of(credentials) == "arn:aws:sts::000000000000:assumed-role/guest/CognitoIdentityCredentials"
    assert client_of("cognito-identity", credentials).describe_identity_pool(IdentityPoolId=pool)


def test_a_user_gets_credentials_of_the_users_role(anyone: Any, user_pool: world.UserPool, pool: str) -> None:
    credentials = given(anyone, pool, user_pool.logins())["Credentials"]

    assert arn_of(credentials) == "arn:aws:sts::000000000000:assumed-role/known/CognitoIdentityCredentials"


def test_credentials_last_an_hour_whatever_the_role_allows(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    long = roles.create("long", world.trust(pool, "authenticated"), max_session_duration=43_200)
    set_roles(cognito_identity, pool, authenticated=long.arn)

    with time_machine.travel("2026-03-01T12:00:00.700Z", tick=False):
        credentials = given(anyone, pool, user_pool.logins())["Credentials"]
        assert credentials["Expiration"].isoformat() == "2026-03-01T13:00:00+00:00"
    with time_machine.travel("2026-03-01T12:59:59Z", tick=False):
        assert arn_of(credentials)
    with (
        time_machine.travel("2026-03-01T13:00:01Z", tick=False),
        pytest.raises(Exception, match="ExpiredToken"),
    ):
        arn_of(credentials)


def test_the_expiration_is_a_number_in_json(pool: str, anyone: Any) -> None:
    identity_id = anyone.get_id(IdentityPoolId=pool)["IdentityId"]

    answered = aws.call_raw(
        "AWSCognitoIdentityService.GetCredentialsForIdentity", {"IdentityId": identity_id}
    )

    body = json.loads(answered.content)

    assert list(body) == ["Credentials", "IdentityId"]
    assert list(body["Credentials"]) == ["AccessKeyId", "Expiration", "SecretKey", "SessionToken"]
    assert isinstance(body["Credentials"]["Expiration"], int | float)


def test_guests_are_bounded_by_session_policies_whatever_their_role_allows(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    everything = world.role("all", pool, amr="*authenticated", allow="*").arn
    set_roles(cognito_identity, pool, authenticated=everything, unauthenticated=everything)

    guest, user = given(anyone, pool)["Credentials"], given(anyone, pool, user_pool.logins())["Credentials"]

    ask(guest, "execute-api:Invoke")
    ask(guest, "polly:SynthesizeSpeech")
    ask(user, "notes:Read")
    with pytest.raises(callers.AccessDenied) as refused:
        ask(guest, "notes:Read")
    assert refused.value.message.endswith("because no session policy allows the notes:Read action")


def test_policies_may_speak_of_the_identity(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, make_pool: Any
) -> None:
    mine, other = make_pool(), make_pool()
    resource = (
        "arn:aws:cognito-identity:us-east-1:000000000000:identitypool/${cognito-identity.amazonaws.com:aud}"
    )
    set_roles(cognito_identity, mine, authenticated=world.role("own", mine, resource=resource).arn)

    client = client_of("cognito-identity", given(anyone, mine, user_pool.logins())["Credentials"])

    assert client.describe_identity_pool(IdentityPoolId=mine)
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.describe_identity_pool(IdentityPoolId=other)


@pytest.mark.parametrize("kind", ["no roles", "unknown role", "untrusting role", "role for guests"])
def test_a_role_that_cannot_be_had_is_a_configuration_error(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, make_pool: Any, kind: str
) -> None:
    pool_id, other = make_pool(), make_pool()
    arn = {
        "no roles": lambda: None,
        "unknown role": lambda: "arn:aws:iam::000000000000:role/nobody",
        "untrusting role": lambda: world.role("elsewhere", other).arn,
        "role for guests": lambda: world.role("guest", pool_id, amr="unauthenticated").arn,
    }[kind]()
    if arn:
        set_roles(cognito_identity, pool_id, authenticated=arn)

    with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException) as refused:
        given(anyone, pool_id, user_pool.logins())
    assert refusal(refused)[1] == CONFIGURATION


def test_roles_from_the_users_groups(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    admin, editor = world.role("admin", pool).arn, world.role("editor", pool).arn
    mapping = {f"{user_pool.provider}:{world.CLIENT}": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    set_roles(cognito_identity, pool, mapping, authenticated=admin)
    groups = {"cognito:roles": [admin, editor]}

    preferred = given(anyone, pool, user_pool.logins(**groups, **{"cognito:preferred_role": editor}))
    chosen = given(anyone, pool, user_pool.logins(**groups), CustomRoleArn=admin)

    assert ":assumed-role/editor/" in arn_of(preferred["Credentials"])
    assert ":assumed-role/admin/" in arn_of(chosen["Credentials"])
    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        given(anyone, pool, user_pool.logins(**groups))
    text = f"The ambiguous role mapping rules for: {user_pool.provider} denied this request."
    assert refusal(refused)[1] == text
    stranger = "arn:aws:iam::000000000000:role/known"
    with pytest.raises(anyone.exceptions.NotAuthorizedException):
        given(anyone, pool, user_pool.logins(**groups), CustomRoleArn=stranger)


def test_a_custom_role_is_no_way_around_the_role_of_a_state(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    known, guest = "arn:aws:iam::000000000000:role/known", "arn:aws:iam::000000000000:role/guest"
    answered = developers_token(cognito_identity, pool, user_pool.logins())
    own = {"cognito-identity.amazonaws.com": answered["Token"]}
    identity_id = answered["IdentityId"]

    def refused(identity_id: str, role: str, **more: Any) -> tuple[str, str]:
        with pytest.raises(anyone.exceptions.ClientError) as error:
            anyone.get_credentials_for_identity(IdentityId=identity_id, CustomRoleArn=role, **more)
        return refusal(error)

    assert given(anyone, pool, CustomRoleArn=guest)
    assert given(anyone, pool, user_pool.logins(), CustomRoleArn=known)
    assert anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=own, CustomRoleArn=known)
    for outcome, role in (
        (refused(anyone.get_id(IdentityPoolId=pool)["IdentityId"], known), known),
        (refused(identity_id, guest, Logins=own), guest),
        (refused(identity_id, guest, Logins=user_pool.logins()), guest),
    ):
        assert outcome == ("NotAuthorizedException", f"Access to Role '{role}' is forbidden.")


def test_roles_by_rules(anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str) -> None:
    gold = world.role("gold", pool).arn
    rule = {"Claim": "custom:plan", "MatchType": "Equals", "Value": "gold", "RoleARN": gold}
    mapping = {
        f"{user_pool.own_name}:{world.CLIENT}": {
            "Type": "Rules",
            "AmbiguousRoleResolution": "AuthenticatedRole",
            "RulesConfiguration": {"Rules": [rule]},
        }
    }
    known = roles.find("arn:aws:iam::000000000000:role/known")
    assert known is not None
    set_roles(cognito_identity, pool, mapping, authenticated=known.arn)

    paying = given(anyone, pool, user_pool.logins(**{"custom:plan": "gold"}))
    others = given(anyone, pool, user_pool.logins())

    assert ":assumed-role/gold/" in arn_of(paying["Credentials"])
    assert ":assumed-role/known/" in arn_of(others["Credentials"])


def developers_token(
    cognito_identity: Any, pool_id: str, logins: dict[str, str] | None = None
) -> dict[str, Any]:
    answered: dict[str, Any] = cognito_identity.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, Logins={DEVELOPER: "ana", **(logins or {})}
    )
    return answered


def test_the_token_of_the_classic_flow(anyone: Any, user_pool: world.UserPool, pool: str) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        answered = open_id_token(anyone, pool, user_pool.logins("ana"))
        issued = clock.seconds(clock.now())

    header = jwt.get_unverified_header(answered["Token"])
    assert header == {"kid": "us-east-11", "typ": "JWS", "alg": "RS512"}
    claims = jwt.decode(answered["Token"], options={"verify_signature": False})
    assert list(claims.items()) == [
        ("sub", answered["IdentityId"]),
        ("aud", pool),
        ("amr", ["authenticated", user_pool.provider, f"{user_pool.provider}:CognitoSignIn:ana"]),
        ("iss", "https://cognito-identity.amazonaws.com"),
        (
            "https://cognito-identity.amazonaws.com/identity-pool-arn",
            f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{pool}",
        ),
        ("exp", issued + 600),
        ("iat", issued),
    ]


def test_a_guests_token_says_so(anyone: Any, pool: str) -> None:
    claims = world.claims_of(open_id_token(anyone, pool)["Token"])

    assert claims["amr"] == ["unauthenticated"]


def test_the_classic_flow_goes_through_sts(anyone: Any, user_pool: world.UserPool, pool: str) -> None:
    answered = open_id_token(anyone, pool, user_pool.logins())
    exchange = {"RoleArn": "arn:aws:iam::000000000000:role/known", "WebIdentityToken": answered["Token"]}

    assumed = aws.client("sts").assume_role_with_web_identity(RoleSessionName="mine", **exchange)

    assert assumed["SubjectFromWebIdentityToken"] == answered["IdentityId"]
    assert (assumed["Audience"], assumed["Provider"]) == (pool, "cognito-identity.amazonaws.com")
    assert arn_of(assumed["Credentials"]) == "arn:aws:sts::000000000000:assumed-role/known/mine"


def test_the_classic_flow_of_guests_has_no_session_policies(anyone: Any, pool: str) -> None:
    everything = world.role("all", pool, amr="unauthenticated", allow="*").arn
    token = open_id_token(anyone, pool)["Token"]

    assumed = aws.client("sts").assume_role_with_web_identity(
        RoleArn=everything, RoleSessionName="mine", WebIdentityToken=token
    )

    ask(assumed["Credentials"], "notes:Read")


def test_a_token_of_one_pool_opens_no_role_of_another(
    anyone: Any, user_pool: world.UserPool, pool: str, make_pool: Any
) -> None:
    other = make_pool(AllowClassicFlow=True)
    token = open_id_token(anyone, other, user_pool.logins())["Token"]

    with pytest.raises(Exception, match="AccessDenied"):
        aws.client("sts").assume_role_with_web_identity(
            RoleArn="arn:aws:iam::000000000000:role/known", RoleSessionName="mine", WebIdentityToken=token
        )


def test_the_classic_flow_must_be_allowed(anyone: Any, make_pool: Any) -> None:
    with pytest.raises(anyone.exceptions.InvalidParameterException) as refused:
        open_id_token(anyone, make_pool())

    assert refusal(refused)[1] == "Basic (classic) flow is not enabled, please use enhanced flow."


def test_a_developers_token_stands_in_the_place_of_logins(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    answered = developers_token(cognito_identity, pool, user_pool.logins())
    own = {"cognito-identity.amazonaws.com": answered["Token"]}

    given_back = anyone.get_credentials_for_identity(IdentityId=answered["IdentityId"], Logins=own)

    assert ":assumed-role/known/" in arn_of(given_back["Credentials"])


def test_a_token_of_the_classic_flow_does_not(
    anyone: Any, user_pool: world.UserPool, pool: str, make_pool: Any
) -> None:
    """It would go round role mappings, and the question whether the user is still signed in."""
    for pool_id in (pool, make_pool(AllowClassicFlow=True)):
        answered = open_id_token(anyone, pool_id, user_pool.logins())
        own = {"cognito-identity.amazonaws.com": answered["Token"]}

        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            anyone.get_credentials_for_identity(IdentityId=answered["IdentityId"], Logins=own)

        assert refusal(refused)[1] == "Invalid login token."


@pytest.mark.parametrize("name", ["authenticated", "unauthenticated", "accounts.google.com"])
def test_a_developers_name_means_nothing_else_in_tokens(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, make_pool: Any, name: str
) -> None:
    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        make_pool(DeveloperProviderName=name)
    pool_id = make_pool(AllowClassicFlow=True, DeveloperProviderName=DEVELOPER)
    stored = IdentityPool.objects.get(pk=pool_id)  # from before such names were refused
    IdentityPool.objects.filter(pk=pool_id).update(
        settings={**stored.settings, "DeveloperProviderName": name}
    )
    answered = open_id_token(anyone, pool_id, user_pool.logins())

    with pytest.raises(anyone.exceptions.NotAuthorizedException):
        anyone.get_credentials_for_identity(
            IdentityId=answered["IdentityId"], Logins={"cognito-identity.amazonaws.com": answered["Token"]}
        )


def test_whose_own_token_is_refused(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    answered = developers_token(cognito_identity, pool)
    guest = open_id_token(anyone, pool)
    key = "cognito-identity.amazonaws.com"

    def refused(identity_id: str, token: str, **more: str) -> str:
        with pytest.raises(anyone.exceptions.ClientError) as error:
            anyone.get_credentials_for_identity(IdentityId=identity_id, Logins={key: token, **more})
        return refusal(error)[1]

    assert refused(answered["IdentityId"], user_pool.token()) == "Invalid login token. Not a Cognito token."
    assert refused(guest["IdentityId"], answered["Token"]).startswith("Logins don't match.")
    assert refused(guest["IdentityId"], guest["Token"]) == "Invalid login token."
    assert refused(answered["IdentityId"], answered["Token"], **user_pool.logins()).startswith(
        "Please provide only"
    )
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1)):
        assert refused(answered["IdentityId"], answered["Token"]).startswith(
            "Invalid login token. Token expired:"
        )


@pytest.mark.urls("tests.identitypools.urls")
def test_verifiers_find_the_keys(anyone: Any, pool: str, client: Client) -> None:
    token = open_id_token(anyone, pool)["Token"]

    discovery = client.get("/.well-known/openid-configuration")
    published = client.get("/.well-known/jwks_uri")

    document = discovery.json()
    assert document["issuer"] == "https://cognito-identity.amazonaws.com"
    assert document["jwks_uri"] == "http://testserver/.well-known/jwks_uri"
    (jwk,) = published.json()["keys"]
    assert (jwk["kid"], jwk["alg"], jwk["use"]) == ("us-east-11", "RS512", "sig")
    assert jwt.decode(token, jwt.PyJWK(jwk), algorithms=["RS512"], audience=pool)
    assert published["Access-Control-Allow-Origin"] == "*"


def test_a_replaced_key_signs_no_more_but_its_tokens_count(
    anyone: Any, cognito_identity: Any, pool: str
) -> None:
    answered = developers_token(cognito_identity, pool)
    old = keys.current("us-east-1")

    keys.make("us-east-1")
    keys.retire(old)

    fresh = developers_token(cognito_identity, pool)["Token"]
    assert jwt.get_unverified_header(fresh)["kid"] == "us-east-12"
    for token in (answered["Token"], fresh):
        own = {"cognito-identity.amazonaws.com": token}
        assert anyone.get_credentials_for_identity(IdentityId=answered["IdentityId"], Logins=own)


def test_a_roles_trust_may_ask_for_https(cognito_identity: Any, make_pool: Any, db: None) -> None:
    pool_id = make_pool()
    document = world.trust(pool_id, "unauthenticated")
    document["Statement"][0]["Condition"]["Bool"] = {"aws:SecureTransport": "true"}
    set_roles(cognito_identity, pool_id, unauthenticated=roles.create("secure", document).arn)

    with pytest.raises(cognito_identity.exceptions.InvalidIdentityPoolConfigurationException):
        given(aws.client("cognito-identity"), pool_id)
    assert given(aws.client("cognito-identity", endpoint="https://testserver/"), pool_id)
