"""User pools through the wire: defaults, replacing updates, what may not be."""

from datetime import UTC
from typing import Any

import pytest

from identity.core import conf
from identity.userpools import quotas
from identity.userpools.models import User, UserPool, UserPoolClient
from tests import aws

pytestmark = pytest.mark.django_db

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"


def make(cognito: Any, **members: Any) -> dict[str, Any]:
    pool: dict[str, Any] = cognito.create_user_pool(PoolName="people", **members)["UserPool"]
    return pool


def describe(cognito: Any, pool: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    return described


def refused(cognito: Any, code: str, **members: Any) -> str:
    with pytest.raises(cognito.exceptions.ClientError) as caught:
        make(cognito, **members)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def refused_update(cognito: Any, pool: dict[str, Any], code: str, **members: Any) -> str:
    with pytest.raises(cognito.exceptions.ClientError) as caught:
        cognito.update_user_pool(UserPoolId=pool["Id"], **members)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def test_a_pool_made_by_its_name_alone_has_cognitos_defaults(cognito: Any) -> None:
    pool = make(cognito)

    assert pool["Id"].startswith("us-east-1_")
    assert len(pool["Id"]) == len("us-east-1_") + 9
    account = conf.settings().account_id
    assert pool["Arn"] == f"arn:aws:cognito-idp:us-east-1:{account}:userpool/{pool['Id']}"
    assert pool["CreationDate"] == pool["LastModifiedDate"]
    assert len(pool.pop("SchemaAttributes")) == 20
    for name in ("Id", "Arn", "CreationDate", "LastModifiedDate"):
        del pool[name]
    assert pool == {
        "Name": "people",
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
                "TemporaryPasswordValidityDays": 7,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": []},
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": 0,
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "UserPoolTags": {},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
        "UserPoolTier": "ESSENTIALS",
        "IssuerConfiguration": {"Type": "ORIGINAL"},
        "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
        "AcrConfiguration": {f"Level{n}": {"AcrValue": f"urn:cognito:loa:{n}"} for n in range(1, 5)},
    }


def test_describing_shows_what_creating_answered(cognito: Any) -> None:
    pool = make(
        cognito,
        AutoVerifiedAttributes=["email"],
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        UserPoolTags={"team": "a b"},
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True},
        SmsConfiguration={"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x"},
        LambdaConfig={"PreSignUp": FUNCTION},
    )

    described = describe(cognito, pool)

    assert described == pool
    assert described["UsernameConfiguration"] == {"CaseSensitive": False}
    assert described["UserPoolTags"] == {"team": "a b"}


def test_a_pool_lives_in_the_region_that_the_request_was_signed_for(admin_key: tuple[str, str]) -> None:
    frankfurt = aws.client("cognito-idp", access_key=admin_key[0], secret=admin_key[1], region="eu-central-1")
    virginia = aws.client("cognito-idp", access_key=admin_key[0], secret=admin_key[1])

    pool = make(frankfurt)

    assert pool["Id"].startswith("eu-central-1_")
    assert [each["Id"] for each in frankfurt.list_user_pools(MaxResults=60)["UserPools"]] == [pool["Id"]]
    assert virginia.list_user_pools(MaxResults=60)["UserPools"] == []


def test_the_standard_schema_stands_in_order_with_text_constraints(cognito: Any) -> None:
    attributes = make(cognito)["SchemaAttributes"]

    assert " ".join(each["Name"] for each in attributes) == (
        "sub name given_name family_name middle_name nickname preferred_username profile picture website email "
        "email_verified gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at"
    )
    by_name = {each["Name"]: each for each in attributes}
    assert by_name["sub"] == {
        "Name": "sub",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
    }
    assert by_name["birthdate"]["StringAttributeConstraints"] == {"MinLength": "10", "MaxLength": "10"}
    assert by_name["email_verified"]["AttributeDataType"] == "Boolean"
    assert "StringAttributeConstraints" not in by_name["email_verified"]
    assert by_name["updated_at"]["NumberAttributeConstraints"] == {"MinValue": "0"}


def test_custom_attributes_get_their_prefix_and_keep_their_constraints(cognito: Any) -> None:
    pool = make(
        cognito,
        Schema=[
            {"Name": "email", "Required": True},
            {
                "Name": "level",
                "AttributeDataType": "Number",
                "Mutable": False,
                "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "9"},
            },
            {"Name": "note"},
            {"Name": "old", "DeveloperOnlyAttribute": True},
        ],
    )

    by_name = {each["Name"]: each for each in pool["SchemaAttributes"]}
    assert by_name["email"]["Required"] is True
    assert by_name["email"]["StringAttributeConstraints"] == {"MinLength": "0", "MaxLength": "2048"}
    assert by_name["custom:level"]["NumberAttributeConstraints"] == {"MinValue": "1", "MaxValue": "9"}
    assert by_name["custom:level"]["Mutable"] is False
    assert by_name["custom:note"]["AttributeDataType"] == "String"
    assert by_name["dev:custom:old"]["DeveloperOnlyAttribute"] is True


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ([{"Name": "x", "Required": True}], "Required custom attributes are not supported currently."),
        (
            [{"Name": "email", "AttributeDataType": "Number"}],
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
            "email",
        ),
        (
            [{"Name": "name", "DeveloperOnlyAttribute": True}],
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
            "name",
        ),
        ([{"Name": "x"}, {"Name": "x"}], "custom:x: Existing attribute already has name custom:x."),
        ([{"AttributeDataType": "String"}], "A schema attribute must have a name."),
        (
            [{"Name": "x", "StringAttributeConstraints": {"MinLength": "9", "MaxLength": "1"}}],
            "custom:x: The minimum is greater than the maximum.",
        ),
        (
            [{"Name": "x", "StringAttributeConstraints": {"MaxLength": "2049"}}],
            "custom:x: A length must be between 0 and 2048.",
        ),
        (
            [{"Name": "x", "StringAttributeConstraints": {"MaxLength": "many"}}],
            "custom:x: A constraint must be a whole number.",
        ),
        (
            [{"Name": "x", "NumberAttributeConstraints": {"MinValue": "1"}}],
            "custom:x: NumberAttributeConstraints do not apply to an attribute of type String.",
        ),
        ([{"Name": "sub", "Mutable": True}], "sub: Attribute cannot be made mutable or optional."),
    ],
)
def test_a_schema_that_may_not_be_is_refused(cognito: Any, entries: list[dict[str, Any]], text: str) -> None:
    assert refused(cognito, "InvalidParameterException", Schema=entries) == text


def test_fifty_custom_attributes_are_the_most(cognito: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "CUSTOM_ATTRIBUTES", 2)

    make(cognito, Schema=[{"Name": "a"}, {"Name": "b"}])

    refused(cognito, "LimitExceededException", Schema=[{"Name": "a"}, {"Name": "b"}, {"Name": "c"}])


def test_username_and_alias_attributes_exclude_each_other(cognito: Any) -> None:
    text = refused(
        cognito, "InvalidParameterException", UsernameAttributes=["email"], AliasAttributes=["phone_number"]
    )

    assert text == "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."


def test_the_password_policy_given_in_part_requires_only_what_it_names(cognito: Any) -> None:
    pool = make(cognito, Policies={"PasswordPolicy": {"MinimumLength": 6, "RequireNumbers": True}})

    assert pool["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 6,
        "RequireUppercase": False,
        "RequireLowercase": False,
        "RequireNumbers": True,
        "RequireSymbols": False,
        "TemporaryPasswordValidityDays": 7,
    }


def test_unused_account_validity_mirrors_that_of_temporary_passwords(cognito: Any) -> None:
    newer = make(cognito, Policies={"PasswordPolicy": {"TemporaryPasswordValidityDays": 3}})
    older = make(cognito, AdminCreateUserConfig={"UnusedAccountValidityDays": 5})

    assert newer["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 3
    assert older["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 5


def test_each_message_text_is_one_setting_with_two_names(cognito: Any) -> None:
    by_old = make(
        cognito,
        EmailVerificationMessage="Code: {####}",
        EmailVerificationSubject="Hello",
        SmsVerificationMessage="SMS {####}",
    )
    by_new = make(
        cognito,
        VerificationMessageTemplate={
            "EmailMessage": "Code: {####}",
            "EmailSubject": "Hello",
            "SmsMessage": "SMS {####}",
            "DefaultEmailOption": "CONFIRM_WITH_LINK",
            "EmailMessageByLink": "{##Go##}",
        },
    )

    for pool in (by_old, by_new):
        assert pool["EmailVerificationMessage"] == "Code: {####}"
        assert pool["EmailVerificationSubject"] == "Hello"
        assert pool["SmsVerificationMessage"] == "SMS {####}"
        assert pool["VerificationMessageTemplate"]["EmailMessage"] == "Code: {####}"
        assert pool["VerificationMessageTemplate"]["EmailSubject"] == "Hello"
        assert pool["VerificationMessageTemplate"]["SmsMessage"] == "SMS {####}"
    assert by_new["VerificationMessageTemplate"]["EmailMessageByLink"] == "{##Go##}"


def test_differing_texts_for_one_setting_are_refused(cognito: Any) -> None:
    refused(
        cognito,
        "InvalidParameterException",
        EmailVerificationMessage="Code: {####}",
        VerificationMessageTemplate={"EmailMessage": "Other: {####}"},
    )


@pytest.mark.parametrize(
    "members",
    [
        {"EmailVerificationMessage": "no placeholder"},
        {"SmsVerificationMessage": "no placeholder"},
        {"SmsAuthenticationMessage": "no placeholder"},
        {"VerificationMessageTemplate": {"EmailMessageByLink": "no placeholder"}},
        {"AdminCreateUserConfig": {"InviteMessageTemplate": {"EmailMessage": "only {####}"}}},
        {"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "only {username}"}}},
        {"LambdaConfig": {"CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION}}},
        {
            "LambdaConfig": {
                "PreTokenGeneration": FUNCTION,
                "PreTokenGenerationConfig": {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION + "2"},
            }
        },
        {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}},
        {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["EMAIL_OTP"]}}},
        {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SOFTWARE_TOKEN"]}}},
        {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}},
        {
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Priority": 1, "Name": "admin_only"},
                    {"Priority": 2, "Name": "verified_email"},
                ]
            }
        },
        {
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Priority": 1, "Name": "verified_phone_number"},
                    {"Priority": 1, "Name": "verified_email"},
                ]
            }
        },
        {"AcrConfiguration": {"Level1": {"AcrValue": "urn:cognito:loa:2"}}},
        {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}},
    ],
)
def test_settings_that_do_not_fit_are_refused(cognito: Any, members: dict[str, Any]) -> None:
    refused(cognito, "InvalidParameterException", **members)

    assert not UserPool.objects.exists()


@pytest.mark.parametrize(
    "tags", [{"aws:x": "1"}, {"a;b": "1"}, {"a": "<>"}, {f"k{n}": "v" for n in range(51)}]
)
def test_tags_that_cannot_be_are_refused(cognito: Any, tags: dict[str, str]) -> None:
    refused(cognito, "UserPoolTaggingException", UserPoolTags=tags)


@pytest.mark.parametrize(
    ("members", "lowest"),
    [
        (
            {"LambdaConfig": {"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": FUNCTION}}},
            "ESSENTIALS",
        ),
        (
            {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}},
            "ESSENTIALS",
        ),
        ({"Policies": {"PasswordPolicy": {"PasswordHistorySize": 3}}}, "ESSENTIALS"),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}, "PLUS"),
    ],
)
def test_a_feature_needs_its_tier(cognito: Any, members: dict[str, Any], lowest: str) -> None:
    below = {"ESSENTIALS": "LITE", "PLUS": "ESSENTIALS"}[lowest]

    refused(cognito, "FeatureUnavailableInTierException", UserPoolTier=below, **members)
    pool = make(cognito, UserPoolTier=lowest, **members)

    text = refused_update(cognito, pool, "TierChangeNotAllowedException", UserPoolTier=below, **members)
    assert below in text


def test_a_tier_is_not_lowered_while_a_client_uses_what_it_lacks(cognito: Any) -> None:
    pool = make(cognito)
    cognito.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="app", ExplicitAuthFlows=["ALLOW_USER_AUTH"]
    )

    refused_update(cognito, pool, "TierChangeNotAllowedException", UserPoolTier="LITE")

    assert describe(cognito, pool)["UserPoolTier"] == "ESSENTIALS"


def test_an_update_replaces_what_it_leaves_out_by_defaults(cognito: Any) -> None:
    pool = make(
        cognito,
        AutoVerifiedAttributes=["email"],
        AliasAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        DeletionProtection="ACTIVE",
        EmailVerificationMessage="Code: {####}",
        Policies={"PasswordPolicy": {"MinimumLength": 20}},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]},
        UserPoolTags={"a": "b"},
        Schema=[{"Name": "x"}],
    )

    assert {
        name: value
        for name, value in cognito.update_user_pool(
            UserPoolId=pool["Id"], AutoVerifiedAttributes=["phone_number"]
        ).items()
        if name != "ResponseMetadata"
    } == {}

    after, fresh = describe(cognito, pool), make(cognito)
    assert after["AutoVerifiedAttributes"] == ["phone_number"]
    for name in ("Policies", "DeletionProtection", "VerificationMessageTemplate", "UserPoolTags"):
        assert after[name] == fresh[name], name
    assert "EmailVerificationMessage" not in after
    assert "AccountRecoverySetting" not in after
    for name in ("Name", "AliasAttributes", "UsernameConfiguration", "SchemaAttributes", "CreationDate"):
        assert after[name] == pool[name], name
    assert after["LastModifiedDate"] >= pool["LastModifiedDate"]


def test_the_name_can_change(cognito: Any) -> None:
    pool = make(cognito)

    cognito.update_user_pool(UserPoolId=pool["Id"], PoolName="folks")

    assert describe(cognito, pool)["Name"] == "folks"


def test_mfa_cannot_be_turned_on_by_an_update(cognito: Any) -> None:
    pool = make(cognito)

    text = refused_update(cognito, pool, "InvalidParameterException", MfaConfiguration="ON")

    assert text == "Cannot turn MFA functionality ON, once the user pool has been created"
    cognito.update_user_pool(UserPoolId=pool["Id"], MfaConfiguration="OPTIONAL")
    assert describe(cognito, pool)["MfaConfiguration"] == "OPTIONAL"


def test_a_second_factor_that_is_not_built_cannot_be_demanded(cognito: Any) -> None:
    text = refused(cognito, "InvalidParameterException", MfaConfiguration="ON")

    assert text.startswith("MfaConfiguration ON is not built yet")


def test_a_pool_with_mfa_on_keeps_it(cognito: Any) -> None:
    pool = make(cognito)
    row = UserPool.objects.get(pk=pool["Id"])
    row.settings["MfaConfiguration"] = "ON"
    row.save()

    cognito.update_user_pool(UserPoolId=pool["Id"], MfaConfiguration="ON")

    assert describe(cognito, pool)["MfaConfiguration"] == "ON"


def test_an_update_checks_as_creating_does(cognito: Any) -> None:
    pool = make(cognito)

    refused_update(
        cognito, pool, "InvalidParameterException", EmailConfiguration={"EmailSendingAccount": "DEVELOPER"}
    )
    refused_update(cognito, pool, "UserPoolTaggingException", UserPoolTags={"aws:x": "y"})
    refused_update(
        cognito, pool, "FeatureUnavailableInTierException", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}
    )


def test_an_unknown_pool_does_not_exist(cognito: Any) -> None:
    for call in (cognito.describe_user_pool, cognito.delete_user_pool, cognito.update_user_pool):
        with pytest.raises(cognito.exceptions.ResourceNotFoundException) as caught:
            call(UserPoolId="us-east-1_Nowhere00")
        assert caught.value.response["Error"]["Message"] == "User pool us-east-1_Nowhere00 does not exist."


def test_users_are_counted(cognito: Any) -> None:
    pool = make(cognito)
    for name in ("ana", "bob"):
        cognito.admin_create_user(UserPoolId=pool["Id"], Username=name, MessageAction="SUPPRESS")

    assert describe(cognito, pool)["EstimatedNumberOfUsers"] == 2


def test_pools_are_listed_in_pages_without_their_settings(cognito: Any) -> None:
    made = [make(cognito, LambdaConfig={"PreSignUp": FUNCTION})["Id"] for _ in range(3)]

    first = cognito.list_user_pools(MaxResults=2)
    second = cognito.list_user_pools(MaxResults=2, NextToken=first["NextToken"])

    listed = first["UserPools"] + second["UserPools"]
    assert sorted(each["Id"] for each in listed) == sorted(made)
    assert "NextToken" not in second
    assert set(listed[0]) == {"Id", "Name", "LambdaConfig", "LastModifiedDate", "CreationDate"}
    assert listed[0]["LambdaConfig"] == {}
    assert listed[0]["CreationDate"].tzinfo is not None
    assert listed[0]["CreationDate"].astimezone(UTC)


def test_a_bad_page_token_is_refused(cognito: Any) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException) as caught:
        cognito.list_user_pools(MaxResults=2, NextToken="made-up")

    assert caught.value.response["Error"]["Message"] == "Invalid pagination token"


def test_the_size_of_a_page_is_between_one_and_sixty(cognito: Any) -> None:
    for size in (0, 61):
        with pytest.raises(cognito.exceptions.ClientError) as caught:
            aws_unchecked(cognito).list_user_pools(MaxResults=size)
        assert caught.value.response["Error"]["Code"] == "InvalidParameterException"


def aws_unchecked(cognito: Any) -> Any:
    """The same client without the SDK's own checks."""
    keys = cognito._request_signer._credentials
    return aws.client("cognito-idp", access_key=keys.access_key, secret=keys.secret_key, checked=False)


def test_deletion_protection_holds_until_it_is_turned_off(cognito: Any) -> None:
    pool = make(cognito, DeletionProtection="ACTIVE")

    with pytest.raises(cognito.exceptions.InvalidParameterException) as caught:
        cognito.delete_user_pool(UserPoolId=pool["Id"])

    assert caught.value.response["Error"]["Message"] == (
        "The user pool cannot be deleted because deletion protection is activated. "
        "Deletion protection must be inactivated first."
    )
    cognito.update_user_pool(UserPoolId=pool["Id"], DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool["Id"])
    assert not UserPool.objects.exists()


def test_a_pool_with_a_domain_is_not_deleted(cognito: Any) -> None:
    pool = make(cognito)
    cognito.create_user_pool_domain(UserPoolId=pool["Id"], Domain="people")

    with pytest.raises(cognito.exceptions.InvalidParameterException) as caught:
        cognito.delete_user_pool(UserPoolId=pool["Id"])

    assert caught.value.response["Error"]["Message"] == (
        "User pool cannot be deleted. It has a domain configured that should be deleted first."
    )


def test_deleting_takes_everything_along(cognito: Any) -> None:
    pool, other = make(cognito), make(cognito)
    for each in (pool, other):
        cognito.create_user_pool_client(UserPoolId=each["Id"], ClientName="app")
        cognito.create_group(UserPoolId=each["Id"], GroupName="g")
        cognito.admin_create_user(UserPoolId=each["Id"], Username="ana", MessageAction="SUPPRESS")
        cognito.admin_add_user_to_group(UserPoolId=each["Id"], Username="ana", GroupName="g")

    cognito.delete_user_pool(UserPoolId=pool["Id"])

    assert list(UserPool.objects.values_list("pk", flat=True)) == [other["Id"]]
    assert list(User.objects.values_list("pool_id", flat=True)) == [other["Id"]]
    assert list(UserPoolClient.objects.values_list("pool_id", flat=True)) == [other["Id"]]


def test_there_are_only_so_many_pools(cognito: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "USER_POOLS", 1)
    make(cognito)

    refused(cognito, "LimitExceededException")
