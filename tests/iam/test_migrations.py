"""What the migrations do to rows that are there."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from identity.core import clock

APP = "identity_iam"


@contextmanager
def migrated_to(name):
    """The models as a migration left them; afterwards what came since is done, with the rows that were made."""
    MigrationExecutor(connection).migrate([(APP, name)])
    try:
        yield MigrationExecutor(connection).loader.project_state([(APP, name)]).apps
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes(APP))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_providers_with_one_arn_the_one_stays_that_answered():
    with migrated_to("0004_policy_versions") as before:
        providers = before.get_model(APP, "OidcProvider").objects
        for url in ("https://a.example/", "http://a.example", "https://a.example", "https://b.example/p/"):
            providers.create(url=url, client_ids=[url])

    from identity.iam.models import OidcProvider

    kept = OidcProvider.objects.values_list("url", "name")
    assert sorted(kept) == [("https://a.example", "a.example"), ("https://b.example/p/", "b.example/p")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_was_let_in_again_stays_so():
    with migrated_to("0005_oidc_provider_name") as before:
        rows = before.get_model(APP, "RevokedCredentials").objects
        rows.create(claim="x:sub", claim_value="ana")
        rows.create(claim="x:sub", claim_value="ana", revoked_before=clock.now())
        rows.create(access_key_id="ASIAX")

    from identity.iam.models import RevokedCredentials

    assert list(RevokedCredentials.objects.order_by("pk").values_list("lets_in", flat=True)) == [
        False,
        True,
        False,
    ]
