"""Content Security Policy behind one face: Django's own support from version 6.0 on, django-csp before.

Put ``MIDDLEWARE`` into the site's middleware and update its settings with ``settings()``. No page of the portal
has inline code or styles, so nothing needs a nonce.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings as django_settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

MIDDLEWARE: list[str] = ["portal.csp.middleware"]

_IS_OWN = django.VERSION >= (6, 0)
_FRAMEWORK = (
    "django.middleware.csp.ContentSecurityPolicyMiddleware" if _IS_OWN else "csp.middleware.CSPMiddleware"
)
_BUILDER = "django.utils.csp.build_policy" if _IS_OWN else "csp.utils.build_policy"
_HOST = re.compile(r"[a-z0-9.-]+", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)

Policy = dict[str, list[str]]


def policy(static_url: str = "/static/", *, form_sources: Iterable[str] = ()) -> Policy:
    """The policy of every page. ``static_url`` adds its origin where static files live elsewhere."""
    own = ["'self'", *_sources([static_url] if "//" in static_url else [])]
    return {
        "default-src": ["'none'"],
        "script-src": own,
        "style-src": own,
        "img-src": own,
        "font-src": own,
        "connect-src": ["'self'"],
        "form-action": ["'self'", *form_sources],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }


def settings(static_url: str = "/static/") -> dict[str, Any]:
    """The settings that the framework's middleware reads."""
    if _IS_OWN:
        return {"SECURE_CSP": policy(static_url)}
    return {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": policy(static_url)}}


def secure(response: HttpResponseBase, form_sources: Iterable[str] = ()) -> None:
    """Put the policy on a page by hand, so that it holds in host projects without the middleware too."""
    text = import_string(_BUILDER)(policy(django_settings.STATIC_URL or "", form_sources=form_sources))
    response.headers["Content-Security-Policy"] = text


def form_sources(redirect_uri: str, registered: Iterable[str] = ()) -> list[str]:
    """Where a form may end that leads to ``redirect_uri``: there, on the rest of its site, and at other ``registered`` URLs.

    Chromium holds every redirect that follows a form's POST against ``form-action``, also those that the app makes
    itself afterwards (from its callback to its start page, on another host or port), and stops the sign-in without
    a word where one isn't named. An app that forwards to another site at once registers that address too.
    Source: CSP Level 3 §6.4.1, which leaves open whether redirects are checked; seen in Chromium 156.
    """
    return list(dict.fromkeys([*_sources([redirect_uri]), *_site(redirect_uri), *_sources(registered)]))


def _site(url: str) -> list[str]:
    """The other hosts of an app's domain; on one's own machine, other ports."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    labels = host.split(".")
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return []
    if len(labels) == 1 or labels[-1].isdecimal():
        return [f"{parts.scheme}://{host}:*"]
    domain = host if len(labels) == 2 else ".".join(labels[1:])
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{domain}{port}", f"{parts.scheme}://*.{domain}{port}"]


def _sources(urls: Iterable[str]) -> list[str]:
    """CSP source expressions of URLs: an origin, or the scheme alone where there is no host that CSP can say."""
    sources: list[str] = []
    for url in urls:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), parts.hostname or ""
        if not scheme and host:
            source = host  # a static URL without a scheme
        elif not _SCHEME.fullmatch(scheme):
            continue
        elif scheme in ("http", "https") and _HOST.fullmatch(host):
            source = f"{scheme}://{host}" + (f":{parts.port}" if parts.port else "")
        else:
            source = f"{scheme}:"  # an app's own scheme; or an IPv6 address, which CSP has no words for
        if source not in sources:
            sources.append(source)
    return sources


def middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """The framework's middleware, for HTML only: an API answer has no use for half a kilobyte of policy."""
    framework = import_string(_FRAMEWORK)(get_response)

    def with_policy(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        answer: HttpResponseBase = framework.process_response(request, response)
        return answer

    return with_policy
