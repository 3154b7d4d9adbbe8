"""Secrets of Twitter's apps: on the wire as they were given, in the table sealed."""

import base64
import json
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from identity.core import sealing
from identity.identitypools import pools, social_secrets
from identity.identitypools.models import IdentityPool
from tests.identitypools.world import update

pytestmark = pytest.mark.core_suite

TWITTER = {"api.twitter.com": "key;very-secret;with-more", "accounts.google.com": "google-app"}


def test_a_twitter_apps_secret_is_sealed_and_told_as_it_was_given(
    cognito_identity: Any, make_pool: Any
) -> None:
    pool_id = make_pool(SupportedLoginProviders=TWITTER)

    row = IdentityPool.objects.filter(pk=pool_id).values().get()
    assert "secret" not in json.dumps(row["settings"])
    assert row["settings"]["SupportedLoginProviders"]["api.twitter.com"] == "key"
    described = cognito_identity.describe_identity_pool(IdentityPoolId=pool_id)
    assert described["SupportedLoginProviders"] == TWITTER

    changed = {"www.digits.com": "other;new-secret"}
    updated = update(cognito_identity, pool_id, SupportedLoginProviders=changed)
    assert updated["SupportedLoginProviders"] == changed
    assert social_secrets.apps_of(pools.get(pool_id)) == changed

    update(cognito_identity, pool_id)
    assert pools.get(pool_id).sealed_social_secrets == ""
    assert "SupportedLoginProviders" not in cognito_identity.describe_identity_pool(IdentityPoolId=pool_id)


def test_a_sealed_secret_opens_in_its_pool_only(make_pool: Any) -> None:
    pool, other = pools.get(make_pool(SupportedLoginProviders=TWITTER)), pools.get(make_pool())
    other.settings, other.sealed_social_secrets = pool.settings, pool.sealed_social_secrets

    with pytest.raises(sealing.SealBroken):
        social_secrets.apps_of(other)


def test_resealing_knows_the_secrets(make_pool: Any, settings: Any) -> None:
    pool_id = make_pool(SupportedLoginProviders=TWITTER)
    old = settings.IDENTITY["MASTER_KEYS"]
    settings.IDENTITY = {
        **settings.IDENTITY, "MASTER_KEYS": [base64.b64encode(b"n" * 32).decode(), *old],
    }  # fmt: skip

    call_command("reseal", verbosity=0)

    settings.IDENTITY = {**settings.IDENTITY, "MASTER_KEYS": settings.IDENTITY["MASTER_KEYS"][:1]}
    assert social_secrets.apps_of(pools.get(pool_id)) == TWITTER


def test_the_migration_seals_what_was_in_clear(make_pool: Any) -> None:
    migration = import_module("identity.identitypools.migrations.0004_sealed_social_secrets")
    pool_id, plain = make_pool(), make_pool(SupportedLoginProviders={"graph.facebook.com": "7"})
    stored = IdentityPool.objects.get(pk=pool_id)
    IdentityPool.objects.filter(pk=pool_id).update(
        settings={**stored.settings, "SupportedLoginProviders": TWITTER}
    )

    migration.seal(apps, None)

    pool = pools.current(pool_id)
    assert pool.social_apps == {"api.twitter.com": "key", "accounts.google.com": "google-app"}
    assert social_secrets.apps_of(pool) == TWITTER
    assert pools.get(plain).sealed_social_secrets == ""

    migration.unseal(apps, None)
    assert pools.get(pool_id).social_apps == TWITTER
