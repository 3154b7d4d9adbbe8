"""What the migrations do to rows that are there."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

APP = "identity_iam"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_providers_with_one_arn_the_one_stays_that_answered():
    MigrationExecutor(connection).migrate([(APP, "0004_policy_versions")])
    try:
        before = MigrationExecutor(connection).loader.project_state([(APP, "0004_policy_versions")]).apps
        providers = before.get_model(APP, "OidcProvider").objects
        for url in ("https://a.example/", "http://a.example", "https://a.example", "https://b.example/p/"):
            providers.create(url=url, client_ids=[url])
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes(APP))

    from identity.iam.models import OidcProvider

    kept = OidcProvider.objects.values_list("url", "name")
    assert sorted(kept) == [("https://a.example", "a.example"), ("https://b.example/p/", "b.example/p")]
