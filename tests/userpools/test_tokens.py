"""What stands in tokens: claims in their order, groups and roles, attributes, and what triggers may change."""

from typing import Any
from uuid import UUID

import jwt
import pytest
from django.db import connection

from identity.core import issuers, sealing
from identity.userpools import claims, keys
from identity.userpools.models import SigningKey, UserPool, UserPoolClient
from tests.races import at_once
from tests.userpools.flows import ALL_FLOWS, claims_of, header_of, refresh
from tests.userpools.people import make_client, make_pool, settled, sign_in
from tests.userpools.triggers_of_tests import ARN

ROLE = "arn:aws:iam::000000000000:role/"


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS)


def tokens(cognito: Any, client_id: str, name: str = "ana") -> tuple[dict[str, Any], dict[str, Any]]:
    """The claims of the access and the ID token of a sign-in."""
    result = sign_in(cognito, client_id, name)["AuthenticationResult"]
    return claims_of(result["AccessToken"]), claims_of(result["IdToken"])


def group(cognito: Any, pool_id: str, name: str, *users: str, **more: Any) -> None:
    cognito.create_group(UserPoolId=pool_id, GroupName=name, **more)
    for user in users:
        cognito.admin_add_user_to_group(UserPoolId=pool_id, GroupName=name, Username=user)


# Form


def test_claims_stand_in_cognitos_order(cognito, pool_id, client_id):
    user = settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true", name="Ana")
    group(cognito, pool_id, "g", "ana", RoleArn=f"{ROLE}r")

    access, identity = tokens(cognito, client_id)

    assert list(access) == [
        *("sub", "cognito:groups", "iss", "client_id", "origin_jti", "event_id", "token_use", "scope"),
        *("auth_time", "exp", "iat", "jti", "username"),
    ]
    assert list(identity) == [
        *("sub", "cognito:groups", "email_verified", "cognito:preferred_role", "iss", "cognito:username"),
        *("origin_jti", "cognito:roles", "aud", "event_id", "token_use", "auth_time", "exp", "iat", "jti"),
        *("email", "name"),
    ]
    sub = user["Attributes"][0]["Value"]
    assert access["sub"] == identity["sub"] == sub
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert (access["client_id"], identity["aud"]) == (client_id, client_id)
    assert (access["token_use"], identity["token_use"]) == ("access", "id")
    assert access["iss"] == identity["iss"] == f"http://testserver/{pool_id}"
    assert access["exp"] - access["iat"] == 3600
    assert access["origin_jti"] == identity["origin_jti"]
    assert access["event_id"] == identity["event_id"]
    assert access["jti"] != identity["jti"]
    for name in ("origin_jti", "event_id", "jti"):
        UUID(access[name])


def test_the_header_has_two_members_in_order(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    result = sign_in(cognito, client_id, "ana")["AuthenticationResult"]

    for token, use in ((result["AccessToken"], "access"), (result["IdToken"], "id")):
        kid = SigningKey.objects.get(pool_id=pool_id, use=use).kid
        assert header_of(token) == f'{{"kid":"{kid}","alg":"RS256"}}'
        assert len(kid) == 44
        assert kid.endswith("=")


def test_tokens_verify_against_the_published_keys(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    result = sign_in(cognito, client_id, "ana")["AuthenticationResult"]
    published = keys.jwks(UserPool.objects.get(pk=pool_id))

    assert [list(each) for each in published["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]] * 2
    key_set = jwt.PyJWKSet.from_dict(published)
    for token, audience in ((result["AccessToken"], None), (result["IdToken"], client_id)):
        kid = jwt.get_unverified_header(token)["kid"]
        jwt.decode(token, key_set[kid], algorithms=["RS256"], audience=audience)


def test_validities_and_their_units(cognito, pool_id):
    client_id = make_client(
        cognito,
        pool_id,
        AccessTokenValidity=10,
        IdTokenValidity=20,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "minutes"},
    )
    settled(cognito, pool_id, "ana")

    answer = sign_in(cognito, client_id, "ana")["AuthenticationResult"]

    access, identity = claims_of(answer["AccessToken"]), claims_of(answer["IdToken"])
    assert answer["ExpiresIn"] == 600
    assert access["exp"] - access["iat"] == 600
    assert identity["exp"] - identity["iat"] == 1200


def test_without_revocation_there_are_no_jtis(cognito, pool_id):
    client_id = make_client(cognito, pool_id, EnableTokenRevocation=False)
    settled(cognito, pool_id, "ana")

    for content in tokens(cognito, client_id):
        assert "jti" not in content
        assert "origin_jti" not in content


def test_a_pool_may_carry_the_aws_form_of_issuer(cognito):
    pool_id = make_pool(cognito, UserPoolTags={keys.ISSUER_TAG: "aws"})
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana")

    access, _ = tokens(cognito, client_id)

    assert access["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"


# Attributes


def test_attributes_as_an_id_token_shows_them(cognito):
    pool_id = make_pool(
        cognito,
        Schema=[
            {"Name": "level", "AttributeDataType": "Number", "Mutable": True},
            {"Name": "flag", "AttributeDataType": "String", "Mutable": True},
        ],
    )
    client_id = make_client(cognito, pool_id)
    given = {
        "email": "ana@example.com",
        "phone_number": "+4930123456",
        "phone_number_verified": "true",
        "address": "Here 1",
        "updated_at": "1700000000",
        "custom:level": "5",
        "custom:flag": "true",
    }
    settled(cognito, pool_id, "ana", **given)

    _, identity = tokens(cognito, client_id)

    assert identity["email_verified"] is False
    assert identity["phone_number_verified"] is True
    assert identity["address"] == {"formatted": "Here 1"}
    assert identity["updated_at"] == 1700000000
    assert identity["custom:level"] == "5"
    assert identity["custom:flag"] == "true"


def test_attributes_that_the_client_may_not_read_are_left_out(cognito, pool_id):
    client_id = make_client(cognito, pool_id, ReadAttributes=["name"])
    settled(cognito, pool_id, "ana", email="ana@example.com", name="Ana", family_name="B")

    _, identity = tokens(cognito, client_id)

    assert identity["name"] == "Ana"
    assert not {"email", "email_verified", "family_name"} & set(identity)


ATTRIBUTES = {
    "email": "a@example.com",
    "email_verified": "true",
    "phone_number": "+491",
    "name": "Ana",
    "custom:x": "1",
}


@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        (
            ["openid"],
            {"email", "email_verified", "phone_number", "phone_number_verified", "name", "custom:x"},
        ),
        (["openid", "email"], {"email", "email_verified"}),
        (["openid", "phone"], {"phone_number", "phone_number_verified"}),
        (["openid", "profile"], {"name", "custom:x"}),
        (["openid", "email", "profile"], {"email", "email_verified", "name", "custom:x"}),
        (["openid", "api/read"], set(ATTRIBUTES) | {"phone_number_verified"}),
    ],
)
def test_scopes_cut_attributes(scopes, names):
    assert set(claims.in_scope(ATTRIBUTES, None, scopes)) == names


# Groups


def test_groups_are_ordered_and_bring_their_roles(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    group(cognito, pool_id, "none", "ana")
    group(cognito, pool_id, "second", "ana", Precedence=1, RoleArn=f"{ROLE}second")
    group(cognito, pool_id, "first", "ana", Precedence=0, RoleArn=f"{ROLE}first")
    group(cognito, pool_id, "other", Precedence=0)

    access, identity = tokens(cognito, client_id)

    assert access["cognito:groups"] == identity["cognito:groups"] == ["first", "second", "none"]
    assert identity["cognito:roles"] == [f"{ROLE}first", f"{ROLE}second"]
    assert identity["cognito:preferred_role"] == f"{ROLE}first"
    assert not {"cognito:roles", "cognito:preferred_role"} & set(access)


@pytest.mark.parametrize(
    ("rows", "preferred"),
    [
        ([("a", 1, "r"), ("b", 1, "r")], "r"),
        ([("a", 1, "r"), ("b", 1, "s")], None),
        ([("a", None, "r"), ("b", None, "s")], None),
        ([("a", None, "r"), ("b", 9, "s")], "s"),
        ([("a", 0, ""), ("b", 9, "s")], "s"),
        ([("a", 0, "")], None),
        ([], None),
    ],
)
def test_the_preferred_role(rows, preferred):
    assert claims.groups_of(claims.GroupRow(*row) for row in rows).preferred_role == preferred


# Pre token generation


def triggered(cognito: Any, version: str) -> tuple[str, str]:
    config = {"PreTokenGenerationConfig": {"LambdaVersion": version, "LambdaArn": ARN}}
    pool_id = make_pool(cognito, LambdaConfig=config)
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS)
    settled(cognito, pool_id, "ana", email="ana@example.com", name="Ana")
    group(cognito, pool_id, "g", "ana", RoleArn=f"{ROLE}r")
    return pool_id, client_id


SOURCE = "TokenGeneration_Authentication"


def test_version_1_changes_the_id_token_and_the_groups(cognito, triggers):
    _, client_id = triggered(cognito, "V1_0")
    triggers.answers[SOURCE] = {
        "claimsOverrideDetails": {
            "claimsToAddOrOverride": {"tier": "gold", "name": "Other", "sub": "forged", "cognito:x": "no"},
            "claimsToSuppress": ["email", "iss"],
            "groupOverrideDetails": {"groupsToOverride": ["h"], "iamRolesToOverride": [f"{ROLE}h"]},
        }
    }

    access, identity = tokens(cognito, client_id)

    (event,) = triggers.events
    assert event["version"] == "1"
    assert event["request"]["groupConfiguration"] == {
        "groupsToOverride": ["g"],
        "iamRolesToOverride": [f"{ROLE}r"],
        "preferredRole": f"{ROLE}r",
    }
    assert (identity["tier"], identity["name"]) == ("gold", "Other")
    assert "email" not in identity
    assert identity["sub"] == access["sub"] != "forged"
    assert "iss" in identity
    assert "cognito:x" not in identity
    assert "tier" not in access
    assert access["cognito:groups"] == identity["cognito:groups"] == ["h"]
    assert identity["cognito:roles"] == [f"{ROLE}h"]
    assert "cognito:preferred_role" not in identity


@pytest.mark.parametrize("version", ["V2_0", "V3_0"])
def test_later_versions_change_the_access_token_too(cognito, triggers, version):
    _, client_id = triggered(cognito, version)
    triggers.answers[SOURCE] = {
        "claimsAndScopeOverrideDetails": {
            "idTokenGeneration": {"claimsToAddOrOverride": {"list": [1, {"a": None}]}},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"email": "ana@example.com", "aud": client_id, "username": "forged"},
                "claimsToSuppress": ["cognito:groups"],
                "scopesToAdd": ["api/read", "api/write"],
                "scopesToSuppress": ["aws.cognito.signin.user.admin", "api/write"],
            },
        }
    }

    access, identity = tokens(cognito, client_id)

    assert triggers.events[0]["version"] == version[1]
    assert triggers.events[0]["request"]["scopes"] == ["aws.cognito.signin.user.admin"]
    assert identity["list"] == [1, {"a": None}]
    assert access["email"] == "ana@example.com"
    assert access["aud"] == client_id
    assert access["username"] == "ana"
    assert access["scope"] == "api/read"
    assert "cognito:groups" not in access
    assert identity["cognito:groups"] == ["g"]


def test_an_aud_of_anybody_else_is_ignored(cognito, triggers):
    _, client_id = triggered(cognito, "V2_0")
    changes = {"accessTokenGeneration": {"claimsToAddOrOverride": {"aud": "other"}}}
    triggers.answers[SOURCE] = {"claimsAndScopeOverrideDetails": changes}

    access, _ = tokens(cognito, client_id)

    assert "aud" not in access


def test_suppressing_the_groups_takes_the_roles_along(cognito, triggers):
    _, client_id = triggered(cognito, "V1_0")
    triggers.answers[SOURCE] = {"claimsOverrideDetails": {"claimsToSuppress": ["cognito:groups"]}}

    access, identity = tokens(cognito, client_id)

    assert not set(claims.GROUP_CLAIMS) & set(identity)
    assert access["cognito:groups"] == ["g"]


def test_a_claim_both_added_and_suppressed_is_suppressed(cognito, triggers):
    _, client_id = triggered(cognito, "V1_0")
    details = {"claimsToAddOrOverride": {"tier": "gold"}, "claimsToSuppress": ["tier"]}
    triggers.answers[SOURCE] = {"claimsOverrideDetails": details}

    assert "tier" not in tokens(cognito, client_id)[1]


@pytest.mark.parametrize("details", [None, {}])
def test_no_details_change_nothing(cognito, triggers, details):
    _, client_id = triggered(cognito, "V1_0")
    triggers.answers[SOURCE] = {"claimsOverrideDetails": details}

    access, identity = tokens(cognito, client_id)

    assert access["cognito:groups"] == ["g"]
    assert identity["email"] == "ana@example.com"


def test_an_empty_group_override_drops_the_groups(cognito, triggers):
    _, client_id = triggered(cognito, "V1_0")
    triggers.answers[SOURCE] = {"claimsOverrideDetails": {"groupOverrideDetails": {}}}

    access, identity = tokens(cognito, client_id)

    assert "cognito:groups" not in access
    assert not set(claims.GROUP_CLAIMS) & set(identity)


def test_a_refresh_asks_the_trigger_again(cognito, triggers):
    _, client_id = triggered(cognito, "V1_0")
    token = sign_in(cognito, client_id, "ana")["AuthenticationResult"]["RefreshToken"]

    refresh(cognito, client_id, token)

    assert triggers.sources() == [SOURCE, "TokenGeneration_RefreshTokens"]


# Keys


def test_a_rotation_signs_by_new_keys_and_publishes_the_old(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    before = sign_in(cognito, client_id, "ana")["AuthenticationResult"]["AccessToken"]
    pool = UserPool.objects.get(pk=pool_id)

    keys.rotate(pool)

    after = sign_in(cognito, client_id, "ana")["AuthenticationResult"]["AccessToken"]
    assert header_of(after) != header_of(before)
    published = {each["kid"] for each in keys.jwks(pool)["keys"]}
    assert len(published) == 4
    assert jwt.get_unverified_header(before)["kid"] in published
    assert cognito.get_user(AccessToken=before)["Username"] == "ana"


def test_private_keys_are_sealed_in_their_place(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    sign_in(cognito, client_id, "ana")
    first, second = SigningKey.objects.filter(pool_id=pool_id)

    assert b"PRIVATE" not in bytes(first.sealed_private_key)
    with pytest.raises(sealing.SealBroken):
        sealing.open(first.sealed_private_key, bound_to=f"signing-key:{second.kid}")


def test_our_pools_are_found_by_issuer(cognito, pool_id):
    own, aws = f"http://testserver/{pool_id}", f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"

    for url in (own, aws):
        found = issuers.find(url)
        assert found
        assert found.url == own
        assert len(found.jwks()) == 2
    for url in (
        f"{own}/",
        f"http://other/{pool_id}",
        "http://testserver/us-east-1_Nothing",
        "",
        "x",
        "http://testserver/us_\x00",
    ):
        assert issuers.find(url) is None


def test_a_token_lives_as_long_as_its_user_and_session(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    issuer = issuers.find(f"http://testserver/{pool_id}")
    assert issuer
    first, second = tokens(cognito, client_id), tokens(cognito, client_id)

    assert all(issuer.is_live(content) for content in (*first, *second))
    cognito.admin_disable_user(UserPoolId=pool_id, Username="ana")
    cognito.admin_enable_user(UserPoolId=pool_id, Username="ana")
    assert not any(issuer.is_live(content) for content in (*first, *second))
    third = tokens(cognito, client_id)
    assert all(issuer.is_live(content) for content in third)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="ana")
    assert not any(issuer.is_live(content) for content in third)


def test_a_token_without_origin_is_found_by_its_moment(cognito, pool_id):
    client_id = make_client(cognito, pool_id, EnableTokenRevocation=False)
    settled(cognito, pool_id, "ana")
    access, identity = tokens(cognito, client_id)

    assert keys.is_live(access)
    assert keys.is_live(identity)
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="ana")
    assert not keys.is_live(access)
    assert not keys.is_live(identity)


def test_no_token_shows_in_a_repr(cognito, pool_id, client_id):
    from identity.userpools import sessions, tokens
    from identity.userpools.models import User

    settled(cognito, pool_id, "ana")
    client = UserPoolClient.objects.select_related("pool").get(pk=client_id)
    started = sessions.start(User.objects.get(), client)
    issued = tokens.issue(started.session, source=tokens.Source.SIGN_IN, metadata={})

    shown = repr(started) + repr(issued) + repr(keys.signer(client.pool, SigningKey.Use.ID))
    assert started.refresh_token not in shown
    assert issued.access_token not in shown
    assert "PrivateKey" not in shown


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_racing_first_uses_make_one_key(cognito, pool_id, needs_postgres):
    pool = UserPool.objects.get(pk=pool_id)
    SigningKey.objects.filter(pool=pool).delete()
    keys._signers.forget(keys._cache_name(pool, SigningKey.Use.ID))

    kids = at_once(*[lambda: keys.signer(pool, SigningKey.Use.ID).kid] * 8)

    assert len(set(kids)) == 1
    assert SigningKey.objects.filter(pool=pool).count() == 1
    assert connection.vendor == "postgresql"
