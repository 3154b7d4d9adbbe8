"""Fixtures for tests of an API that is guarded by ``identity.kit``: a real user pool and a real identity pool, in memory.

In the ``conftest.py`` of a project that has pytest-django::

    pytest_plugins = ["identity.kit.pytest_plugin"]

A test names what it needs::

    def test_my_notes(signed_in_client):
        assert signed_in_client.get("/notes/").status_code == 200

    def test_admins_only(client, user_pool):
        assert client.get("/all/", headers=user_pool.user("ana").headers).status_code == 403
        assert client.get("/all/", headers=user_pool.user("bob", groups=["admins"]).headers).status_code == 200

    def test_guests_read(signed_request, identity_pool):
        identity_pool.allow("execute-api:Invoke", "arn:aws:execute-api:*:*:notes/GET/public", guests=True)
        assert signed_request("GET", "/notes/public", identity_pool.credentials()).status_code == 200

The project may have the portal's apps installed or not, and a database or none: what is missing is there for the test run.
Tokens, signatures and policies are checked as in production; nothing goes over a network.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.http import HttpResponse

    from identity.kit.testing.clients import SignedInClient
    from identity.kit.testing.people import IdentityPool, UserPool

# Everything of Django and of the portal is imported inside the fixtures: pytest reads this module before Django is set
# up, and models wait for the apps that ``identity_portal`` adds.


@pytest.fixture(scope="session")
def identity_portal(request: pytest.FixtureRequest) -> Iterator[None]:
    """The portal's apps and tables, once a test run. The other fixtures ask for it."""
    from identity.kit.testing import portal, quick_keys

    portal.have_database()
    blocker = request.getfixturevalue("django_db_blocker")
    with portal.installed(), quick_keys.in_force():
        request.getfixturevalue("django_db_setup")
        with blocker.unblock():
            portal.migrate()
        yield


@pytest.fixture
def portal_settings(identity_portal: None, settings: Any) -> Any:
    """The host's settings, with what makes this process the portal as well."""
    from identity.kit.testing import portal, scopes

    settings.IDENTITY = portal.identity_settings({scopes.ARN: scopes.PATH})
    return settings


@pytest.fixture
def user_pool(portal_settings: Any, db: None) -> "UserPool":
    """A user pool whose tokens the API accepts in this test. ``user_pool.user("ana", groups=["admins"])`` is signed in;
    ``user_pool.api`` is the AWS SDK's client, for everything else.
    """
    from identity.kit import issuer_keys
    from identity.kit.testing import people, portal

    made = people.make_user_pool(portal.http())
    portal_settings.IDENTITY_KIT = portal.kit_settings(made.issuer, made.client_id)
    issuer_keys.forget()
    return made


@pytest.fixture
def identity_pool(user_pool: "UserPool") -> "IdentityPool":
    """An identity pool for the users of ``user_pool`` and for guests. ``identity_pool.allow(action, resource)`` says what
    they may, ``identity_pool.credentials(user)`` gives what a request is signed with.
    """
    from identity.kit.testing import people, portal

    return people.make_identity_pool(user_pool, portal.http())


@pytest.fixture
def signed_in_client(user_pool: "UserPool") -> "SignedInClient":
    """REST framework's test client with the token of a user ``ana``, who is its ``pool_user``."""
    from identity.kit.testing.clients import SignedInClient

    return SignedInClient(user_pool.user("ana"))


@pytest.fixture
def signed_request(portal_settings: Any) -> "Callable[..., HttpResponse]":
    """Sends a request to the API signed by credentials: ``signed_request("GET", "/notes/public", credentials)``.

    ``data`` goes as JSON, bytes as they are. ``service`` and ``region`` are those that are signed for.
    """
    from identity.kit.testing import clients

    return clients.send_signed
