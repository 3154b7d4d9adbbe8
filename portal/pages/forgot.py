"""A forgotten password: ask for a code, then choose a new password by it.

Nothing here tells whether there is such an account: a name that gets no code sees the same pages.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from identity.core.errors import ServiceError
from identity.userpools import recovery
from identity.userpools.errors import InvalidParameter, NotAuthorized, UserNotConfirmed, UserNotFound
from identity.userpools.models import UserPool
from portal.pages import errors, fields, visits
from portal.pages.memory import Memory
from portal.pages.notes import Message
from portal.pages.sign_in import NameForm
from portal.pages.visits import Visit


class ResetForm(forms.Form):
    """Code and new password; and the name, where the visitor's memory doesn't hold it."""

    is_short = False

    def __init__(self, pool: UserPool, *args: Any, asks_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_name:
            self.fields["username"] = fields.sign_in_name(pool)
        self.fields["code"] = fields.CodeField()
        self.fields["password"] = fields.new_password(pool, fields.NEW_PASSWORD)


@visits.page
def forgot(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for the name and send the code."""
    if not visit.may_recover:
        return errors.page(
            request, errors.NO_RECOVERY, status=403, again=visit.login, app_name=visit.app_name
        )
    remembered = visits.recall(request, visit)
    if request.method != "POST":
        form = NameForm(visit.pool, initial={"username": remembered.username})
        return visits.show(request, visit, "forgot.html", {"form": form}, remembered=remembered)
    form = NameForm(visit.pool, request.POST)
    message = None
    if form.is_valid():
        name = form.cleaned_data["username"]
        if remembered.username == name and remembered.seconds_to_wait():
            return visits.go(request, visit, "reset", remembered.with_note("wait"))
        try:
            _send(visit, name)
            note = "sent_again" if remembered.sent_at and remembered.username == name else ""
            return visits.go(request, visit, "reset", Memory().sent(name, "", note))
        except ServiceError as error:
            message = visits.blame(form, error)
    return visits.show(request, visit, "forgot.html", {"form": form}, message=message)


def _send(visit: Visit, name: str) -> None:
    try:
        recovery.begin(visit.client, name)
    except (UserNotFound, UserNotConfirmed, InvalidParameter, NotAuthorized):
        # Clients that don't hide who exists would tell here; the page stays silent for all of them.
        return


@visits.page
def reset(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take the code and the new password."""
    remembered = visits.recall(request, visit)
    asks_name = not remembered.username
    if request.method != "POST":
        return _page(request, visit, ResetForm(visit.pool, asks_name=asks_name), remembered)
    form = ResetForm(visit.pool, request.POST, asks_name=asks_name)
    message = None
    if form.is_valid():
        name = remembered.username or form.cleaned_data["username"]
        try:
            with visits.after_the_deed():
                recovery.finish(visit.client, name, form.cleaned_data["code"], form.cleaned_data["password"])
            return visits.go(request, visit, "login", Memory(username=name, note="password_changed"))
        except ServiceError as error:
            message = visits.blame(form, error)
    return _page(request, visit, form, remembered.with_note(""), message)


def _page(
    request: HttpRequest, visit: Visit, form: ResetForm, remembered: Memory, message: Message | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "username": remembered.username,
        "sub": _sub(remembered.username),
        "wait": remembered.seconds_to_wait(),
    }
    return visits.show(request, visit, "reset.html", context, message=message, remembered=remembered)


def _sub(name: str) -> str:
    if not name:
        return _("Enter the 6-digit code that you got, and a new password.")
    text = _(
        "If {} has an account with a confirmed email or phone, a 6-digit code is on its way there. It works for an hour."
    )
    return format_html(text, format_html("<b>{}</b>", name))
