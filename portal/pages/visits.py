"""A visit: whose pages these are, which client sent the visitor, and the request of ``/oauth2/authorize`` it carries on.

The query goes along through every page and is checked anew on each, by the checks of the authorization endpoint.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from identity.core.errors import ServiceError
from identity.userpools.errors import TriggerError
from identity.userpools.models import UserPool, UserPoolClient, pool_settings
from identity.wire import origin as wire_origin
from identity.wire.origin import Origin
from portal import csp
from portal.oauth import authorize, paths
from portal.oauth.asked import Authorization, Refused
from portal.oauth.responses import Redirect, identified
from portal.pages import memory, notes, texts
from portal.pages.errors import secured
from portal.pages.fields import focus_first
from portal.pages.memory import Memory
from portal.pages.notes import Message

log = logging.getLogger("identity.pages")

PATHS = {
    "login": "/login",
    "signup": "/signup",
    "confirm": "/confirm",
    "resend": "/resendcode",
    "forgot": "/forgotPassword",
    "reset": "/confirmforgotPassword",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """``root`` is what stands before every hosted path, ``authorization`` the checked request of the client."""

    prefix: str
    root: str
    pool: UserPool
    client: UserPoolClient
    authorization: Authorization
    query: QueryDict

    @property
    def app_name(self) -> str:
        return self.client.name

    @property
    def may_sign_up(self) -> bool:
        return not pool_settings.only_admins_create_users(self.pool)

    @property
    def may_recover(self) -> bool:
        return pool_settings.recovery_mechanisms(self.pool) != ("admin_only",)

    @property
    def login(self) -> str:
        return self.address("login")

    @property
    def signup(self) -> str:
        return self.address("signup")

    @property
    def confirm(self) -> str:
        return self.address("confirm")

    @property
    def resend(self) -> str:
        return self.address("resend")

    @property
    def forgot(self) -> str:
        return self.address("forgot")

    @property
    def reset(self) -> str:
        return self.address("reset")

    @property
    def binding(self) -> str:
        """What the visitor's memory is bound to."""
        return f"{self.pool.pk}/{self.client.pk}/{self.authorization.state or ''}"

    def address(self, page: str) -> str:
        """The address of a page, with the client's request going along."""
        return f"{self.root}{PATHS[page]}?{self.query.urlencode()}"


View = Callable[[HttpRequest, Visit], HttpResponse]


def page(view: View) -> Callable[..., HttpResponseBase]:
    """A hosted page: guarded against forged forms, its request checked, its answer never kept.

    What the checks of the authorization endpoint refuse goes where that endpoint would send it.
    """

    @identified
    @sensitive_post_parameters()
    @csrf_protect
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, prefix: str) -> HttpResponseBase:
        pool = paths.pool_of(prefix)
        try:
            authorization = authorize.examine(pool, request.GET)
        except Refused as refused:
            return secured(refused.redirect(request, prefix))
        root = paths.root(request, prefix)
        visit = Visit(prefix, root, pool, authorization.client, authorization, request.GET)
        return secured(view(request, visit), _form_sources(visit))

    return answer


def show(
    request: HttpRequest,
    visit: Visit,
    template: str,
    context: Mapping[str, Any],
    *,
    message: Message | None = None,
    remembered: Memory | None = None,
) -> HttpResponse:
    """Render a page of the visit. ``remembered`` with a note shows the note, and forgets it."""
    form = context.get("form")
    if isinstance(form, forms.BaseForm):
        focus_first(form)
    if message is None and remembered:
        message = notes.find(remembered.note)
    response = render(request, f"portal/{template}", {**context, "visit": visit, "message": message})
    if remembered and remembered.note:
        remember(request, response, visit, remembered.with_note(""))
    return response


def go(request: HttpRequest, visit: Visit, page_name: str, remembered: Memory) -> HttpResponse:
    """On to another page of the visit, which finds there what is to be remembered."""
    response = Redirect(visit.address(page_name))
    remember(request, response, visit, remembered)
    return response


def recall(request: HttpRequest, visit: Visit) -> Memory:
    return memory.read(request, visit.binding)


def remember(request: HttpRequest, response: HttpResponse, visit: Visit, remembered: Memory) -> None:
    memory.write(request, response, remembered, bound_to=visit.binding, path=visit.root or "/")


def blame(form: forms.BaseForm, error: ServiceError) -> Message | None:
    """Put the words for an error on the form: at its field where the form has that, else above the form.

    Returns a message with a reference where the fault is ours.
    """
    explained = texts.explain(error)
    if explained.reference:
        return Message(explained.text, is_error=True, reference=explained.reference)
    field = explained.field if explained.field in form.fields else None
    form.add_error(field, str(explained.text))
    return None


@contextmanager
def after_the_deed() -> Iterator[None]:
    """Post confirmation is told of what is done and undoes nothing: the visitor goes on, the log has the fault."""
    try:
        yield
    except TriggerError as failed:
        log.warning("the trigger that is told afterwards: %s", failed.message)


def origin(request: HttpRequest) -> Origin:
    """Where the visitor is, for the service's log."""
    return wire_origin.of(request)


def _form_sources(visit: Visit) -> list[str]:
    """Where a form of the visit may end, in the words of the page's policy."""
    registered = (*pool_settings.callback_urls(visit.client), *pool_settings.logout_urls(visit.client))
    return csp.form_sources(visit.authorization.redirect_uri, registered)
