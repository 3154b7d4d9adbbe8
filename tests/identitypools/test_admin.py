"""The admin: what it shows, what it does, and what it never shows."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.test import Client

from identity.iam import saml_providers
from identity.identitypools import keys
from identity.identitypools.models import Identity, IdentityPool, Login, SigningKey
from tests.iam.saml_idp import Idp
from tests.identitypools import world

BASE = "/admin/identity_identitypools"


@pytest.fixture
def identity_id(anyone: Any, user_pool: world.UserPool, pool_id: str) -> str:
    made: str = anyone.get_id(IdentityPoolId=pool_id, Logins=user_pool.logins("ana-is-secret"))["IdentityId"]
    return made


def page(boss: Client, path: str) -> str:
    response = boss.get(f"{BASE}/{path}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_pool_shows_its_providers_and_roles(
    boss: Client, cognito_identity: Any, identity_id: str, pool_id: str
) -> None:
    arn = "arn:aws:iam::000000000000:role/known"
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": arn})

    listed = page(boss, "identitypool/?q=notes")
    shown = page(boss, f"identitypool/{quote(pool_id)}/change/")

    assert "us-east-1_Example01" in listed
    assert arn in shown


def test_all_kinds_of_providers_are_listed(boss: Client, make_pool: Any) -> None:
    arn = saml_providers.create("corp", Idp().metadata()).arn
    make_pool(SamlProviderARNs=[arn], DeveloperProviderName="login.notes")

    listed = page(boss, "identitypool/")

    assert arn in listed
    assert "login.notes" in listed


def test_an_apps_secret_is_never_shown(boss: Client, make_pool: Any) -> None:
    pool_id = make_pool(SupportedLoginProviders={"api.twitter.com": "consumer-key;consumer-hush"})

    shown = page(boss, f"identitypool/{quote(pool_id)}/change/")

    assert "consumer-key" in shown
    assert "consumer-hush" not in shown
    assert IdentityPool.objects.get(pk=pool_id).sealed_social_secrets not in shown


def test_identities_are_found_by_id_and_filtered_by_provider(
    boss: Client, anyone: Any, user_pool: world.UserPool, identity_id: str, pool_id: str
) -> None:
    guest = anyone.get_id(IdentityPoolId=pool_id)["IdentityId"]

    by_id = page(boss, f"identity/?q={identity_id}")
    by_provider = page(boss, f"identity/?logins__provider={user_pool.provider}")

    for found in (by_id, by_provider):
        assert identity_id in found
        assert guest not in found


def test_who_a_user_is_at_a_provider_is_never_shown(boss: Client, identity_id: str) -> None:
    shown = page(boss, f"identity/{quote(identity_id)}/change/") + page(boss, "identity/")

    assert "us-east-1_Example01" in shown
    assert "ana-is-secret" not in shown


def test_identities_are_disabled_and_enabled(boss: Client, identity_id: str) -> None:
    def act(action: str) -> str:
        boss.post(f"{BASE}/identity/", {"action": action, "_selected_action": [identity_id]})
        return Identity.objects.get(pk=identity_id).state

    assert act("disable") == "disabled"
    assert act("enable") == "authenticated"
    assert Login.objects.count() == 1


def test_a_key_is_replaced_and_never_shown(boss: Client) -> None:
    keys.sign({"sub": "x"}, region="us-east-1")
    key = SigningKey.objects.get()

    boss.post(f"{BASE}/signingkey/", {"action": "replace", "_selected_action": [key.pk]})

    assert keys.current("us-east-1").kid == "us-east-12"
    shown = page(boss, f"signingkey/{key.pk}/change/") + page(boss, "signingkey/")
    assert "us-east-11" in shown
    assert key.sealed_private_pem[:40] not in shown


@pytest.mark.parametrize("model", ["identitypool", "identity", "signingkey"])
def test_nothing_is_added_by_hand(boss: Client, model: str) -> None:
    assert boss.get(f"{BASE}/{model}/add/").status_code == 403
