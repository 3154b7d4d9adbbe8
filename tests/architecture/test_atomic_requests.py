"""A host project may have ``ATOMIC_REQUESTS``: what counts guesses and calls triggers must not be bound by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db import connections
from django.urls import URLPattern, URLResolver, reverse

from identity import urls as identity_urls
from identity.core.admin_base import DeedAdmin
from identity.iam import urls as iam_urls
from identity.userpools.models import User
from portal import urls as portal_urls
from tests import mailbox
from tests.portal.visitor import Visitor, hosted_client, hosted_pool, text_of
from tests.userpools.people import PASSWORD, make_client, make_pool, settled, sign_in


@pytest.fixture
def atomic_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)


def views(patterns: Any) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from views(each.url_patterns)
        else:
            yield each


def test_a_refusal_by_the_api_is_counted(cognito: Any, atomic_requests: None) -> None:
    pool_id = make_pool(cognito)
    client_id = make_client(cognito, pool_id)
    settled(cognito, pool_id, "ana")

    for _ in range(5):
        with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Incorrect"):
            sign_in(cognito, client_id, "ana", "Wr0ng-password")
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="attempts exceeded"):
        sign_in(cognito, client_id, "ana", PASSWORD)


def test_a_refusal_by_the_pages_is_counted(cognito: Any, atomic_requests: None) -> None:
    pool_id = hosted_pool(cognito)
    settled(cognito, pool_id, "ana")
    visitor = Visitor(hosted_client(cognito, pool_id))

    for _ in range(5):
        assert "don't match" in text_of(visitor.post("login", username="ana", password="Wr0ng-password"))
    assert "Too many tries" in text_of(visitor.post("login", username="ana", password=PASSWORD))


@pytest.mark.parametrize(
    "pattern",
    [*views(identity_urls.urlpatterns), *views(iam_urls.urlpatterns), *views(portal_urls.urlpatterns)],
    ids=str,
)
def test_every_view_is_its_own_master(pattern: URLPattern) -> None:
    assert "default" in getattr(pattern.callback, "_non_atomic_requests", ())


def test_a_deed_of_the_admin_counts_and_sends(cognito: Any, admin_client: Any, atomic_requests: None) -> None:
    pool_id = make_pool(cognito)
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    user = User.objects.get()
    pressed = {"action": "demand_new_password", "index": "0", "_selected_action": [str(user.pk)]}

    admin_client.post(reverse("admin:identity_userpools_user_changelist"), pressed)

    assert mailbox.last_mail().to == ["ana@example.com"]


@pytest.mark.parametrize("registered", django_admin.site._registry.values(), ids=str)
def test_every_admin_with_deeds_is_its_own_master(registered: Any) -> None:
    if isinstance(registered, DeedAdmin):
        assert "default" in getattr(registered.changelist_view, "_non_atomic_requests", ())
