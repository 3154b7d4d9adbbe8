"""SetIdentityPoolRoles: only roles that may be passed, only mappings of providers that are there."""

from typing import Any

import pytest

from identity.identitypools import role_documents
from tests.identitypools import world
from tests.identitypools.world import limited, refusal

ROLE = "arn:aws:iam::000000000000:role/reader"
EDITOR = "arn:aws:iam::000000000000:role/team/editor"
RULE = {"Claim": "custom:plan", "MatchType": "Equals", "Value": "gold", "RoleARN": EDITOR}


def rules(*given: dict[str, str]) -> dict[str, Any]:
    return {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": list(given)}}


def key_of(user_pool: world.UserPool) -> str:
    return f"{user_pool.provider}:{world.CLIENT}"


def test_roles_come_back_as_they_were_set(
    cognito_identity: Any, user_pool: world.UserPool, pool_id: str
) -> None:
    roles = {"authenticated": ROLE, "unauthenticated": EDITOR}
    mappings = {key_of(user_pool): rules(RULE)}

    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles, RoleMappings=mappings)
    found = cognito_identity.get_identity_pool_roles(IdentityPoolId=pool_id)

    assert (found["Roles"], found["RoleMappings"]) == (roles, mappings)


def test_setting_roles_replaces_the_whole_document(
    cognito_identity: Any, user_pool: world.UserPool, pool_id: str
) -> None:
    cognito_identity.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles={"authenticated": ROLE}, RoleMappings={key_of(user_pool): rules(RULE)}
    )

    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": ROLE})

    found = cognito_identity.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert found["Roles"] == {"unauthenticated": ROLE}
    assert "RoleMappings" not in found


def test_a_pool_without_roles_answers_its_id_only(cognito_identity: Any, pool_id: str) -> None:
    found = cognito_identity.get_identity_pool_roles(IdentityPoolId=pool_id)

    del found["ResponseMetadata"]
    assert found == {"IdentityPoolId": pool_id}


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::000000000000:user/reader",
        "arn:aws:iam::111111111111:role/reader",
        "arn:aws:s3:::a-bucket-of-some-length",
        "no role at all, but long enough",
    ],
)
def test_what_is_no_role_of_the_account_is_forbidden(cognito_identity: Any, pool_id: str, arn: str) -> None:
    with pytest.raises(cognito_identity.exceptions.NotAuthorizedException) as refused:
        cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": arn})

    assert refusal(refused)[1] == f"Access to Role '{arn}' is forbidden."


def test_each_role_needs_the_right_to_pass_it(user_pool: world.UserPool, pool_id: str) -> None:
    client = limited(
        {"Action": "cognito-identity:SetIdentityPoolRoles", "Resource": "*"},
        {
            "Action": "iam:PassRole",
            "Resource": ROLE,
            "Condition": {"StringEquals": {"iam:PassedToService": "cognito-identity.amazonaws.com"}},
        },
    )

    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": ROLE})

    with pytest.raises(client.exceptions.NotAuthorizedException) as refused:
        client.set_identity_pool_roles(
            IdentityPoolId=pool_id,
            Roles={"authenticated": ROLE},
            RoleMappings={key_of(user_pool): rules(RULE)},
        )
    assert refusal(refused)[1] == f"Access to Role '{EDITOR}' is forbidden."


@pytest.mark.parametrize(
    "key",
    [
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01",
        "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01",
        f"cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01:{world.OTHER_CLIENT}",
        "accounts.google.com",
    ],
)
def test_a_mapping_of_no_provider_is_refused(cognito_identity: Any, pool_id: str, key: str) -> None:
    with pytest.raises(cognito_identity.exceptions.InvalidParameterException) as refused:
        cognito_identity.set_identity_pool_roles(
            IdentityPoolId=pool_id, Roles={}, RoleMappings={key: rules(RULE)}
        )

    text = f"({key}) is not a valid RoleMapping ProviderName or is not a configured provider."
    assert refusal(refused)[1] == text


def test_one_provider_has_one_mapping(cognito_identity: Any, user_pool: world.UserPool, pool_id: str) -> None:
    mappings = {key_of(user_pool): rules(RULE), f"{user_pool.own_name}:{world.CLIENT}": rules(RULE)}

    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={}, RoleMappings=mappings)


@pytest.mark.parametrize(
    "mapping",
    [
        {"Type": "Rules", "AmbiguousRoleResolution": "Deny"},
        {"Type": "Rules", "RulesConfiguration": {"Rules": [RULE]}},
        {"Type": "Token"},
        rules(*[RULE] * (role_documents.MOST_RULES + 1)),
    ],
)
def test_incomplete_and_oversized_mappings_are_refused(
    cognito_identity: Any, user_pool: world.UserPool, pool_id: str, mapping: dict[str, Any]
) -> None:
    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        cognito_identity.set_identity_pool_roles(
            IdentityPoolId=pool_id, Roles={}, RoleMappings={key_of(user_pool): mapping}
        )


def test_only_user_pools_name_roles_in_their_tokens(cognito_identity: Any, make_pool: Any) -> None:
    pool_id = make_pool(SupportedLoginProviders={"accounts.google.com": "1.apps.googleusercontent.com"})
    mapping = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}

    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        cognito_identity.set_identity_pool_roles(
            IdentityPoolId=pool_id, Roles={}, RoleMappings={"accounts.google.com": mapping}
        )
    cognito_identity.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles={}, RoleMappings={"accounts.google.com": rules(RULE)}
    )
