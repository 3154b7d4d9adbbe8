"""Issuers, and caches that must not outlive a test."""

import pytest
from django.db import connection

from identity.core import issuers
from identity.iam import key_uses, oidc_keys, revocations
from tests.iam.world import COGNITO_ISSUER, TokenIssuer


@pytest.fixture(autouse=True)
def fresh_process():
    """What a process remembers for a while belongs to one test."""
    for module in (key_uses, oidc_keys, revocations):
        module.forget()
    yield
    revocations.forget()


@pytest.fixture
def pool_issuer(key_material, monkeypatch):
    """The issuer of identity pools' tokens, in place of the installed one."""
    made = TokenIssuer(COGNITO_ISSUER, key_material[0], alg="RS512")
    # Only the list of sources is replaced: the installed app is registered for the same address.
    monkeypatch.setattr(issuers, "_sources", (made,))
    return made


@pytest.fixture
def idp(key_material, monkeypatch):
    """Some OpenID Connect issuer whose keys this site holds, as it holds those of its user pools."""
    made = TokenIssuer("https://idp.example.com/pool", key_material[1])
    monkeypatch.setattr(issuers, "_sources", (made,))
    return made


@pytest.fixture(scope="module")
def needs_postgres():
    """Skip where the suite runs on SQLite: two connections can't race there."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL (TEST_BACKEND=postgres)")
