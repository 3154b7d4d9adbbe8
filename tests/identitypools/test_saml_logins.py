"""SAML responses as logins: the enhanced flow from a provider's assertion to credentials."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connection

from identity.core import clock
from identity.iam import saml_providers
from identity.identitypools import principal_tags
from identity.identitypools.logins import saml
from identity.identitypools.models import Identity, IdentityPool, Login
from tests import aws
from tests.iam.saml_idp import AWS_ATTRIBUTE, Idp, key_pair
from tests.identitypools import world
from tests.identitypools.world import get_id, refusal, refused_text
from tests.races import at_once

pytestmark = pytest.mark.core_suite

IDP = Idp()
ARN = "arn:aws:iam::000000000000:saml-provider/corp"


@pytest.fixture
def pool(anyone: Any, make_pool: Any, cognito_identity: Any) -> str:
    """An identity pool for the people of ``corp``, with a role for each of them."""
    saml_providers.create("corp", IDP.metadata())
    pool_id: str = make_pool(SamlProviderARNs=[ARN], AllowClassicFlow=True)
    roles = {"authenticated": world.role("known", pool_id).arn}
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    return pool_id


def logins(
    name_id: str = "ana", *, roles: tuple[str, ...] = (), idp: Idp = IDP, **attributes: Any
) -> dict[str, str]:
    given = (
        {f"{AWS_ATTRIBUTE}/Role": [f"{arn},{ARN}" for arn in roles], **attributes} if roles else attributes
    )
    return {ARN: idp.response(name_id, attributes=given)}


def test_the_enhanced_flow_takes_one_assertion_from_login_to_credentials(anyone: Any, pool: str) -> None:
    given = logins()

    identity_id = get_id(anyone, pool, given)
    answer = anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)

    assert answer["IdentityId"] == identity_id
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert list(Login.objects.values_list("provider", "user_id")) == [(ARN, "ana")]


def test_an_assertion_gets_credentials_once(anyone: Any, pool: str) -> None:
    given = logins()
    identity_id = get_id(anyone, pool, given)
    anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)

    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)

    assert refusal(refused)[1] == "Invalid login token. Response was already used."
    assert anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=logins())


USED = "Invalid login token. Response was already used."


def assert_used(anyone: Any, pool_id: str, given: dict[str, str]) -> None:
    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        get_id(anyone, pool_id, given)
    assert refusal(refused)[1] == USED


def unlink_refused(anyone: Any, identity_id: str, given: dict[str, str], *removed: str) -> str:
    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        anyone.unlink_identity(IdentityId=identity_id, Logins=given, LoginsToRemove=list(removed))
    return refusal(refused)[1]


def test_who_reads_a_used_response_cannot_link_a_login_to_its_owner(
    anyone: Any, pool: str, user_pool: world.UserPool
) -> None:
    stolen = logins()
    victim = get_id(anyone, pool, stolen)
    anyone.get_credentials_for_identity(IdentityId=victim, Logins=stolen)
    own = user_pool.logins("eve")
    guest = anyone.get_id(IdentityPoolId=pool)["IdentityId"]

    assert_used(anyone, pool, stolen | own)
    for identity_id, given in ((victim, stolen | own), (guest, stolen | own), (guest, stolen)):
        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)
        assert refusal(refused)[1] == USED

    assert list(Login.objects.values_list("provider", flat=True)) == [ARN]
    assert Identity.objects.get(pk=guest).is_guest
    assert get_id(anyone, pool, own) != victim
    assert_used(anyone, pool, stolen | own)  # now it would be a merge


def test_before_it_is_used_a_response_links_and_merges(
    anyone: Any, pool: str, user_pool: world.UserPool
) -> None:
    given, own = logins(), user_pool.logins()
    first = get_id(anyone, pool, own)

    assert get_id(anyone, pool, given | own) == first
    assert anyone.get_credentials_for_identity(IdentityId=first, Logins=given | own)["IdentityId"] == first
    assert get_id(anyone, pool, given | own) == first


def test_a_used_response_unlinks_nothing(anyone: Any, pool: str) -> None:
    given = logins()
    identity_id = get_id(anyone, pool, given)
    anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)

    assert unlink_refused(anyone, identity_id, given, ARN) == USED
    assert Login.objects.count() == 1

    anyone.unlink_identity(IdentityId=identity_id, Logins=logins(), LoginsToRemove=[ARN])
    assert Login.objects.count() == 0
    assert_used(anyone, pool, given)  # nobody comes back by it


def test_a_response_that_unlinked_opens_nothing(anyone: Any, pool: str) -> None:
    given = logins()
    anyone.unlink_identity(IdentityId=get_id(anyone, pool, given), Logins=given, LoginsToRemove=[ARN])

    assert_used(anyone, pool, given)


def test_an_unlinking_that_failed_does_not_use_it_up(
    anyone: Any, pool: str, user_pool: world.UserPool
) -> None:
    given, own = logins(), user_pool.logins()
    identity_id = get_id(anyone, pool, given | own)
    stranger = user_pool.logins("ben")

    unlink_refused(anyone, identity_id, given, ARN, user_pool.provider)
    unlink_refused(anyone, identity_id, given | stranger, ARN, user_pool.provider)
    anyone.unlink_identity(IdentityId=identity_id, Logins=given | own, LoginsToRemove=[user_pool.provider])

    assert anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)


def test_a_call_that_failed_does_not_use_it_up(anyone: Any, pool: str, cognito_identity: Any) -> None:
    given = logins()
    identity_id = get_id(anyone, pool, given)
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool, Roles={})
    with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException):
        anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)

    roles = {"authenticated": "arn:aws:iam::000000000000:role/known"}
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool, Roles=roles)

    assert anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)


def test_the_classic_flow_knows_no_saml(anyone: Any, pool: str) -> None:
    given = logins()
    identity_id = get_id(anyone, pool, given)

    with pytest.raises(anyone.exceptions.InvalidParameterException):
        anyone.get_open_id_token(IdentityId=identity_id, Logins=given)


def test_a_forged_or_foreign_response(anyone: Any, pool: str) -> None:
    stranger = replace(IDP, key=key_pair("stranger"))
    saml_providers.create("other", replace(IDP, entity_id="https://other.example").metadata())
    other = {ARN.replace("corp", "other"): IDP.response()}

    signature = "Invalid login token. Response signature invalid."
    assert refused_text(anyone, pool, logins(idp=stranger)) == signature
    assert refused_text(anyone, pool, {ARN: "AAAA"}) == "Invalid login token. Invalid SAML response."
    assert refused_text(anyone, pool, {ARN: "é"}) == "Invalid login token. Invalid base64 SAMLResponse."
    assert (
        refused_text(anyone, pool, other) == "Token is not from a supported provider of this identity pool."
    )


def test_a_provider_that_the_account_deleted(anyone: Any, pool: str) -> None:
    provider = saml_providers.find(ARN)
    assert provider is not None
    saml_providers.delete(provider)

    text = "Token is not from a supported provider of this identity pool."
    assert refused_text(anyone, pool, logins()) == text


def set_mapping(cognito_identity: Any, pool_id: str, mapping: dict[str, Any]) -> None:
    roles = {"authenticated": "arn:aws:iam::000000000000:role/known"}
    mapping = {"AmbiguousRoleResolution": "Deny", **mapping}
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles, RoleMappings={ARN: mapping})


def role_for(anyone: Any, pool_id: str, given: dict[str, str]) -> str:
    identity_id = get_id(anyone, pool_id, given)
    issued = anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given)["Credentials"]
    session = aws.client(
        "sts", access_key=issued["AccessKeyId"], secret=issued["SecretKey"], token=issued["SessionToken"]
    )
    return str(session.get_caller_identity()["Arn"].split("/")[1])


def test_rules_look_at_attributes(anyone: Any, pool: str, cognito_identity: Any) -> None:
    staff = world.role("staff", pool).arn
    rule = {"Claim": "urn:dept", "MatchType": "Equals", "Value": "notes", "RoleARN": staff}
    set_mapping(cognito_identity, pool, {"Type": "Rules", "RulesConfiguration": {"Rules": [rule]}})

    assert role_for(anyone, pool, logins(**{"urn:dept": ["sales", "notes"]})) == "staff"
    with pytest.raises(anyone.exceptions.NotAuthorizedException):
        role_for(anyone, pool, logins(**{"urn:dept": "sales"}))


def test_what_a_proof_says_of_a_person(anyone: Any, pool: str) -> None:
    proof = saml.verify(ARN, logins(**{"urn:dept": ["a", "b"]})[ARN], clock.now())

    assert proof.claims["urn:dept"] == ["a", "b"]
    assert proof.claims[saml.NAME_ID_CLAIM] == ["ana"]
    assert (proof.mapping_key, proof.user_id) == (ARN, "ana")
    assert "ana" not in repr(proof)


def test_an_attribute_does_not_speak_for_the_name_id(anyone: Any, pool: str) -> None:
    proof = saml.verify(ARN, logins(**{saml.NAME_ID_CLAIM: "admin"})[ARN], clock.now())

    assert proof.claims[saml.NAME_ID_CLAIM] == ["ana"]


def test_two_people_are_two_identities(anyone: Any, pool: str) -> None:
    assert get_id(anyone, pool, logins("ana")) != get_id(anyone, pool, logins("ben"))
    assert Identity.objects.count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_bring_one_assertion_one_gets_credentials() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL (TEST_BACKEND=postgres)")
    saml_providers.create("corp", IDP.metadata())
    now = clock.now()
    settings = {"SamlProviderARNs": [ARN], "AllowUnauthenticatedIdentities": False}
    pool_id = "us-east-1:00000000-0000-4000-8000-000000000001"
    role_arn = world.role("known", pool_id).arn
    IdentityPool.objects.create(
        id=pool_id, name="notes", settings=settings, created_at=now, modified_at=now,
        roles={"Roles": {"authenticated": role_arn}},
    )  # fmt: skip
    given = logins()
    identity_id = get_id(aws.client("cognito-identity"), pool_id, given)

    def bring() -> str:
        try:
            aws.client("cognito-identity").get_credentials_for_identity(IdentityId=identity_id, Logins=given)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "won"

    outcomes = at_once(*[bring] * 4)

    assert sorted(outcomes) == ["Invalid login token. Response was already used."] * 3 + ["won"]


def test_the_assertion_names_the_role(anyone: Any, pool: str, cognito_identity: Any) -> None:
    staff, chief = world.role("staff", pool).arn, world.role("chief", pool).arn
    set_mapping(cognito_identity, pool, {"Type": "Token"})

    assert role_for(anyone, pool, logins(roles=(staff,))) == "staff"
    with pytest.raises(anyone.exceptions.NotAuthorizedException):
        role_for(anyone, pool, logins(roles=(staff, chief)))
    elsewhere = {f"{AWS_ATTRIBUTE}/Role": [f"{staff},{ARN}-of-another"], "cognito:preferred_role": staff}
    with pytest.raises(anyone.exceptions.NotAuthorizedException):
        role_for(anyone, pool, logins(**elsewhere))


@pytest.mark.parametrize("mapping", [{"Type": "Token"}, None])
def test_a_wish_is_granted_where_the_assertion_grants_it(
    anyone: Any, pool: str, cognito_identity: Any, mapping: dict[str, Any] | None
) -> None:
    staff, chief = world.role("staff", pool).arn, world.role("chief", pool).arn
    if mapping:
        set_mapping(cognito_identity, pool, mapping)
    given = logins(roles=(staff,))
    identity_id = get_id(anyone, pool, given)

    with pytest.raises(anyone.exceptions.NotAuthorizedException):
        anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given, CustomRoleArn=chief)
    answer = anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=given, CustomRoleArn=staff)

    assert answer["Credentials"]


def test_attributes_become_tags(anyone: Any, pool: str, cognito_identity: Any) -> None:
    cognito_identity.set_principal_tag_attribute_map(
        IdentityPoolId=pool,
        IdentityProviderName=ARN,
        UseDefaults=False,
        PrincipalTags={"dept": "urn:dept", "who": saml.NAME_ID_CLAIM},
    )
    proof = saml.verify(ARN, logins(**{"urn:dept": "notes"})[ARN], clock.now())

    found = principal_tags.of_logins(IdentityPool.objects.get(pk=pool), [proof])

    assert found == {"dept": "notes", "who": "ana"}
