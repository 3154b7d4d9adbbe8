"""Which host a request came by: ``<prefix>.auth.<base host>`` and custom domains lead to a pool's pages."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase

from identity.core import conf, hosts
from identity.userpools.models import UserPoolDomain


class AuthHostMiddleware:
    """Turns ``https://<prefix>.auth.<base host>/login`` into ``/<prefix>/login`` and notes it on the request.

    ``request.hosted_by_host`` tells the views whether their links need the prefix. Nothing else of the site
    answers at such a host. The base host itself, plain names and addresses are passed on without a query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        domain = _domain_of(request)
        setattr(request, "hosted_by_host", bool(domain))  # noqa: B010 - HttpRequest has no such attribute for mypy
        if domain:
            request.path_info = f"/{domain}{request.path_info}"
            # Else ``admin.auth.<base host>`` would be the site's admin, and a prefix could be hidden by a path of it.
            setattr(request, "urlconf", "portal.urls")  # noqa: B010 - likewise
        return self.get_response(request)


def is_by_host(request: HttpRequest) -> bool:
    """Whether the host named the pool, so that links go without its prefix."""
    return bool(getattr(request, "hosted_by_host", False))


def _domain_of(request: HttpRequest) -> str:
    """The pool domain that the host stands for, or nothing."""
    host, _ = split_domain_port(request.get_host())
    if host == urlsplit(conf.settings().base_url).hostname:
        return ""
    label, _, rest = host.partition(".")
    if rest == split_domain_port(hosts.auth_host())[0]:
        return label
    if not rest or host.startswith("[") or rest.rpartition(".")[2].isdecimal():
        return ""  # a plain name or an address: neither is a custom domain
    is_custom = UserPoolDomain.objects.filter(domain=host, is_custom=True).exists()
    return host if is_custom else ""
