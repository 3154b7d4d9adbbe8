"""The world of the tests: real clients answered in process, built by our own operations."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from identity.core import signing
from identity.kit.testing import quick_keys
from tests import aws, mailbox
from tests.site_fixtures import chromium, site

__all__ = ["chromium", "site"]

# A tree passes or fails alike wherever and however often it is tested.
settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

collect_ignore = ["kit_project"]  # a host's own suite, which tests/kit runs in a process of its own

ADMIN_KEY_ID = "AKIAAAAAAAAAAMADMIN2"
ADMIN_SECRET = "tests-only-secret-access-key-0123456789ab"


@pytest.fixture(scope="session")
def key_material() -> list[signing.NewKey]:
    """RSA keys made once: what is slow about a pool is not what the tests are about."""
    return [signing.generate() for _ in range(4)]


@pytest.fixture(autouse=True)
def edges(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty mailboxes and caches; key pairs from a small stock, with ids of their own."""
    mailbox.clear()
    cache.clear()
    stock = request.getfixturevalue("key_material")
    if "real_keys" not in request.keywords:
        monkeypatch.setattr(signing, "generate", quick_keys.drawing(stock))
    return


@pytest.fixture
def admin_key(db: None) -> tuple[str, str]:
    """The access key of an administrator (id, secret)."""
    from identity.iam import keys

    keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)
    return ADMIN_KEY_ID, ADMIN_SECRET


@pytest.fixture
def cognito(admin_key: tuple[str, str]) -> Any:
    """boto3's ``cognito-idp`` client, signing as the administrator."""
    return aws.client("cognito-idp", access_key=admin_key[0], secret=admin_key[1])


@pytest.fixture
def cognito_identity(admin_key: tuple[str, str]) -> Any:
    return aws.client("cognito-identity", access_key=admin_key[0], secret=admin_key[1])


@pytest.fixture
def sts(admin_key: tuple[str, str]) -> Any:
    return aws.client("sts", access_key=admin_key[0], secret=admin_key[1])


@pytest.fixture
def iam(admin_key: tuple[str, str]) -> Any:
    return aws.client("iam", access_key=admin_key[0], secret=admin_key[1])
