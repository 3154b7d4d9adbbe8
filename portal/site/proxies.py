"""What a proxy says of the connection counts only where one of ``TRUSTED_PROXIES`` said it."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from identity.core import hosts

HEADER = "HTTP_X_FORWARDED_PROTO"


class ProxyMiddleware:
    """Drops ``X-Forwarded-Proto`` of anybody else: Django's own setting would believe every client's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if HEADER in request.META and not hosts.is_from_proxy(request):
            del request.META[HEADER]
        return self.get_response(request)
