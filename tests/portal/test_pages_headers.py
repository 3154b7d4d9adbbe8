"""What holds for every page: policy, caching, forged forms, weight, hosts, faults."""

import gzip
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from identity.core.errors import ServiceError
from identity.userpools import domains, pools
from portal import csp
from portal.pages import errors, texts
from portal.pages.home import home
from tests.portal.visitor import (
    APP,
    PREFIX,
    Visitor,
    answer_to_app,
    heading_of,
    hosted_client,
    hosted_pool,
    input_of,
    text_of,
)
from tests.userpools.people import PASSWORD, settled

PAGES = ("login", "signup", "confirm", "resendcode", "forgotPassword", "confirmforgotPassword", "error")
STATIC = Path(__file__).resolve().parent.parent.parent / "static"


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return hosted_pool(cognito)


@pytest.fixture
def visitor(cognito: Any, pool_id: str) -> Visitor:
    return Visitor(hosted_client(cognito, pool_id))


def directives(response: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_strict_and_never_kept(visitor: Visitor, page: str) -> None:
    response = visitor.get(page)

    policy = directives(response)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["x-amz-cognito-request-id"]
    # An app that opens the pages in a pop-up is told of the sign-in by it.
    assert response["Cross-Origin-Opener-Policy"] == "unsafe-none"


@pytest.mark.parametrize("page", ["oauth2/authorize", "logout"])
def test_the_redirects_between_pages_keep_a_pop_ups_opener(visitor: Visitor, page: str) -> None:
    response = visitor.get(page)

    assert response.status_code == 302
    assert response["Cross-Origin-Opener-Policy"] == "unsafe-none"


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_inline_code_or_styles(visitor: Visitor, page: str) -> None:
    body = visitor.get(page).content.decode()

    assert not re.findall(r"<script(?![^>]*\bsrc=)", body)
    assert not re.findall(r"<style|\bstyle=|\bon[a-z]+=|javascript:", body)
    assert re.search(r'<html lang="en" dir="ltr">', body)
    assert re.search(r"<title>[^<]+</title>", body)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_weighs_at_most_thirty_kilobytes_with_all_it_loads(visitor: Visitor, page: str) -> None:
    body = visitor.get(page).content
    loaded = re.findall(r'(?:href|src)="/static/([^"]+)"', body.decode())
    assert loaded

    weight = sum(
        len(gzip.compress(each)) for each in [body, *((STATIC / name).read_bytes() for name in loaded)]
    )

    assert weight <= 30_000


def test_a_form_may_end_at_the_app_and_nowhere_else(visitor: Visitor) -> None:
    assert directives(visitor.get("login"))["form-action"] == [
        "'self'",
        "https://app.example.com",
        "https://example.com",
        "https://*.example.com",
    ]
    assert directives(visitor.get("error"))["form-action"] == ["'self'"]


@pytest.mark.parametrize(
    ("url", "sources"),
    [
        ("http://localhost:3000/cb", ["http://localhost:3000", "http://localhost:*"]),
        ("http://127.0.0.1:3000/cb", ["http://127.0.0.1:3000", "http://127.0.0.1:*"]),
        ("http://[::1]:3000/cb", ["http:"]),
        ("https://example.com/", ["https://example.com", "https://*.example.com"]),
        ("myapp://signed-in", ["myapp:"]),
        ("https://a;script-src *.example.com/", ["https:"]),
    ],
)
def test_addresses_in_the_words_of_the_policy(url: str, sources: list[str]) -> None:
    assert csp.form_sources(url) == sources


def test_static_files_elsewhere_are_named() -> None:
    assert csp.policy("https://cdn.example.com/static/")["script-src"] == [
        "'self'",
        "https://cdn.example.com",
    ]
    assert csp.policy("/static/")["script-src"] == ["'self'"]


def test_the_middleware_puts_the_policy_on_html_only(rf: RequestFactory, settings: Any) -> None:
    for name, value in csp.settings().items():
        setattr(settings, name, value)
    (path,) = csp.MIDDLEWARE
    page = import_string(path)(lambda request: HttpResponse("<p>Hello"))(rf.get("/"))
    data = import_string(path)(lambda request: JsonResponse({}))(rf.get("/"))

    assert directives(page)["default-src"] == ["'none'"]
    assert "Content-Security-Policy" not in data


def test_a_forged_form_is_refused_in_plain_words(cognito: Any, pool_id: str, settings: Any) -> None:
    settings.CSRF_FAILURE_VIEW = "portal.pages.errors.csrf_failure"
    settled(cognito, pool_id, "ana", email="ana@example.com")
    visitor = Visitor(hosted_client(cognito, pool_id), http=Client(enforce_csrf_checks=True))

    refused = visitor.post("login", username="ana", password=PASSWORD)
    assert refused.status_code == 403
    assert heading_of(refused) == "This page was open for too long"

    token = input_of(visitor.get("login"), "csrfmiddlewaretoken")["value"]
    allowed = visitor.post("login", username="ana", password=PASSWORD, csrfmiddlewaretoken=token)
    assert answer_to_app(allowed)["code"]


def test_a_repeated_parameter_is_refused(visitor: Visitor) -> None:
    response = visitor.http.get(visitor.address("login") + "&state=other")

    assert response["Location"].startswith(f"{APP}?")
    assert "error=invalid_request" in response["Location"]


class TestHosts:
    @pytest.fixture
    def by_host(self, visitor: Visitor) -> Visitor:
        visitor.host = f"{PREFIX}.auth.testserver"
        return visitor

    def test_a_pools_own_host_has_the_pages_without_prefix(
        self, cognito: Any, pool_id: str, by_host: Visitor
    ) -> None:
        settled(cognito, pool_id, "ana", email="ana@example.com")

        page = by_host.get("login")
        assert 'action="/login?' in page.content.decode()
        assert PREFIX not in page.content.decode()
        response = by_host.post("login", username="ana", password=PASSWORD)

        assert answer_to_app(response)["code"]
        assert response.cookies["cognito"]["path"] == "/"

    def test_nothing_else_answers_there(self, by_host: Visitor) -> None:
        for path in ("/admin/", "/demo/mailbox"):
            assert by_host.http.get(path, headers={"host": by_host.host}).status_code == 404

    def test_the_sites_own_paths_are_no_pools_hosts(self, by_host: Visitor) -> None:
        for name in ("admin", "demo"):
            page = by_host.http.get("/login/", headers={"host": f"{name}.auth.testserver"})
            assert page.status_code == 404
            assert heading_of(page) == "There's no page here"

    def test_a_custom_domain_is_a_host_too(self, pool_id: str, visitor: Visitor) -> None:
        certificate = {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1"}
        domains.create(pools.get(pool_id), "login.example.com", custom_config=certificate)
        visitor.host = "login.example.com"

        assert 'action="/login?' in visitor.get("login").content.decode()

    def test_the_base_host_costs_no_query(self, db: None, django_assert_num_queries: Any) -> None:
        from portal.middleware import AuthHostMiddleware

        seen: list[Any] = []
        middleware = AuthHostMiddleware(lambda request: seen.append(request) or errors.not_found(request))
        with django_assert_num_queries(0):
            for host in ("testserver", "127.0.0.1:8000", "[::1]:8000", "identity:8000"):
                middleware(RequestFactory().get("/login", headers={"host": host}))

        assert [(each.path_info, each.hosted_by_host) for each in seen] == [("/login", False)] * 4


def test_a_site_without_the_demo_says_what_it_is(rf: RequestFactory) -> None:
    page = home(rf.get("/"))

    assert heading_of(page) == "This is a sign-in service"
    assert directives(page)["default-src"] == ["'none'"]


def test_no_page_answers_404_in_plain_words() -> None:
    page = Client().get("/nobody/knows/this")

    assert page.status_code == 404
    assert heading_of(page) == "There's no page here"


def test_a_fault_of_ours_has_a_reference_that_the_log_has_too(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="identity.pages"):
        page = errors.server_fault(rf.get("/x"))

    found = re.search(r"Reference: (\w{4}-\w{4})", text_of(page))
    assert found
    assert found[1] in caplog.text
    assert page.status_code == 500


def test_an_error_outside_the_table_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    class Odd(ServiceError):
        code = "OddException"
        message = "column identity.secret does not exist"

    with caplog.at_level(logging.ERROR, logger="identity.pages"):
        explained = texts.explain(Odd(why="details"))

    assert "secret" not in str(explained.text)
    assert explained.reference
    assert explained.reference in caplog.text
    assert "details" in caplog.text


def test_the_error_page_repeats_nothing_of_its_address(visitor: Visitor) -> None:
    page = visitor.http.get(f"/{PREFIX}/error?error=<script>alert(1)</script>&client_id=evil")

    assert page.status_code == 400
    assert "alert(1)" not in page.content.decode()
    assert "evil" not in page.content.decode()


def test_every_text_keeps_to_the_tone() -> None:
    for row in texts.TABLE:
        words = str(row.text)
        assert "!" not in words
        assert not re.search(r"\b(please|oops|sorry|invalid|illegal)\b", words, re.IGNORECASE)
