"""The demo's pages: start page, mailbox, phone app, and what the app shows of a role."""

import json
import re
import threading
import time
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from identity.core import conf, hosts
from identity.iam.models import Role
from identity.userpools.models import UserPool
from portal.demo import fixed, heartbeat
from portal.demo.models import DemoMail
from portal.demo.paste import pastes
from portal.demo.places import places
from portal.pages.errors import secured

_SHOWN_MAILS = 50
_CODE = re.compile(r"\b\d{6}\b", re.ASCII)
_CODE_PATIENCE_SECONDS = 10.0
_waiting = threading.BoundedSemaphore(2)
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """What runs here and how to reach it."""
    here = places()
    is_worker_up = heartbeat.is_worker_up()
    database = _DATABASES.get(connection.vendor, connection.vendor)
    context = {
        "is_worker_up": is_worker_up,
        "status": f"Running · {database} · {'worker up' if is_worker_up else 'no worker'}",
        "is_seeded": UserPool.objects.filter(pk=fixed.USER_POOL).exists(),
        "links": here,
        "ids": {
            "user_pool": fixed.USER_POOL,
            "client": fixed.CLIENT,
            "confidential_client": fixed.CONFIDENTIAL_CLIENT,
            "confidential_secret": fixed.CONFIDENTIAL_SECRET,
            "machine_client": fixed.MACHINE_CLIENT,
            "machine_secret": fixed.MACHINE_SECRET,
            "identity_pool": fixed.IDENTITY_POOL,
        },
        "pastes": pastes(here, with_secret=_is_own_machine(request)),
    }
    return secured(render(request, "demo/start.html", context))


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """What the demo would have sent, newest first; ``?to=`` shows one recipient's."""
    to = request.GET.get("to", "").strip()
    mails = _mails(to)[:_SHOWN_MAILS]
    here = places()
    context = {
        "mails": mails,
        "to": to,
        "start": here.start,
        "all": here.mailbox,
        "here": here.mailbox + (f"?{urlencode({'to': to})}" if to else ""),
    }
    return secured(render(request, "demo/mailbox.html", context))


@require_safe
def mailed_code(request: HttpRequest) -> HttpResponse:
    """The newest six-digit code for ``?to=`` as plain text; waits up to ten seconds for one. For scripts.

    Waiting holds a thread, of which the server has few: whoever finds two waiting is told to come again (503).
    """
    to = request.GET.get("to", "").strip()
    code = _newest_code(to)
    if code is None and to:
        if not _waiting.acquire(blocking=False):
            return _plain("others are waiting for their codes\n", status=503)
        try:
            code = _awaited_code(to)
        finally:
            _waiting.release()
    if code is None:
        raise Http404("no code was sent there")
    return _plain(code)


def _newest_code(to: str) -> str | None:
    found = (_CODE.search(mail.body) for mail in _mails(to)[:5])
    return next((code[0] for code in found if code), None)


def _awaited_code(to: str) -> str | None:
    deadline = time.monotonic() + _CODE_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.1)
        if code := _newest_code(to):
            return code
    return None


@require_safe
def phone_app(request: HttpRequest) -> HttpResponse:
    """The page of the phone app; the rest is ``static/demo/app.js``."""
    here = places()
    config = {
        "client": fixed.CLIENT,
        "region": conf.settings().region,
        "identity-pool": fixed.IDENTITY_POOL,
        "other-identity": fixed.OTHER_IDENTITY,
        "password-hint": fixed.PASSWORD_HINT,
        "scope": " ".join((*fixed.SCOPES, *fixed.NOTES_SCOPES)),
        "callback": here.callback,
        "authorize": f"{here.hosted}/oauth2/authorize",
        "token-endpoint": f"{here.hosted}/oauth2/token",
        "logout": f"{here.hosted}/logout",
        "mailbox": here.mailbox,
        "notes": here.notes,
        "roles": here.roles,
    }
    return secured(render(request, "demo/app.html", {"config": config, "start": here.start}))


@require_safe
def role(request: HttpRequest, name: str) -> JsonResponse:
    """A demo role's policies, for the app to show why something opens or doesn't."""
    if name not in (fixed.GUEST_ROLE, fixed.SIGNED_IN_ROLE):
        raise Http404
    found = get_object_or_404(Role.objects.prefetch_related("inline_policies"), name=name)
    statements = [
        statement
        for policy in found.inline_policies.all()
        for statement in json.loads(policy.document)["Statement"]
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    return JsonResponse({"name": found.name, "policy": policy, "trust": json.loads(found.trust_policy)})


def _plain(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})


def _mails(to: str) -> QuerySet[DemoMail]:
    mails = DemoMail.objects.order_by("-pk")
    if "\0" in to:  # PostgreSQL takes none, and nobody's address has one
        return mails.none()
    return mails.filter(to__iexact=to) if to else mails


def _is_own_machine(request: HttpRequest) -> bool:
    """Whether the browser runs where the server does: others are not shown the administrator's secret."""
    return hosts.client_address(request) in ("127.0.0.1", "::1")
