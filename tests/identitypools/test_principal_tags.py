"""Attributes for access control: claims of a login become tags of the session, in both flows."""

from typing import Any

import pytest

from identity.identitypools import principal_tags
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import CONFIGURATION, NOBODY, ask, given, limited, open_id_token, set_roles

pytestmark = pytest.mark.core_suite

DEFAULTS = {"username": "sub", "client": "aud"}
MINE = "arn:aws:notes:::${aws:PrincipalTag/team}/*"


@pytest.fixture
def pool(cognito_identity: Any, make_pool: Any) -> str:
    """A pool whose users may read their team's notes, if the session may have tags."""
    pool_id: str = make_pool(AllowClassicFlow=True)
    role = world.role("known", pool_id, allow="notes:Read", resource=MINE, tags=True)
    guest = world.role("guest", pool_id, amr="unauthenticated")
    set_roles(cognito_identity, pool_id, authenticated=role.arn, unauthenticated=guest.arn)
    return pool_id


def set_map(client: Any, pool_id: str, provider: str, **more: Any) -> dict[str, Any]:
    answered: dict[str, Any] = client.set_principal_tag_attribute_map(
        IdentityPoolId=pool_id, IdentityProviderName=provider, **more
    )
    del answered["ResponseMetadata"]
    return answered


def get_map(client: Any, pool_id: str, provider: str) -> dict[str, Any]:
    answered: dict[str, Any] = client.get_principal_tag_attribute_map(
        IdentityPoolId=pool_id, IdentityProviderName=provider
    )
    del answered["ResponseMetadata"]
    return answered


def test_a_map_comes_back_as_it_was_set(cognito_identity: Any, user_pool: world.UserPool, pool: str) -> None:
    tags = {"team": "custom:team", "who": "email"}

    answered = set_map(cognito_identity, pool, user_pool.provider, UseDefaults=False, PrincipalTags=tags)

    assert answered == get_map(cognito_identity, pool, user_pool.provider)
    assert answered == {
        "IdentityPoolId": pool,
        "IdentityProviderName": user_pool.provider,
        "UseDefaults": False,
        "PrincipalTags": tags,
    }
    # The same provider by its other name:
    assert get_map(cognito_identity, pool, user_pool.own_name)["PrincipalTags"] == tags


def test_a_map_that_was_never_set_is_empty(
    cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    found = get_map(cognito_identity, pool, user_pool.provider)

    assert (found["UseDefaults"], found["PrincipalTags"]) == (False, {})


def test_the_defaults_are_shown_as_the_map(
    cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    answered = set_map(cognito_identity, pool, user_pool.provider, UseDefaults=True)

    assert (answered["UseDefaults"], answered["PrincipalTags"]) == (True, DEFAULTS)


def test_each_setting_replaces_the_last_and_keeps_other_settings(
    cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    set_map(cognito_identity, pool, user_pool.provider, UseDefaults=True)

    assert set_map(cognito_identity, pool, user_pool.provider)["PrincipalTags"] == {}
    assert cognito_identity.get_identity_pool_roles(IdentityPoolId=pool)["Roles"]


def test_which_providers_have_a_map(cognito_identity: Any, user_pool: world.UserPool, pool: str) -> None:
    with_client = f"{user_pool.provider}:{world.CLIENT}"

    for name in (with_client, "accounts.google.com", "login.notes"):
        assert aws.refusal(set_map, client=cognito_identity, pool_id=pool, provider=name) == (
            "InvalidParameterException",
            f"({name}) is not a configured provider.",
        )
        assert aws.refusal(get_map, client=cognito_identity, pool_id=pool, provider=name) == (
            "ResourceNotFoundException",
            f"IdentityProvider '{name}' not found.",
        )
    for call in (set_map, get_map):
        found = aws.refusal(call, client=cognito_identity, pool_id=NOBODY, provider=user_pool.provider)
        assert found == ("ResourceNotFoundException", f"IdentityPool '{NOBODY}' not found.")


def test_whose_rights_are_on_one_pool_may_read_its_map_but_not_set_it(
    user_pool: world.UserPool, pool: str
) -> None:
    arn = f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{pool}"
    client = limited({"Action": "cognito-identity:*", "Resource": arn})

    assert get_map(client, pool, user_pool.provider)
    denied = aws.refusal(set_map, client=client, pool_id=pool, provider=user_pool.provider)
    assert denied[0] == "AccessDeniedException"


@pytest.mark.parametrize(
    "tags",
    [
        {"aws:team": "sub"},
        {"team": "sub", "Team": "aud"},
        {f"{number:03}": "x" * 10 for number in range(40)},
    ],
    ids=["reserved", "alike but for case", "too much together"],
)
def test_maps_that_no_session_can_have(
    cognito_identity: Any, user_pool: world.UserPool, pool: str, tags: dict[str, str]
) -> None:
    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        set_map(cognito_identity, pool, user_pool.provider, PrincipalTags=tags)

    assert get_map(cognito_identity, pool, user_pool.provider)["PrincipalTags"] == {}


def test_tags_open_what_policies_grant_to_them(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    set_map(cognito_identity, pool, user_pool.provider, PrincipalTags={"team": "custom:team"})

    red = given(anyone, pool, user_pool.logins("ana", **{"custom:team": "red"}))["Credentials"]
    nobody = given(anyone, pool, user_pool.logins("ben"))["Credentials"]

    ask(red, "notes:Read", "arn:aws:notes:::red/1")
    for credentials, resource in ((red, "blue"), (nobody, "red"), (nobody, "")):
        with pytest.raises(Exception, match="not authorized"):
            ask(credentials, "notes:Read", f"arn:aws:notes:::{resource}/1")


def test_tags_go_with_the_token_of_the_classic_flow(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    set_map(cognito_identity, pool, user_pool.provider, PrincipalTags={"team": "custom:team"})

    token = open_id_token(anyone, pool, user_pool.logins(**{"custom:team": "red"}))["Token"]
    assumed = aws.client("sts").assume_role_with_web_identity(
        RoleArn="arn:aws:iam::000000000000:role/known", RoleSessionName="mine", WebIdentityToken=token
    )

    claims = world.claims_of(token)
    assert claims["https://aws.amazon.com/tags"] == {"principal_tags": {"team": ["red"]}}
    ask(assumed["Credentials"], "notes:Read", "arn:aws:notes:::red/1")


def test_guests_have_no_tags(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    set_map(cognito_identity, pool, user_pool.provider, UseDefaults=True)

    assert "https://aws.amazon.com/tags" not in world.claims_of(open_id_token(anyone, pool)["Token"])
    assert given(anyone, pool)["Credentials"]


def test_a_role_must_allow_sessions_with_tags(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    plain = world.role("plain", pool).arn
    set_roles(cognito_identity, pool, authenticated=plain)
    assert given(anyone, pool, user_pool.logins())

    set_map(cognito_identity, pool, user_pool.provider, UseDefaults=True)

    assert aws.refusal(given, anyone=anyone, pool_id=pool, logins=user_pool.logins()) == (
        "InvalidIdentityPoolConfigurationException",
        CONFIGURATION,
    )
    token = open_id_token(anyone, pool, user_pool.logins())["Token"]
    code, message = aws.refusal(
        aws.client("sts").assume_role_with_web_identity,
        RoleArn=plain,
        RoleSessionName="mine",
        WebIdentityToken=token,
    )
    assert (code, message) == ("AccessDenied", "Not authorized to perform sts:TagSession")


def test_trust_policies_may_ask_about_tags(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    from identity.iam import roles

    document = world.trust(pool, "authenticated", tags=True)
    document["Statement"][0]["Condition"]["StringEquals"]["aws:RequestTag/team"] = "red"
    set_roles(cognito_identity, pool, authenticated=roles.create("red", document).arn)
    set_map(cognito_identity, pool, user_pool.provider, PrincipalTags={"team": "custom:team"})

    assert given(anyone, pool, user_pool.logins("ana", **{"custom:team": "red"}))
    with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException):
        given(anyone, pool, user_pool.logins("ben", **{"custom:team": "blue"}))


def test_tags_without_room_in_a_session_are_a_configuration_error(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    set_map(cognito_identity, pool, user_pool.provider, PrincipalTags={"team": "custom:team"})

    with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException):
        given(anyone, pool, user_pool.logins(**{"custom:team": "x" * 257}))


@pytest.mark.parametrize(
    ("claim", "fits"),
    [
        ("Zoë Ω 7_.:/=+-@", True),
        ("red*", False),
        ("O'Brien", False),
        ("auth0|17", False),
        ("red\nblue", False),
    ],
)
def test_a_claim_with_characters_that_no_tag_has_is_a_configuration_error(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str, claim: str, fits: bool
) -> None:
    set_map(cognito_identity, pool, user_pool.provider, PrincipalTags={"tag": "custom:team"})
    logins = user_pool.logins(**{"custom:team": claim})

    if fits:
        assert given(anyone, pool, logins)["Credentials"]
    else:
        expected = ("InvalidIdentityPoolConfigurationException", CONFIGURATION)
        assert aws.refusal(given, anyone=anyone, pool_id=pool, logins=logins) == expected


def test_names_of_claims_may_have_characters_that_no_tag_has(
    cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    tags = {"team": "https://example.com/claims?team|main"}

    set_map(cognito_identity, pool, user_pool.provider, PrincipalTags=tags)

    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        set_map(cognito_identity, pool, user_pool.provider, PrincipalTags={"team*": "custom:team"})


def proof(provider: str = "accounts.google.com", user: str = "ana", **claims: Any) -> Proof:
    return Proof(provider, user, (), provider, claims)


def pool_with(**maps: Any) -> IdentityPool:
    return IdentityPool(id="us-east-1:1", principal_tags=maps)


GOOGLE = "accounts.google.com"


@pytest.mark.parametrize(
    ("claim", "tag"),
    [
        ("red", {"t": "red"}),
        ("", {"t": ""}),
        (True, {"t": "true"}),
        (5, {"t": "5"}),
        (["red"], {"t": "red"}),
        (["red", "blue"], {}),
        ([], {}),
        ({"a": "b"}, {}),
        (None, {}),
    ],
)
def test_a_tag_has_one_value(claim: Any, tag: dict[str, str]) -> None:
    pool = pool_with(**{GOOGLE: {"PrincipalTags": {"t": "plan"}}})

    assert principal_tags.of_logins(pool, [proof(plan=claim)]) == tag


def test_the_defaults_are_who_the_login_proves_and_for_which_app() -> None:
    pool = pool_with(**{name: {"UseDefaults": True} for name in (GOOGLE, "www.amazon.com")})
    checked = Proof(GOOGLE, "ana", (), GOOGLE, {"sub": "ana", "aud": ["other", "app"]}, audience="app")

    google = principal_tags.of_logins(pool, [checked])
    amazon = principal_tags.of_logins(pool, [proof("www.amazon.com", "amzn1.ana", aud="app")])

    assert google == {"username": "ana", "client": "app"}
    assert amazon == {"username": "amzn1.ana", "client": "app"}


def test_of_two_logins_the_first_gives_a_tag() -> None:
    pool = pool_with(
        **{GOOGLE: {"PrincipalTags": {"Team": "team"}}, "login.example": {"PrincipalTags": {"team": "team"}}}
    )
    logins = [proof(team="red"), proof("login.example", team="blue")]

    assert principal_tags.of_logins(pool, logins) == {"Team": "red"}
    assert principal_tags.of_logins(pool, logins[::-1]) == {"team": "blue"}
