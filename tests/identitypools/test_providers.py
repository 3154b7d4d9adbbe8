"""Names of providers: one user pool, whichever of its names a client sends."""

import pytest

from identity.identitypools import providers

AWS = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01"


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        (AWS, AWS),
        ("testserver/us-east-1_Example01", AWS),
        ("testserver/eu-west-1_x", "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x"),
        # Not ours, not a pool, or a pool of a region that its host isn't in:
        ("elsewhere.example/us-east-1_Example01", "elsewhere.example/us-east-1_Example01"),
        ("testserver/notes", "testserver/notes"),
        ("evil.testserver/us-east-1_Example01", "evil.testserver/us-east-1_Example01"),
        (
            "cognito-idp.eu-west-1.amazonaws.com/us-east-1_Example01",
            "cognito-idp.eu-west-1.amazonaws.com/us-east-1_Example01",
        ),
        ("accounts.google.com", "accounts.google.com"),
    ],
)
def test_canonical_names(name: str, canonical: str) -> None:
    assert providers.canonical(name) == canonical


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (AWS, True),
        (f"{AWS}/x", False),
        (f"{AWS}\n", False),
        ("cognito-idp.eu-west-1.amazonaws.com/us-east-1_Example01", False),
        ("testserver/us-east-1_Example01", False),
    ],
)
def test_only_a_canonical_name_is_a_user_pools(name: str, expected: bool) -> None:
    assert providers.is_user_pool(name) is expected


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        (f"{AWS}:client", f"{AWS}:client"),
        ("testserver/us-east-1_Example01:client", f"{AWS}:client"),
        ("accounts.google.com", "accounts.google.com"),
        ("arn:aws:iam::000000000000:oidc-provider/login.example/path", "login.example/path"),
        ("arn:aws:iam::000000000000:saml-provider/corp", "arn:aws:iam::000000000000:saml-provider/corp"),
        (f"https://{AWS}", f"https://{AWS}"),
    ],
)
def test_keys_of_role_mappings(key: str, canonical: str) -> None:
    assert providers.canonical_mapping_key(key) == canonical
