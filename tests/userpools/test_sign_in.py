"""Signing in by password and by SRP: order of checks, exact errors, challenges, triggers, what it costs."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pycognito.exceptions import ForceChangePasswordException

from identity.core.models import Event
from identity.userpools import clients
from identity.userpools.models import User, UserSession
from tests.races import at_once
from tests.userpools.flows import (
    ALL_FLOWS,
    HIDING,
    admin_start,
    claims_of,
    counted,
    respond,
    secret_of,
    srp,
    srp_challenge,
    srp_proof,
    start,
)
from tests.userpools.people import (
    NEW_PASSWORD,
    PASSWORD,
    attributes_of,
    invite,
    make_client,
    make_pool,
    row,
    settled,
    sign_in,
    sign_up,
    status_of,
)
from tests.userpools.triggers_of_tests import ARN

TEMPORARY = "Temp-Passw0rd!"
WRONG = "Incorrect username or password."


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return make_pool(cognito)


@pytest.fixture
def client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS)


@pytest.fixture
def hiding_client_id(cognito: Any, pool_id: str) -> str:
    return make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS, **HIDING)


def refused(cognito: Any, name: str, message: str) -> Any:
    """The SDK's exception of that name with exactly that text."""
    return pytest.raises(getattr(cognito.exceptions, name), match=f": {_escaped(message)}$")


def _escaped(text: str) -> str:
    return "".join(f"\\{each}" if not each.isalnum() and each not in " '_" else each for each in text)


# By password


def test_a_password_gives_tokens(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")

    answer = sign_in(cognito, client_id, "ana")

    assert answer["ChallengeParameters"] == {}
    assert "ChallengeName" not in answer
    assert "Session" not in answer
    result = answer["AuthenticationResult"]
    assert result["ExpiresIn"] == 3600
    assert result["TokenType"] == "Bearer"
    assert set(result) == {"AccessToken", "IdToken", "RefreshToken", "ExpiresIn", "TokenType"}
    session = UserSession.objects.get()
    assert str(session.pk) == claims_of(result["AccessToken"])["origin_jti"]
    assert result["RefreshToken"] not in str(vars(session))
    event = Event.objects.get(tag="userpools:session:started")
    assert event.content["flow"] == "USER_PASSWORD_AUTH"


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_an_administrator_signs_a_user_in(cognito, pool_id, client_id, flow):
    settled(cognito, pool_id, "ana")

    answer = admin_start(cognito, pool_id, client_id, flow, USERNAME="ana", PASSWORD=PASSWORD)

    assert claims_of(answer["AuthenticationResult"]["AccessToken"])["username"] == "ana"


def test_an_alias_signs_in(cognito):
    pool_id = make_pool(cognito, AliasAttributes=["email"])
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")

    result = sign_in(cognito, client_id, "ana@example.com")["AuthenticationResult"]

    assert claims_of(result["AccessToken"])["username"] == "ana"


def test_wrong_password(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")

    with refused(cognito, "NotAuthorizedException", WRONG):
        sign_in(cognito, client_id, "ana", "Wr0ng-Passw0rd")
    assert not UserSession.objects.exists()


def test_an_unknown_user_is_told_of_unless_existence_is_hidden(cognito, client_id, hiding_client_id):
    with refused(cognito, "UserNotFoundException", "User does not exist."):
        sign_in(cognito, client_id, "nobody")
    with refused(cognito, "NotAuthorizedException", WRONG):
        sign_in(cognito, hiding_client_id, "nobody")


@pytest.mark.parametrize("name", ["x" * 2048, "ünïcode ✓", "' OR 1=1 --"])
@pytest.mark.parametrize("password", ["x" * 3000, "pässwörd"])
def test_hostile_names_and_passwords_are_merely_wrong(
    cognito, pool_id, client_id, hiding_client_id, name, password
):
    settled(cognito, pool_id, "ana")

    with refused(cognito, "NotAuthorizedException", WRONG):
        sign_in(cognito, hiding_client_id, name, password)
    with refused(cognito, "NotAuthorizedException", WRONG):
        sign_in(cognito, client_id, "ana", password)


@pytest.mark.parametrize("password", [PASSWORD, "Wr0ng-Passw0rd"])
def test_an_unconfirmed_user_is_told_so_whatever_the_password(cognito, client_id, password):
    sign_up(cognito, client_id, "ana", email="ana@example.com")

    with refused(cognito, "UserNotConfirmedException", "User is not confirmed."):
        sign_in(cognito, client_id, "ana", password)


def test_a_disabled_user(cognito, pool_id, client_id, hiding_client_id):
    settled(cognito, pool_id, "ana")
    cognito.admin_disable_user(UserPoolId=pool_id, Username="ana")

    for password in (PASSWORD, "Wr0ng-Passw0rd"):
        with refused(cognito, "NotAuthorizedException", "User is disabled."):
            sign_in(cognito, client_id, "ana", password)
    with refused(cognito, "NotAuthorizedException", WRONG):
        sign_in(cognito, hiding_client_id, "ana", "Wr0ng-Passw0rd")
    with refused(cognito, "NotAuthorizedException", "User is disabled."):
        sign_in(cognito, hiding_client_id, "ana")


def test_a_user_who_must_reset(cognito, pool_id, client_id, hiding_client_id):
    settled(cognito, pool_id, "ana")
    User.objects.update(status=User.Status.RESET_REQUIRED)
    needed = "Password reset required for the user"

    with refused(cognito, "PasswordResetRequiredException", needed):
        sign_in(cognito, client_id, "ana", "Wr0ng-Passw0rd")
    with refused(cognito, "NotAuthorizedException", WRONG):
        sign_in(cognito, hiding_client_id, "ana", "Wr0ng-Passw0rd")
    with refused(cognito, "PasswordResetRequiredException", needed):
        sign_in(cognito, hiding_client_id, "ana")


def test_a_user_of_another_provider_has_no_password(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    User.objects.update(
        status=User.Status.EXTERNAL_PROVIDER, password="", srp_salt="", sealed_srp_verifier=b""
    )

    with refused(cognito, "NotAuthorizedException", WRONG):
        sign_in(cognito, client_id, "ana")


def test_an_old_hash_is_upgraded(cognito, pool_id, client_id):
    from django.contrib.auth.hashers import Argon2PasswordHasher

    settled(cognito, pool_id, "ana")
    old = Argon2PasswordHasher().encode(PASSWORD, "saltsaltsaltsalt")
    User.objects.update(password=old)

    sign_in(cognito, client_id, "ana")

    assert row(pool_id, "ana").password != old
    sign_in(cognito, client_id, "ana")


# What is checked before the user


def test_unknown_client(cognito, pool_id):
    with refused(cognito, "ResourceNotFoundException", "User pool client nosuchclient does not exist."):
        sign_in(cognito, "nosuchclient", "ana")
    with refused(cognito, "ResourceNotFoundException", "User pool us-east-1_Nothing does not exist."):
        admin_start(
            cognito, "us-east-1_Nothing", "x", "ADMIN_USER_PASSWORD_AUTH", USERNAME="a", PASSWORD=PASSWORD
        )


def test_another_pools_client_is_unknown_to_an_administrator(cognito, pool_id, client_id):
    other = make_pool(cognito)

    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        admin_start(cognito, other, client_id, "ADMIN_USER_PASSWORD_AUTH", USERNAME="a", PASSWORD=PASSWORD)


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "USER_AUTH"])
def test_a_flow_that_the_client_does_not_allow(cognito, pool_id, flow):
    only = "ALLOW_USER_SRP_AUTH" if flow != "USER_SRP_AUTH" else "ALLOW_USER_PASSWORD_AUTH"
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=[only])
    given = {"USERNAME": "ana", "PASSWORD": PASSWORD, "SRP_A": "ff", "REFRESH_TOKEN": "x"}

    with refused(cognito, "InvalidParameterException", f"{flow} flow not enabled for this client"):
        start(cognito, client_id, flow, **given)


def test_a_flow_that_the_client_does_not_allow_to_administrators(cognito, pool_id):
    client_id = make_client(cognito, pool_id)

    with refused(cognito, "InvalidParameterException", "Auth flow not enabled for this client"):
        admin_start(
            cognito, pool_id, client_id, "ADMIN_USER_PASSWORD_AUTH", USERNAME="ana", PASSWORD=PASSWORD
        )


def test_flows_belong_to_their_operation(cognito, pool_id, client_id):
    given = {"USERNAME": "ana", "PASSWORD": PASSWORD}

    for flow in ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"):
        with refused(cognito, "InvalidParameterException", "Initiate Auth method not supported."):
            start(cognito, client_id, flow, **given)
    with refused(cognito, "InvalidParameterException", "Initiate Auth method not supported."):
        admin_start(cognito, pool_id, client_id, "USER_PASSWORD_AUTH", **given)


@pytest.mark.parametrize(
    ("flow", "given", "missing"),
    [
        ("USER_PASSWORD_AUTH", {}, "USERNAME"),
        ("USER_PASSWORD_AUTH", {"USERNAME": "ana"}, "PASSWORD"),
        ("USER_SRP_AUTH", {"USERNAME": "ana"}, "SRP_A"),
        ("REFRESH_TOKEN_AUTH", {}, "REFRESH_TOKEN"),
        ("REFRESH_TOKEN", {}, "REFRESH_TOKEN"),
    ],
)
def test_missing_parameters(cognito, client_id, flow, given, missing):
    with refused(cognito, "InvalidParameterException", f"Missing required parameter {missing}"):
        start(cognito, client_id, flow, **given)


def test_flows_that_are_not_built_say_so(cognito, pool_id):
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"])

    with refused(cognito, "InvalidParameterException", "The auth flow USER_AUTH is not built yet."):
        start(cognito, client_id, "USER_AUTH", USERNAME="ana")
    text = "Custom auth lambda trigger is not configured for the user pool."
    with refused(cognito, "InvalidParameterException", text):
        start(cognito, client_id, "CUSTOM_AUTH", USERNAME="ana")


def test_secret_hash(cognito, pool_id):
    client_id = make_client(cognito, pool_id, GenerateSecret=True)
    settled(cognito, pool_id, "ana")
    given = {"USERNAME": "ana", "PASSWORD": PASSWORD}
    right = clients.secret_hash(client_id, "ana", secret_of(client_id))

    assert start(cognito, client_id, "USER_PASSWORD_AUTH", **given, SECRET_HASH=right)["AuthenticationResult"]
    text = f"Client {client_id} is configured with secret but SECRET_HASH was not received"
    with refused(cognito, "NotAuthorizedException", text):
        start(cognito, client_id, "USER_PASSWORD_AUTH", **given)
    text = f"Unable to verify secret hash for client {client_id}"
    with refused(cognito, "NotAuthorizedException", text):
        start(cognito, client_id, "USER_PASSWORD_AUTH", **given, SECRET_HASH="bm8=")


def test_a_secret_hash_is_checked_before_the_user(cognito, pool_id):
    client_id = make_client(cognito, pool_id, GenerateSecret=True)

    with refused(cognito, "NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"):
        start(cognito, client_id, "USER_PASSWORD_AUTH", USERNAME="nobody", PASSWORD="x", SECRET_HASH="bm8=")


def test_mfa_that_is_not_built_is_never_skipped(cognito, pool_id, client_id):
    from identity.userpools.models import UserPool

    settled(cognito, pool_id, "ana")
    pool = UserPool.objects.get(pk=pool_id)
    pool.settings["MfaConfiguration"] = "ON"
    pool.save()

    with refused(cognito, "InvalidParameterException", "The challenge MFA_SETUP is not built yet."):
        sign_in(cognito, client_id, "ana")
    assert not UserSession.objects.exists()


# By SRP


def test_pycognito_signs_in(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")

    answer = srp(cognito, pool_id, client_id, "ana").authenticate_user()

    assert claims_of(answer["AuthenticationResult"]["IdToken"])["cognito:username"] == "ana"
    assert Event.objects.get(tag="userpools:session:started").content["flow"] == "USER_SRP_AUTH"


def test_pycognito_signs_in_by_alias_with_a_secret(cognito):
    pool_id = make_pool(cognito, UsernameAttributes=["email"])
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS, GenerateSecret=True)
    user = settled(cognito, pool_id, "ana@example.com")
    client = srp(cognito, pool_id, client_id, "ana@example.com", client_secret=secret_of(client_id))

    answer = client.authenticate_user()

    assert claims_of(answer["AuthenticationResult"]["AccessToken"])["username"] == user["Username"]


def test_the_srp_challenge_has_no_session(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")

    challenge = srp_challenge(cognito, client_id, client)

    assert challenge["ChallengeName"] == "PASSWORD_VERIFIER"
    assert "Session" not in challenge
    parameters = challenge["ChallengeParameters"]
    assert set(parameters) == {"SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"}
    assert parameters["USERNAME"] == parameters["USER_ID_FOR_SRP"] == "ana"
    assert parameters["SALT"] == row(pool_id, "ana").srp_salt
    assert parameters["SECRET_BLOCK"].startswith("AYABe")


def test_administrators_answer_srp_too(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    challenge = admin_start(cognito, pool_id, client_id, "USER_SRP_AUTH", **client.get_auth_params())

    answer = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool_id,
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp_proof(client, challenge),
    )

    assert answer["AuthenticationResult"]["AccessToken"]


def test_srp_with_a_wrong_password(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")

    with refused(cognito, "NotAuthorizedException", WRONG):
        srp(cognito, pool_id, client_id, "ana", "Wr0ng-Passw0rd").authenticate_user()


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("TIMESTAMP", "Sun Jul 05 09:08:07 UTC 2026"),
        ("PASSWORD_CLAIM_SIGNATURE", "AAAA"),
        ("PASSWORD_CLAIM_SECRET_BLOCK", "AAAA"),
        ("PASSWORD_CLAIM_SECRET_BLOCK", "!"),
        ("USERNAME", "berta"),
        ("USERNAME", "nobody"),
    ],
)
def test_a_broken_srp_proof(cognito, pool_id, client_id, member, value):
    settled(cognito, pool_id, "ana")
    settled(cognito, pool_id, "berta")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))

    with refused(cognito, "NotAuthorizedException", WRONG):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **{**proof, member: value})

    assert respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)["AuthenticationResult"]


@pytest.mark.parametrize(
    "member", ["TIMESTAMP", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "USERNAME"]
)
def test_a_proof_that_lacks_a_member(cognito, pool_id, client_id, member):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))
    del proof[member]

    with refused(cognito, "InvalidParameterException", f"Missing required parameter {member}"):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)


@pytest.mark.parametrize("srp_a", ["00", "zz", "f" * 2000])
def test_a_hostile_srp_a(cognito, pool_id, client_id, srp_a):
    settled(cognito, pool_id, "ana")

    with refused(cognito, "InvalidParameterException", "SRP_A is not valid."):
        start(cognito, client_id, "USER_SRP_AUTH", USERNAME="ana", SRP_A=srp_a)


def test_a_secret_block_is_good_once(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))

    respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)
    text = "Invalid session for the user, session can only be used once."
    with refused(cognito, "NotAuthorizedException", text):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)
    assert UserSession.objects.count() == 1


def test_a_secret_block_is_its_clients(cognito, pool_id, client_id, hiding_client_id):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))

    with refused(cognito, "NotAuthorizedException", WRONG):
        respond(cognito, hiding_client_id, "PASSWORD_VERIFIER", **proof)


def test_a_secret_block_expires(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=3, seconds=1), tick=False):
        text = "Invalid session for the user, session is expired."
        with refused(cognito, "NotAuthorizedException", text):
            respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)


def test_a_proof_of_a_former_password_is_wrong(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password=NEW_PASSWORD, Permanent=True)

    with refused(cognito, "NotAuthorizedException", WRONG):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)


def test_srp_of_an_unknown_user(cognito, pool_id, client_id, hiding_client_id):
    client = srp(cognito, pool_id, client_id, "nobody")

    with refused(cognito, "UserNotFoundException", "User does not exist."):
        srp_challenge(cognito, client_id, client)

    first, second = (srp_challenge(cognito, hiding_client_id, client) for _ in range(2))
    assert first["ChallengeName"] == "PASSWORD_VERIFIER"
    assert first["ChallengeParameters"]["SALT"] == second["ChallengeParameters"]["SALT"]
    assert first["ChallengeParameters"]["SRP_B"] != second["ChallengeParameters"]["SRP_B"]
    assert first["ChallengeParameters"]["USER_ID_FOR_SRP"] == "nobody"
    with refused(cognito, "NotAuthorizedException", WRONG):
        respond(cognito, hiding_client_id, "PASSWORD_VERIFIER", **srp_proof(client, first))


def test_a_simulated_challenge_looks_like_a_real_one(cognito, pool_id, hiding_client_id):
    settled(cognito, pool_id, "berta1")

    real, simulated = (
        srp_challenge(cognito, hiding_client_id, srp(cognito, pool_id, hiding_client_id, name))
        for name in ("berta1", "nobody")
    )

    lengths = [
        {name: len(value) for name, value in each["ChallengeParameters"].items() if name != "SRP_B"}
        for each in (real, simulated)
    ]
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize(
    ("pool", "name", "is_named"),
    [
        ({}, "Nobody", True),
        ({"UsernameConfiguration": {"CaseSensitive": False}}, "nobody", True),
        ({"AliasAttributes": ["email"]}, "nobody", True),
        ({"AliasAttributes": ["email"]}, "+12025550123", True),
        ({"AliasAttributes": ["email"]}, "nobody@example.com", False),
        ({"AliasAttributes": ["phone_number"]}, "+12025550123", False),
        ({"AliasAttributes": ["preferred_username"]}, "nobody", True),
        ({"UsernameAttributes": ["email"]}, "nobody@example.com", False),
        # the username of a user of such a pool, which is a name to sign in by as well
        ({"UsernameAttributes": ["email"]}, "0c0ffee0-0000-4000-8000-000000000001", True),
    ],
)
def test_nobody_is_called_as_somebody_of_that_name_would_be(cognito, pool, name, is_named):
    pool_id = make_pool(cognito, **pool)
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS, **HIDING)
    client = srp(cognito, pool_id, client_id, name)

    challenge = srp_challenge(cognito, client_id, client)

    user_id = challenge["ChallengeParameters"]["USER_ID_FOR_SRP"]
    assert (user_id == name) is is_named
    assert len(user_id) == (len(name) if is_named else 36)
    with refused(cognito, "NotAuthorizedException", WRONG):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **srp_proof(client, challenge))


def test_nobody_has_a_stable_uuid_where_the_pool_has_aliases(cognito):
    pool_id = make_pool(cognito, UsernameAttributes=["email"])
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS, **HIDING)
    client = srp(cognito, pool_id, client_id, "nobody@example.com")

    first, second = (srp_challenge(cognito, client_id, client) for _ in range(2))

    user_id = first["ChallengeParameters"]["USER_ID_FOR_SRP"]
    assert len(user_id) == 36
    assert user_id == second["ChallengeParameters"]["USER_ID_FOR_SRP"]
    with refused(cognito, "NotAuthorizedException", WRONG):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **srp_proof(client, first))


def test_a_user_without_a_password_looks_like_one_with(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    User.objects.update(password="", srp_salt="", sealed_srp_verifier=b"")
    client = srp(cognito, pool_id, client_id, "ana")

    challenge = srp_challenge(cognito, client_id, client)

    with refused(cognito, "NotAuthorizedException", WRONG):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **srp_proof(client, challenge))


def test_null_members_count_as_absent(cognito, pool_id, client_id):
    from tests import aws

    settled(cognito, pool_id, "ana")
    body = {
        "ClientId": client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ana", "PASSWORD": PASSWORD, "SECRET_HASH": None, "DEVICE_KEY": None},
        "ClientMetadata": None,
    }

    answer = aws.call_raw("AWSCognitoIdentityProviderService.InitiateAuth", body)

    assert answer.status_code == 200
    assert "AuthenticationResult" in json.loads(answer.content)


# New password required


def test_an_invited_user_chooses_a_password(cognito, pool_id, client_id):
    invite(cognito, pool_id, "ana", {"email": "ana@example.com"}, TemporaryPassword=TEMPORARY)

    challenge = sign_in(cognito, client_id, "ana", TEMPORARY)
    answer = respond(
        cognito,
        client_id,
        "NEW_PASSWORD_REQUIRED",
        challenge["Session"],
        USERNAME="ana",
        NEW_PASSWORD=NEW_PASSWORD,
    )

    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert challenge["Session"].startswith("AYABe")
    assert challenge["ChallengeParameters"] == {
        "USER_ID_FOR_SRP": "ana",
        "requiredAttributes": "[]",
        "userAttributes": '{"email":"ana@example.com"}',
    }
    assert answer["AuthenticationResult"]["AccessToken"]
    assert status_of(cognito, pool_id, "ana") == "CONFIRMED"
    sign_in(cognito, client_id, "ana", NEW_PASSWORD)


def test_a_challenge_shows_what_the_client_may_read(cognito):
    developers = {"Name": "risk", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}
    pool_id = make_pool(cognito, Schema=[developers, {"Name": "notes", "AttributeDataType": "String"}])
    client_id = make_client(cognito, pool_id, ReadAttributes=["email"])
    given = {"email": "ana@example.com", "custom:notes": "private", "dev:custom:risk": "high"}
    invite(cognito, pool_id, "ana", given, TemporaryPassword=TEMPORARY)

    challenge = sign_in(cognito, client_id, "ana", TEMPORARY)

    assert challenge["ChallengeParameters"]["userAttributes"] == '{"email":"ana@example.com"}'


def test_required_attributes_are_asked_for(cognito):
    pool_id = make_pool(
        cognito, Schema=[{"Name": "given_name", "Required": True}, {"Name": "email", "Required": True}]
    )
    client_id = make_client(cognito, pool_id)
    invite(cognito, pool_id, "ana", {"email": "ana@example.com"}, TemporaryPassword=TEMPORARY)
    challenge = sign_in(cognito, client_id, "ana", TEMPORARY)
    given = {"USERNAME": "ana", "NEW_PASSWORD": NEW_PASSWORD}
    name, session = "NEW_PASSWORD_REQUIRED", challenge["Session"]

    assert challenge["ChallengeParameters"]["requiredAttributes"] == '["userAttributes.given_name"]'
    lacking = "Attributes did not conform to the schema: given_name: The attribute is required"
    with pytest.raises(cognito.exceptions.InvalidParameterException, match=lacking):
        respond(cognito, client_id, name, session, **given)
    with refused(cognito, "NotAuthorizedException", "Cannot modify an already provided email"):
        more = {"userAttributes.email": "b@example.com", "userAttributes.given_name": "Ana"}
        respond(cognito, client_id, name, session, **given, **more)
    respond(cognito, client_id, name, session, **given, **{"userAttributes.given_name": "Ana"})

    assert attributes_of(cognito, pool_id, "ana")["given_name"] == "Ana"


def test_an_address_given_with_the_new_password_is_not_verified(cognito, pool_id, client_id):
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)
    session = sign_in(cognito, client_id, "ana", TEMPORARY)["Session"]
    given = {"USERNAME": "ana", "NEW_PASSWORD": NEW_PASSWORD, "userAttributes.email": "ana@example.com"}
    respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", session, **given)

    assert attributes_of(cognito, pool_id, "ana")["email_verified"] == "false"


def test_a_new_password_must_fit_the_policy_and_the_session_stays_good(cognito, pool_id, client_id):
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)
    session = sign_in(cognito, client_id, "ana", TEMPORARY)["Session"]

    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", session, USERNAME="ana", NEW_PASSWORD="short")
    respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", session, USERNAME="ana", NEW_PASSWORD=NEW_PASSWORD)
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match=r"^.*: Invalid session for the user"):
        respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", session, USERNAME="ana", NEW_PASSWORD=PASSWORD)


def test_a_session_is_its_users_and_its_steps(cognito, pool_id, client_id, hiding_client_id):
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)
    settled(cognito, pool_id, "berta")
    session = sign_in(cognito, client_id, "ana", TEMPORARY)["Session"]
    new = {"NEW_PASSWORD": NEW_PASSWORD}
    name, invalid = "NEW_PASSWORD_REQUIRED", "Invalid session for the user."

    with refused(cognito, "NotAuthorizedException", invalid):
        respond(cognito, client_id, name, session, USERNAME="berta", **new)
    with refused(cognito, "NotAuthorizedException", invalid):
        respond(cognito, hiding_client_id, name, session, USERNAME="ana", **new)
    with refused(cognito, "NotAuthorizedException", invalid):
        respond(cognito, client_id, name, "AYABe" + "A" * 40, USERNAME="ana", **new)
    with refused(cognito, "NotAuthorizedException", invalid):
        respond(cognito, client_id, name, None, USERNAME="ana", **new)
    with refused(cognito, "InvalidParameterException", "The challenge SMS_MFA is not built yet."):
        respond(cognito, client_id, "SMS_MFA", session, USERNAME="ana", SMS_MFA_CODE="123456")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=3, seconds=1), tick=False):
        expired = "Invalid session for the user, session is expired."
        with refused(cognito, "NotAuthorizedException", expired):
            respond(cognito, client_id, name, session, USERNAME="ana", **new)


def test_a_temporary_password_expires(cognito, pool_id, client_id):
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)

    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=1), tick=False):
        text = "Temporary password has expired and must be reset by an administrator."
        with refused(cognito, "NotAuthorizedException", text):
            sign_in(cognito, client_id, "ana", TEMPORARY)
        with refused(cognito, "NotAuthorizedException", WRONG):
            sign_in(cognito, client_id, "ana", "Wr0ng-Passw0rd")


def test_pycognito_chooses_a_password(cognito, pool_id, client_id):
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)
    client = srp(cognito, pool_id, client_id, "ana", TEMPORARY)

    with pytest.raises(ForceChangePasswordException):
        client.authenticate_user()
    answer = client.set_new_password_challenge(NEW_PASSWORD)

    assert answer["AuthenticationResult"]["AccessToken"]
    assert Event.objects.get(tag="userpools:session:started").content["flow"] == "USER_SRP_AUTH"


def test_an_srp_block_is_spent_by_a_challenge_too(cognito, pool_id, client_id):
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)
    client = srp(cognito, pool_id, client_id, "ana", TEMPORARY)
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))

    assert respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)["ChallengeName"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="only be used once"):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)


# Triggers

ALL_TRIGGERS = {"PreAuthentication": ARN, "PostAuthentication": ARN, "PreTokenGeneration": ARN}


@pytest.fixture
def triggered(cognito, triggers) -> tuple[str, str]:
    pool_id = make_pool(cognito, LambdaConfig=ALL_TRIGGERS)
    return pool_id, make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS, **HIDING)


def test_triggers_run_in_order_and_get_their_metadata(cognito, triggers, triggered):
    pool_id, client_id = triggered
    settled(cognito, pool_id, "ana")

    cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": PASSWORD},
        ClientMetadata={"k": "v"},
    )

    assert triggers.sources() == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_Authentication",
    ]
    before, after, token = triggers.events
    assert before["request"]["validationData"] == {"k": "v"}
    assert before["request"]["userNotFound"] is False
    assert "clientMetadata" not in after["request"]
    assert "clientMetadata" not in token["request"]


def test_metadata_of_an_answer_goes_to_the_later_triggers(cognito, triggers, triggered):
    pool_id, client_id = triggered
    settled(cognito, pool_id, "ana")

    srp(cognito, pool_id, client_id, "ana").authenticate_user(client_metadata={"k": "v"})

    before, after, token = triggers.events
    assert before["request"]["validationData"] is None
    assert after["request"]["clientMetadata"] == token["request"]["clientMetadata"] == {"k": "v"}


def test_a_new_password_names_its_own_source(cognito, triggers, triggered):
    pool_id, client_id = triggered
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)
    session = sign_in(cognito, client_id, "ana", TEMPORARY)["Session"]

    respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", session, USERNAME="ana", NEW_PASSWORD=NEW_PASSWORD)

    assert triggers.sources() == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_NewPasswordChallenge",
    ]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("PreAuthentication_Authentication", "PreAuthentication"),
        ("PostAuthentication_Authentication", "PostAuthentication"),
        ("TokenGeneration_Authentication", "PreTokenGeneration"),
    ],
)
def test_a_trigger_refuses(cognito, triggers, triggered, source, name):
    pool_id, client_id = triggered
    settled(cognito, pool_id, "ana")
    triggers.answers[source] = ValueError("not today")

    with refused(cognito, "UserLambdaValidationException", f"{name} failed with error not today."):
        sign_in(cognito, client_id, "ana")
    assert not UserSession.objects.exists()


def test_a_refusal_after_the_proof_leaves_the_secret_block_good(cognito, triggers, triggered):
    pool_id, client_id = triggered
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))
    triggers.answers["PostAuthentication_Authentication"] = ValueError("not today")

    with pytest.raises(cognito.exceptions.UserLambdaValidationException):
        respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)
    triggers.answers.clear()

    assert respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)["AuthenticationResult"]


def test_pre_authentication_runs_for_nobody_where_existence_is_hidden(cognito, triggers, triggered):
    _, client_id = triggered

    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in(cognito, client_id, "nobody")

    (event,) = triggers.events
    assert event["request"]["userNotFound"] is True
    assert event["userName"] == "nobody"


# What it costs


def test_a_password_sign_in_takes_at_most_eight_queries(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    sign_in(cognito, client_id, "ana")

    with counted() as statements:
        sign_in(cognito, client_id, "ana")

    assert len(statements()) <= 8, statements()


def test_an_srp_sign_in_takes_at_most_eight_queries_a_call(cognito, pool_id, client_id):
    settled(cognito, pool_id, "ana")
    sign_in(cognito, client_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")

    with counted() as first:
        challenge = srp_challenge(cognito, client_id, client)
        assert len(first()) <= 3, first()
    proof = srp_proof(client, challenge)
    with counted() as second:
        respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)

    assert len(second()) <= 8, second()


# Races


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_racing_answers_to_one_secret_block_one_wins(cognito, pool_id, client_id, needs_postgres):
    settled(cognito, pool_id, "ana")
    client = srp(cognito, pool_id, client_id, "ana")
    proof = srp_proof(client, srp_challenge(cognito, client_id, client))

    results = at_once(*[lambda: respond(cognito, client_id, "PASSWORD_VERIFIER", **proof)] * 8)

    won = [each for each in results if isinstance(each, dict)]
    assert len(won) == 1
    assert UserSession.objects.count() == 1
    lost = [each for each in results if not isinstance(each, dict)]
    assert all("session can only be used once" in str(each) for each in lost), lost


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_racing_new_passwords_one_wins(cognito, pool_id, client_id, needs_postgres):
    invite(cognito, pool_id, "ana", TemporaryPassword=TEMPORARY)
    session = sign_in(cognito, client_id, "ana", TEMPORARY)["Session"]

    def choose(n: int) -> Any:
        new = f"{NEW_PASSWORD}-{n}"
        return respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", session, USERNAME="ana", NEW_PASSWORD=new)

    results = at_once(*[lambda n=n: choose(n) for n in range(6)])

    (winner,) = [n for n, each in enumerate(results) if isinstance(each, dict)]
    sign_in(cognito, client_id, "ana", f"{NEW_PASSWORD}-{winner}")
