import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.site.settings")

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def with_readable_content_type(application: Application) -> Application:
    """Keep Django from two faults before any middleware: a ``Content-Type`` that it cannot take apart, and a charset
    that it decodes the query by although that is no encoding of text (``rot13``) or one of a stranger's choosing.
    """

    def serve(asked: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = asked.get("CONTENT_TYPE", "")
        if "charset" in given.lower() or "*" in given:
            try:
                media_type, parameters = parse_header_parameters(given)
            except (ValueError, LookupError):
                start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
                return [b""]
            # UTF-8 remains, as it was written: signatures may cover the header.
            if parameters.pop("charset", "utf-8").lower() not in ("utf-8", "utf8"):
                asked["CONTENT_TYPE"] = "; ".join(
                    [media_type, *(f'{k}="{v}"' for k, v in parameters.items())]
                )
        return application(asked, start_response)

    return serve


def with_whole_body(application: Application) -> Application:
    """Give a body that comes in pieces (``Transfer-Encoding: chunked``) its length: Django reads none without.

    One too long is cut past what Django takes, so that Django refuses it.
    """

    def serve(asked: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "chunked" in asked.get("HTTP_TRANSFER_ENCODING", "").lower() and not asked.get("CONTENT_LENGTH"):
            limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            body = asked["wsgi.input"].read(limit + 1)
            asked["CONTENT_LENGTH"], asked["wsgi.input"] = str(len(body)), BytesIO(body)
        return application(asked, start_response)

    return serve


application = with_whole_body(with_readable_content_type(get_wsgi_application()))
