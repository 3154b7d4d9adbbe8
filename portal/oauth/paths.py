"""Where the hosted endpoints are, as seen by the browser that asks: with the pool's prefix, or by its host."""

from django.http import Http404, HttpRequest

from identity.userpools import domains
from identity.userpools.models import UserPool
from portal.middleware import is_by_host
from portal.oauth.parameters import is_storable


def hosted_path(request: HttpRequest, prefix: str, path: str) -> str:
    """The public path of a hosted endpoint: ``/login`` where the host names the pool, else ``/<prefix>/login``."""
    return f"{root(request, prefix)}{path}"


def cookie_path(request: HttpRequest, prefix: str) -> str:
    """The path that the browser's session is sent to, and no other pool's pages."""
    return root(request, prefix) or "/"


def root(request: HttpRequest, prefix: str) -> str:
    """What stands before every hosted path; the mount point of the site included."""
    mounted = request.META.get("SCRIPT_NAME", "").rstrip("/")
    return mounted if is_by_host(request) else f"{mounted}/{prefix}"


def pool_of(prefix: str) -> UserPool:
    """The pool of a prefix or custom domain. Raises ``Http404``."""
    pool = domains.find(prefix) if is_storable([prefix]) else None
    if pool is None:
        raise Http404("There is no user pool at this address.")
    return pool
