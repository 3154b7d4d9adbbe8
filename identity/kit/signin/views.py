"""Three views for a host's Django pages: to the pool's hosted pages, back from them, and out again."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import authenticate
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from identity.core import clock
from identity.kit import conf
from identity.kit.signin import code_flow
from identity.kit.signin.errors import SignInRefused

log = logging.getLogger("identity.kit")

REFUSED = "identity_kit/sign_in_refused.html"


@never_cache
@require_safe
def login(request: HttpRequest) -> HttpResponseBase:
    """Send the browser to the hosted pages; ``next`` is where it wants to go afterwards.

    Who is signed in already was sent here because they may not see a page: going on by itself would go round for ever.
    """
    back_to = _safe(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        known = SignInRefused(
            "You are signed in already. This account may not see that page.", why="signed in"
        )
        return _refused(request, known) if "next" in request.GET else HttpResponseRedirect(back_to)
    redirect_uri = request.build_absolute_uri(reverse("identity-sign-in:callback"))
    try:
        return HttpResponseRedirect(
            code_flow.begin(request.session, redirect_uri=redirect_uri, back_to=back_to)
        )
    except SignInRefused as refused:
        return _refused(request, refused)


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponseBase:
    """Where the hosted pages send the browser back to: its address has to be among the client's callback URLs."""
    try:
        claims, back_to = code_flow.finish(request.session, request.GET.dict())
        user = authenticate(request, user_pool_claims=claims)
        if user is None:
            raise SignInRefused(
                "This account can't be used.", why="no backend of AUTHENTICATION_BACKENDS took it"
            )
    except SignInRefused as refused:
        return _refused(request, refused)
    start_session(request, user)  # which gives the session a new key
    request.session.set_expiry(clock.now() + timedelta(seconds=conf.sign_in().session_seconds))
    return HttpResponseRedirect(back_to)


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponseBase:
    """End the session here and at the hosted pages; back to ``LOGOUT_REDIRECT_URL``, which has to be among the
    client's logout URLs.

    By POST with Django's CSRF token, so that no other site's picture signs people out.
    """
    end_session(request)
    back_to = request.build_absolute_uri(resolve_url(django_settings.LOGOUT_REDIRECT_URL or "/"))
    try:
        return HttpResponseRedirect(code_flow.end_address(back_to))
    except SignInRefused as refused:
        log.warning("Signed out here, not at the hosted pages: %s", refused.why)
        return HttpResponseRedirect(back_to)


def _safe(request: HttpRequest, target: str) -> str:
    """``next`` if it stays on this site, else where the host sends those who signed in."""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else resolve_url(django_settings.LOGIN_REDIRECT_URL)


def _refused(request: HttpRequest, refused: SignInRefused) -> HttpResponse:
    log.info("Sign-in refused: %s", refused.why or refused.message)
    content: dict[str, Any] = {"message": refused.message}
    return render(request, REFUSED, content, status=refused.status)
