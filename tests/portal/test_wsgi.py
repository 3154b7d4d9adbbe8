"""What Django would stumble over before any middleware."""

from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from portal.site.wsgi import application, with_readable_content_type, with_whole_body

PATHS = ["/demo/login?client_id=%E9", "/healthz", "/"]


def status_of(path: str, content_type: str) -> int:
    environ = RequestFactory().get(path).environ | {"CONTENT_TYPE": content_type, "HTTP_HOST": "testserver"}
    answered: list[str] = []

    def start_response(status: str, headers: Any, error: Any = None) -> None:
        answered.append(status)

    list(application(environ, start_response))
    return int(answered[0][:3])


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("charset", ["rot13", "base64", "idna", "undefined", "latin-1", "none", "utf-8"])
def test_no_charset_that_a_stranger_names_counts(path: str, charset: str) -> None:
    asked = f"application/x-www-form-urlencoded; charset={charset}"

    assert status_of(path, asked) == status_of(path, "application/x-www-form-urlencoded") < 500


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_content_type_of_no_form_is_a_bad_request(path: str) -> None:
    assert status_of(path, "x; charset*=bad''x") == 400


def test_a_header_in_utf_8_is_left_as_a_signature_covers_it() -> None:
    seen: dict[str, str] = {}

    def inner(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        return []

    for given in ("application/x-www-form-urlencoded; charset=utf-8", "text/plain;Charset=UTF8"):
        with_readable_content_type(inner)({"CONTENT_TYPE": given}, lambda *_: None)
        assert seen["CONTENT_TYPE"] == given


def test_a_body_in_pieces_is_read_whole(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 8
    seen: list[tuple[str, bytes]] = []

    def inner(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append((environ["CONTENT_LENGTH"], environ["wsgi.input"].read()))
        return []

    for body in (b"{}", b"0123456789"):
        chunked = {"HTTP_TRANSFER_ENCODING": "Chunked", "wsgi.input": BytesIO(body)}
        with_whole_body(inner)(chunked, lambda *_: None)

    assert seen == [("2", b"{}"), ("9", b"012345678")]
