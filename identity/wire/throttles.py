"""Throttles of the endpoint, in the form that Django REST framework has for them."""

from datetime import timedelta

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from identity.core import conf, hosts, limits

_WINDOW = timedelta(seconds=10)
"""A few seconds, so that the burst of an app that starts passes."""


class AddressThrottle(BaseThrottle):
    """So many calls a second from one client address as ``IDENTITY["CALLS_PER_SECOND"]`` allows; 0 counts nothing.

    Counted in Django's cache: over all processes where that is Redis, else in each by itself.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        return is_within_rate(request._request)


def is_within_rate(request: HttpRequest) -> bool:
    """Whether one more call of the client's address is within the rate; it is counted by that."""
    rate = conf.settings().calls_per_second
    if not rate:
        return True
    address = hosts.client_address(request)
    most = int(rate * _WINDOW.total_seconds())
    return limits.throttle(f"wire:{address}", limit=most, window=_WINDOW)
