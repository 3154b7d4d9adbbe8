"""Liveness for load balancers and for the supervisor."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from identity.core import hosts

PATH = "/healthz"


class HealthMiddleware:
    """Answers ``/healthz`` whatever the ``Host``: load balancers ask by address. First of the middleware.

    Only the pools' own hosts keep it to themselves: nothing but their pages is there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PATH and not _is_pools_host(request):
            return healthz()
        return self.get_response(request)


def _is_pools_host(request: HttpRequest) -> bool:
    host = request.META.get("HTTP_HOST", "").partition(":")[0]  # get_host() would refuse what is not allowed
    return bool(host.lower().endswith(f".{hosts.auth_host()}"))


def healthz() -> JsonResponse:
    """200 when this process serves and its database answers, else 503. Reveals nothing more."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})
