from datetime import UTC, datetime
from typing import Any

import pytest

from identity.wire import model
from identity.wire.compile import MAX_ECHO, MAX_FAULTS, Inputs
from identity.wire.errors import InvalidParameter, SerializationError, ValidationFailed

IDP = Inputs("cognito-idp", model.load("cognito-idp"), "InvalidParameterException", drops_nulls=True)
IDENTITY = Inputs("cognito-identity", model.load("cognito-identity"), "ValidationException")
SYNC = Inputs("cognito-sync", model.load("cognito-sync"), "InvalidParameterException")

POOL = "eu-central-1_Ab3dE6gH9"
FLOWS = (
    "USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH,"
    " ADMIN_USER_PASSWORD_AUTH, USER_AUTH"
)


def check(operation: str, given: Any, inputs: Inputs = IDP) -> dict[str, Any]:
    return inputs.validate(operation)(given)


def fault(operation: str, given: Any, inputs: Inputs = IDP) -> str:
    with pytest.raises((InvalidParameter, ValidationFailed)) as caught:
        check(operation, given, inputs)
    return caught.value.message


ONE = "1 validation error detected: "


def test_good_input_comes_back_as_it_is():
    given = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "abc", "AuthParameters": {"USERNAME": "ana"}}

    assert check("InitiateAuth", given) == given


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
    [
        (
            "InitiateAuth",
            {"AuthFlow": "NONE", "ClientId": "abc"},
            f"Value 'NONE' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: [{FLOWS}]",
        ),
        (
            "ListUsers",
            {"UserPoolId": POOL, "Limit": 61},
            "Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60",
        ),
        (
            "ListUsers",
            {"UserPoolId": "nowhere"},
            "Value 'nowhere' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression"
            r" pattern: [\w-]+_[0-9a-zA-Z]+",
        ),
        (
            "DescribeUserPool",
            {},
            "Value null at 'userPoolId' failed to satisfy constraint: Member must not be null",
        ),
        (
            "DescribeUserPool",
            {"UserPoolId": None},
            "Value null at 'userPoolId' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateGroup",
            {"UserPoolId": POOL, "GroupName": "g", "Precedence": -1},
            "Value '-1' at 'precedence' failed to satisfy constraint:"
            " Member must have value greater than or equal to 0",
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "Schema": [{"Name": "phone_number_verified"}]},
            "Value 'phone_number_verified' at 'schema.1.member.name' failed to satisfy constraint:"
            " Member must have length less than or equal to 20",
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "Schema": [{"Name": "a"}, None]},
            "Value null at 'schema.2.member' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "Policies": {"PasswordPolicy": {"MinimumLength": 5}}},
            "Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint:"
            " Member must have value greater than or equal to 6",
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "AutoVerifiedAttributes": ["email", "fax"]},
            "Value '[email, fax]' at 'autoVerifiedAttributes' failed to satisfy constraint:"
            " Member must satisfy constraint: [Member must satisfy enum value set: [phone_number, email],"
            " Member must not be null]",
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "UserPoolTags": {"": "v"}},
            "Value '{=v}' at 'userPoolTags' failed to satisfy constraint: Map keys must satisfy constraint:"
            " [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "UserPoolTags": {"k": "v" * 257}},
            f"Value '{{k={'v' * 257}}}' at 'userPoolTags' failed to satisfy constraint: Map value must satisfy"
            " constraint: [Member must have length less than or equal to 256]",
        ),
    ],
)
def test_broken_constraints_are_told_in_the_services_words(operation, given, expected):
    assert fault(operation, given) == ONE + expected


def test_several_faults_are_joined_and_counted():
    message = fault("ListUsers", {"UserPoolId": "x", "Limit": 61})

    assert message.startswith("2 validation errors detected: Value 'x' at 'userPoolId' failed")
    assert "; Value '61' at 'limit' failed" in message


def test_one_member_may_break_several_rules():
    message = fault("DescribeUserPool", {"UserPoolId": ""})

    assert message == (
        "2 validation errors detected: Value '' at 'userPoolId' failed to satisfy constraint: Member must have length"
        " greater than or equal to 1; Value '' at 'userPoolId' failed to satisfy constraint: Member must satisfy"
        r" regular expression pattern: [\w-]+_[0-9a-zA-Z]+"
    )


def test_identity_pools_have_a_class_of_their_own():
    with pytest.raises(ValidationFailed) as caught:
        check("DescribeIdentityPool", {"IdentityPoolId": "nowhere"}, IDENTITY)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == (
        f"{ONE}Value 'nowhere' at 'identityPoolId' failed to satisfy constraint:"
        r" Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+"
    )


def test_map_values_are_told_with_all_their_rules_and_secret_ones_are_not_echoed():
    message = fault(
        "GetId", {"IdentityPoolId": "us-east-1:1", "Logins": {"accounts.google.com": ""}}, IDENTITY
    )

    assert message == (
        f"{ONE}Value at 'logins' failed to satisfy constraint: Map value must satisfy constraint:"
        " [Member must have length less than or equal to 50000, Member must have length greater than or equal to 1]"
    )


def test_sensitive_values_are_not_echoed():
    message = fault("SignUp", {"ClientId": "a", "Username": "a b", "Password": "  x  "})

    assert message == (
        "2 validation errors detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular"
        r" expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+; Value at 'password' failed to satisfy constraint:"
        r" Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$"
    )


def test_lists_of_structures_are_not_echoed():
    attributes = [{"Name": "secret", "Value": "hush"}] * 2000
    message = fault("CreateUserPool", {"PoolName": "p", "Schema": attributes[:51]})

    assert "Value at 'schema' failed" in message
    assert "hush" not in message


@pytest.mark.parametrize("password", ["Pass word 1!", "x", "äöü ß!", "a\tb"])
def test_passwords_may_have_inner_blanks(password):
    given = {"ClientId": "a", "Username": "ana", "Password": password}

    assert check("SignUp", given)["Password"] == password


@pytest.mark.parametrize("password", [" lead", "trail ", "", " ", "a\nb"])
def test_passwords_do_not_begin_or_end_with_blanks(password):
    assert "'password'" in fault("SignUp", {"ClientId": "a", "Username": "ana", "Password": password})


def test_null_is_absent_and_unknown_members_are_passed_over():
    given = {
        "ClientId": "a",
        "Username": "ana",
        "ValidationData": None,
        "ClientMetadata": {"a": None, "b": "c"},
        "Unheard": {"of": []},
    }

    assert check("SignUp", given | {"Password": "Passw0rd!"}) == {
        "ClientId": "a",
        "Username": "ana",
        "Password": "Passw0rd!",
        "ClientMetadata": {"b": "c"},
    }


@pytest.mark.parametrize(
    ("operation", "given", "shown"),
    [
        ("GetId", {"Logins": {"a": None}}, "Value"),  # tokens are not echoed
        ("GetId", {"Logins": {"a": "token", "b": None}}, "Value"),
        ("CreateIdentityPool", {"SupportedLoginProviders": {"a": None}}, "Value '{a=null}'"),
        ("SetIdentityPoolRoles", {"Roles": {}, "RoleMappings": {"a": None}}, "Value"),
    ],
)
def test_a_null_in_a_map_is_refused_where_the_service_drops_none(operation, given, shown):
    at = next(name for name, value in given.items() if value)
    needed = {
        "IdentityPoolId": "us-east-1:11111111-2222-3333-4444-555555555555",
        "IdentityPoolName": "a",
        "AllowUnauthenticatedIdentities": True,
    }

    assert fault(operation, needed | given, IDENTITY) == (
        f"{ONE}{shown} at '{at[0].lower()}{at[1:]}' failed to satisfy constraint:"
        " Map value must satisfy constraint: [Member must not be null]"
    )


def test_a_map_that_is_null_is_absent_everywhere():
    pool = {"IdentityPoolId": "us-east-1:11111111-2222-3333-4444-555555555555"}

    assert check("GetId", pool | {"Logins": None, "AccountId": None}, IDENTITY) == pool


@pytest.mark.parametrize(
    ("operation", "given", "message"),
    [
        ("SignUp", {"Username": 3}, "NUMBER_VALUE can not be converted to a String"),
        ("SignUp", {"Username": True}, "TRUE_VALUE can not be converted to a String"),
        ("SignUp", {"Username": {}}, "Start of structure or map found where not expected."),
        ("SignUp", {"Username": []}, "Start of list found where not expected."),
        ("SignUp", {"UserAttributes": "x"}, "Expected list or null"),
        ("SignUp", {"UserAttributes": ["x"]}, "Expected map or null"),
        ("SignUp", {"ClientMetadata": "x"}, "Expected map or null"),
        ("SignUp", {"ClientMetadata": {"a": 1}}, "NUMBER_VALUE can not be converted to a String"),
        ("SignUp", [], "Start of list found where not expected."),
        ("SignUp", "x", "Expected map or null"),
        ("SignUp", None, None),
        ("ListUsers", {"Limit": "5"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": True}, "TRUE_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": 1.5}, "NUMBER_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": 2**31}, "NUMBER_VALUE can not be converted to an Integer"),
        ("ListUsers", {"Limit": 10**400}, "NUMBER_VALUE can not be converted to an Integer"),
        ("ListUsers", {"AttributesToGet": [1]}, "NUMBER_VALUE can not be converted to a String"),
        (
            "CreateUserPoolClient",
            {"GenerateSecret": "true"},
            "STRING_VALUE can not be converted to a Boolean",
        ),
        ("CreateUserPoolClient", {"GenerateSecret": 1}, "NUMBER_VALUE can not be converted to a Boolean"),
        ("SetUICustomization", {"ImageFile": "not base64!"}, "Invalid base64 string"),
        ("SetUICustomization", {"ImageFile": "ä"}, "Invalid base64 string"),
    ],
)
def test_wrong_types_are_refused_before_anything_else(operation, given, message):
    with pytest.raises(SerializationError) as caught:
        check(operation, given)
    assert message is None or caught.value.message == message


def test_whole_numbers_may_be_written_with_a_point():
    assert check("ListUsers", {"UserPoolId": POOL, "Limit": 5.0})["Limit"] == 5


def test_blobs_are_bytes():
    assert check("SetUICustomization", {"UserPoolId": POOL, "ImageFile": "AAE="})["ImageFile"] == b"\x00\x01"


def test_times_come_as_numbers_or_text():
    base = {
        "IdentityPoolId": "us-east-1:1",
        "IdentityId": "us-east-1:2",
        "DatasetName": "d",
        "SyncSessionToken": "t",
    }
    patch = {"Op": "replace", "Key": "k", "SyncCount": 1}
    moment = datetime(2015, 2, 24, 18, 30, 24, 300000, tzinfo=UTC)
    for given in (
        1424802624.3,
        "2015-02-24T18:30:24.3+00:00",
        "2015-02-24T19:30:24.300+01:00",
        "2015-02-24T18:30:24.3Z",
    ):
        patches = [patch | {"DeviceLastModifiedDate": given}]
        cleaned = check("UpdateRecords", base | {"RecordPatches": patches}, SYNC)
        assert cleaned["RecordPatches"][0]["DeviceLastModifiedDate"] == moment
    for given in (1e300, float("nan"), "yesterday", "9" * 50, -(10**30)):
        with pytest.raises(SerializationError):
            check(
                "UpdateRecords", base | {"RecordPatches": [patch | {"DeviceLastModifiedDate": given}]}, SYNC
            )


def _nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": [value]}
    return value


def test_documents_pass_unless_they_are_deep():
    given = {"UserPoolId": POOL, "ClientId": "a", "Settings": {"a": [1, None, {"b": True}]}}

    assert check("CreateManagedLoginBranding", given)["Settings"] == given["Settings"]
    for depth in (100, 900):
        with pytest.raises(SerializationError):
            check(
                "CreateManagedLoginBranding",
                {"UserPoolId": POOL, "ClientId": "a", "Settings": _nested(depth)},
            )


def test_answers_stay_small_whatever_comes():
    long = fault("DescribeUserPool", {"UserPoolId": "x" * 1_000_000})
    many = fault(
        "CreateUserPool", {"PoolName": "p", "Schema": [{"AttributeDataType": "X"}] * 50, "UserPoolTier": "X"}
    )
    attributes = [{"Value": "x"}] * 100_000
    flood = fault("SignUp", {"ClientId": "a", "Username": "ana", "UserAttributes": attributes})

    assert len(long) < 3 * MAX_ECHO
    assert many.startswith("51 validation errors detected")
    assert flood.startswith(f"{MAX_FAULTS} validation errors detected")


def test_the_shapes_of_every_operation_compile():
    for name in model.SERVICES:
        inputs = Inputs(name, model.load(name), "InvalidParameterException")
        for operation in model.load(name)["operations"]:
            assert callable(inputs.validate(operation))
