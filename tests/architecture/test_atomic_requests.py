"""A host project may have ``ATOMIC_REQUESTS``: what counts guesses and calls triggers must not be bound by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.urls import URLPattern, URLResolver

from identity import urls as identity_urls
from portal import urls as portal_urls
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
    "pattern", [*views(identity_urls.urlpatterns), *views(portal_urls.urlpatterns)], ids=str
)
def test_every_view_is_its_own_master(pattern: URLPattern) -> None:
    assert "default" in getattr(pattern.callback, "_non_atomic_requests", ())
