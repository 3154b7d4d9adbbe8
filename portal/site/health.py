"""Liveness for load balancers and for the supervisor."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

PATH = "/healthz"


class HealthMiddleware:
    """Answers ``/healthz`` whatever the ``Host``: load balancers ask by address. First of the middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return healthz() if request.path_info == PATH else self.get_response(request)


def healthz() -> JsonResponse:
    """200 when this process serves and its database answers, else 503. Reveals nothing more."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})
