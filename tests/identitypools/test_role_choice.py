"""Which role a login gets: the table, row by row."""

from typing import Any

import pytest

from identity.identitypools import role_choice
from identity.identitypools.errors import AmbiguousRole, InvalidIdentityPoolConfiguration, RoleForbidden
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

PROVIDER = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01"
KEY = f"{PROVIDER}:client"
GUEST, KNOWN = "arn:aws:iam::000000000000:role/guest", "arn:aws:iam::000000000000:role/known"
ADMIN, EDITOR = "arn:aws:iam::000000000000:role/admin", "arn:aws:iam::000000000000:role/editor"


def pool(mapping: dict[str, Any] | None = None, key: str = KEY) -> IdentityPool:
    document: dict[str, Any] = {"Roles": {"unauthenticated": GUEST, "authenticated": KNOWN}}
    if mapping:
        document["RoleMappings"] = {key: mapping}
    return IdentityPool(id="us-east-1:1", roles=document)


def proof(**claims: Any) -> Proof:
    return Proof(PROVIDER, "ana", (), KEY, claims)


def token_mapping(resolution: str = "Deny") -> dict[str, Any]:
    return {"Type": "Token", "AmbiguousRoleResolution": resolution}


def rules(*given: tuple[str, str, str, str], resolution: str = "Deny") -> dict[str, Any]:
    listed = [{"Claim": c, "MatchType": m, "Value": v, "RoleARN": r} for c, m, v, r in given]
    return {"Type": "Rules", "AmbiguousRoleResolution": resolution, "RulesConfiguration": {"Rules": listed}}


def chosen(mapping: dict[str, Any] | None, custom: str | None = None, **claims: Any) -> str:
    return role_choice.for_logins(pool(mapping), [proof(**claims)], custom)


def test_guests_get_the_unauthenticated_role() -> None:
    assert role_choice.for_guest(pool()) == GUEST


def test_without_a_mapping_the_authenticated_role_counts_and_a_custom_role_is_no_way_around_it() -> None:
    assert chosen(None) == KNOWN
    assert chosen(None, KNOWN) == KNOWN
    with pytest.raises(RoleForbidden):
        chosen(None, ADMIN, **{"cognito:roles": [ADMIN]})


def test_a_mapping_of_another_client_says_nothing() -> None:
    other = pool(token_mapping(), key=f"{PROVIDER}:other")

    assert role_choice.for_logins(other, [proof(**{"cognito:roles": [ADMIN]})], None) == KNOWN


def test_a_mapping_may_name_the_user_pool_by_our_own_issuer() -> None:
    own = pool(token_mapping(), key="testserver/us-east-1_Example01:client")

    assert role_choice.for_logins(own, [proof(**{"cognito:roles": [ADMIN]})], None) == ADMIN


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"cognito:preferred_role": ADMIN, "cognito:roles": [ADMIN, EDITOR]}, ADMIN),
        ({"cognito:roles": [EDITOR]}, EDITOR),
        ({"cognito:roles": EDITOR}, EDITOR),
        ({"cognito:roles": [ADMIN, EDITOR]}, KNOWN),
        ({}, KNOWN),
    ],
)
def test_roles_from_the_token(claims: dict[str, Any], role: str) -> None:
    assert chosen(token_mapping("AuthenticatedRole"), **claims) == role


def test_ambiguity_is_denied_where_the_mapping_says_so() -> None:
    with pytest.raises(AmbiguousRole) as refused:
        chosen(token_mapping("Deny"), **{"cognito:roles": [ADMIN, EDITOR]})

    assert refused.value.message == f"The ambiguous role mapping rules for: {PROVIDER} denied this request."


def test_a_custom_role_must_be_in_the_token() -> None:
    assert chosen(token_mapping(), EDITOR, **{"cognito:roles": [ADMIN, EDITOR]}) == EDITOR
    with pytest.raises(RoleForbidden):
        chosen(token_mapping("AuthenticatedRole"), KNOWN, **{"cognito:roles": [ADMIN, EDITOR]})


@pytest.mark.parametrize(
    ("match", "value", "claim", "expected"),
    [
        ("Equals", "paid", "paid", True),
        ("Equals", "paid", "Paid", False),
        ("Equals", "paid", "prepaid", False),
        ("Equals", "paid", ["free", "paid"], True),
        ("Equals", "true", True, True),
        ("Equals", "5", 5, True),
        ("Equals", "paid", None, False),
        ("NotEqual", "paid", "free", True),
        ("NotEqual", "paid", "paid", False),
        ("NotEqual", "paid", ["free", "paid"], False),
        ("NotEqual", "paid", None, False),
        ("StartsWith", "pa", "paid", True),
        ("StartsWith", "ai", "paid", False),
        ("StartsWith", "p*", "paid", False),
        ("Contains", "ai", "paid", True),
        ("Contains", "AI", "paid", False),
        ("Contains", "ai", [], False),
    ],
)
def test_match_types(match: str, value: str, claim: Any, expected: bool) -> None:
    rule = {"Claim": "custom:plan", "MatchType": match, "Value": value, "RoleARN": ADMIN}
    claims = {} if claim is None else {"custom:plan": claim}

    assert role_choice.matches(rule, claims) is expected


def test_the_first_matching_rule_counts() -> None:
    mapping = rules(
        ("custom:plan", "Equals", "gold", ADMIN),
        ("custom:plan", "StartsWith", "s", EDITOR),
        ("custom:plan", "Equals", "silver", ADMIN),
    )

    assert chosen(mapping, **{"custom:plan": "silver"}) == EDITOR


def test_a_custom_role_picks_among_matching_rules_only() -> None:
    mapping = rules(
        ("custom:plan", "StartsWith", "s", EDITOR),
        ("custom:plan", "Equals", "silver", ADMIN),
        ("custom:plan", "Equals", "gold", KNOWN),
    )

    assert chosen(mapping, ADMIN, **{"custom:plan": "silver"}) == ADMIN
    with pytest.raises(RoleForbidden):
        chosen(mapping, KNOWN, **{"custom:plan": "silver"})


def test_no_matching_rule_is_ambiguous() -> None:
    rule = ("custom:plan", "Equals", "gold", ADMIN)

    assert chosen(rules(rule, resolution="AuthenticatedRole")) == KNOWN
    with pytest.raises(AmbiguousRole):
        chosen(rules(rule))


def test_a_pool_without_roles_is_a_configuration_error() -> None:
    bare = IdentityPool(id="us-east-1:1")

    with pytest.raises(InvalidIdentityPoolConfiguration):
        role_choice.for_guest(bare)
    with pytest.raises(InvalidIdentityPoolConfiguration):
        role_choice.for_logins(bare, [proof()], None)


SAML = "arn:aws:iam::000000000000:saml-provider/corp"
OTHER_SAML = "arn:aws:iam::000000000000:saml-provider/other"


def assertion(*pairs: str) -> Proof:
    return Proof(SAML, "ana", (), SAML, {role_choice.SAML_ROLES: list(pairs)})


@pytest.mark.parametrize(
    ("pairs", "custom", "role"),
    [
        ([f"{ADMIN},{SAML}"], None, ADMIN),
        ([f"{SAML}, {ADMIN}"], None, ADMIN),
        ([f"{ADMIN},{SAML}", f"{EDITOR},{SAML}"], EDITOR, EDITOR),
        ([f"{ADMIN},{SAML}", f"{EDITOR},{SAML}"], None, KNOWN),
        ([f"{ADMIN},{OTHER_SAML}"], None, KNOWN),
        ([ADMIN], None, KNOWN),
    ],
)
def test_an_assertion_names_roles_of_its_own_provider(
    pairs: list[str], custom: str | None, role: str
) -> None:
    mapped = pool(token_mapping("AuthenticatedRole"), key=SAML)

    assert role_choice.for_logins(mapped, [assertion(*pairs)], custom) == role


def test_a_role_that_the_assertion_does_not_list_is_refused() -> None:
    mapped = pool(token_mapping("AuthenticatedRole"), key=SAML)

    for pair in (f"{EDITOR},{SAML}", f"{ADMIN},{OTHER_SAML}"):
        with pytest.raises(RoleForbidden):
            role_choice.for_logins(mapped, [assertion(pair)], ADMIN)


def test_without_a_mapping_an_assertion_may_still_ask_for_its_roles() -> None:
    listed = [assertion(f"{ADMIN},{SAML}")]

    assert role_choice.for_logins(pool(), listed, ADMIN) == ADMIN
    assert role_choice.for_logins(pool(), listed, None) == KNOWN
    with pytest.raises(RoleForbidden):
        role_choice.for_logins(pool(), listed, EDITOR)


def test_guests_and_the_pools_own_tokens_have_one_role_to_ask_for() -> None:
    assert role_choice.for_guest(pool(), GUEST) == GUEST
    assert role_choice.for_logins(pool(), (), KNOWN) == KNOWN
    for refused in (
        lambda: role_choice.for_guest(pool(), KNOWN),
        lambda: role_choice.for_logins(pool(), (), ADMIN),
    ):
        with pytest.raises(RoleForbidden):
            refused()


def test_the_first_login_with_a_mapping_decides() -> None:
    other = Proof("accounts.google.com", "ana", (), "accounts.google.com", {"plan": "gold"})
    mapped = pool(token_mapping())

    logins = [other, proof(**{"cognito:roles": [ADMIN]})]

    assert role_choice.for_logins(mapped, logins, None) == ADMIN


def steps(choice: role_choice.Choice) -> list[tuple[str, str, bool]]:
    return [(step.text, step.found, step.is_match) for step in choice.steps]


def test_an_explanation_tells_each_rule_and_what_the_claim_was() -> None:
    mapping = rules(
        ("custom:plan", "Equals", "gold", ADMIN),
        ("custom:team", "NotEqual", "red", ADMIN),
        ("custom:plan", "StartsWith", "s", EDITOR),
        ("custom:plan", "Contains", "i", ADMIN),
    )

    choice = role_choice.explain(pool(mapping), [proof(**{"custom:plan": "silver"})], None)

    assert (choice.role_arn, choice.refusal) == (EDITOR, None)
    assert steps(choice) == [
        (f"Role mapping of {KEY}", "type Rules", True),
        (f"Rule 1: custom:plan Equals gold gives {ADMIN}", "silver", False),
        (f"Rule 2: custom:team NotEqual red gives {ADMIN}", "", False),
        (f"Rule 3: custom:plan StartsWith s gives {EDITOR}", "silver", True),
    ]


def test_an_explanation_tells_how_ambiguity_is_resolved() -> None:
    groups = {"cognito:roles": [ADMIN, EDITOR]}

    resolved = role_choice.explain(pool(token_mapping("AuthenticatedRole")), [proof(**groups)], None)
    denied = role_choice.explain(pool(token_mapping("Deny")), [proof(**groups)], None)

    assert steps(resolved)[1:] == [
        ("The token's only role", f"{ADMIN}, {EDITOR}", False),
        ("No role found: AmbiguousRoleResolution", "AuthenticatedRole", True),
        ("The pool's authenticated role", KNOWN, True),
    ]
    assert steps(denied)[-1] == ("No role found: AmbiguousRoleResolution", "Deny", False)
    assert isinstance(denied.refusal, AmbiguousRole)


def test_an_explanation_of_what_has_no_role() -> None:
    guest = role_choice.explain(IdentityPool(id="us-east-1:1"), None, None)
    asked = role_choice.explain(pool(), [proof()], ADMIN)

    assert steps(guest) == [("The pool's unauthenticated role", "none", False)]
    assert isinstance(guest.refusal, InvalidIdentityPoolConfiguration)
    assert steps(asked) == [
        (f"Role mapping of {KEY}", "none", False),
        ("The pool's authenticated role", KNOWN, False),
    ]
    assert isinstance(asked.refusal, RoleForbidden)


def test_an_explanation_never_shows_claims_in_its_repr() -> None:
    mapping = rules(("email", "Equals", "x", ADMIN), resolution="AuthenticatedRole")

    choice = role_choice.explain(pool(mapping), [proof(email="ana@example.com")], None)

    assert "ana@example.com" in str(steps(choice))
    assert "ana@example.com" not in repr(choice)
