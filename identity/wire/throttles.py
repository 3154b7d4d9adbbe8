"""How often an address may call: AWS's protocols and the GraphQL endpoint count together."""

from datetime import timedelta

from django.http import HttpRequest

from identity.core import conf, hosts, limits

_WINDOW = timedelta(seconds=10)
"""A few seconds, so that the burst of an app that starts passes."""


def is_within_rate(request: HttpRequest) -> bool:
    """Whether one more call of the client's address is within ``IDENTITY["CALLS_PER_SECOND"]``; it is counted by that.

    0 counts nothing. Counted in Django's cache: over all processes where that is Redis, else in each by itself.
    """
    rate = conf.settings().calls_per_second
    if not rate:
        return True
    address = hosts.client_address(request)
    most = int(rate * _WINDOW.total_seconds())
    return limits.throttle(f"wire:{address}", limit=most, window=_WINDOW)
