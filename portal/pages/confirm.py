"""Enter the code that was sent at sign-up, or have it sent again."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from identity.core.errors import ServiceError
from identity.userpools import registration
from identity.userpools.errors import InvalidParameter, NotAuthorized, UserNotFound
from identity.userpools.models import UserPool, pool_settings
from portal.pages import fields, visits
from portal.pages.memory import Memory
from portal.pages.notes import Message
from portal.pages.sign_in import NameForm
from portal.pages.visits import Visit


class ConfirmForm(forms.Form):
    """The code; and the name, where the visitor's memory doesn't hold it."""

    def __init__(self, pool: UserPool, *args: Any, asks_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_name:
            self.fields["username"] = fields.sign_in_name(pool)
        self.fields["code"] = fields.CodeField()
        self.is_short = not asks_name


@visits.page
def confirm(request: HttpRequest, visit: Visit) -> HttpResponse:
    remembered = visits.recall(request, visit)
    asks_name = not remembered.username
    if request.method != "POST":
        return _page(request, visit, ConfirmForm(visit.pool, asks_name=asks_name), remembered)
    form = ConfirmForm(visit.pool, request.POST, asks_name=asks_name)
    message = None
    if form.is_valid():
        name = remembered.username or form.cleaned_data["username"]
        try:
            with visits.after_the_deed():
                registration.confirm(visit.client, name, form.cleaned_data["code"])
            return visits.go(request, visit, "login", Memory(username=name, note="confirmed"))
        except ServiceError as error:
            message = visits.blame(form, error)
    return _page(request, visit, form, remembered.with_note(""), message)


@visits.page
def resend(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Send a new code to who is remembered, or to who is named. Nobody learns whether there is such an account."""
    remembered = visits.recall(request, visit)
    form = NameForm(
        visit.pool, request.POST if request.method == "POST" and not remembered.username else None
    )
    if not remembered.username and not form.is_valid():
        return visits.show(request, visit, "resend.html", {"form": form})
    if request.method != "POST":
        return visits.go(request, visit, "confirm", remembered)
    if remembered.seconds_to_wait():
        return visits.go(request, visit, "confirm", remembered.with_note("wait"))
    name = remembered.username or form.cleaned_data["username"]
    try:
        registration.resend(visit.client, name)
    except (UserNotFound, InvalidParameter, NotAuthorized):
        pass  # no such account, or one that needs no code: it looks as if one had been sent
    except ServiceError as error:
        message = visits.blame(form, error)
        return visits.show(request, visit, "resend.html", {"form": form}, message=message)
    # Where it went is shown only to who was told before: it would tell that there is an account that waits.
    return visits.go(request, visit, "confirm", Memory().sent(name, remembered.sent_to, "sent_again"))


def _page(
    request: HttpRequest, visit: Visit, form: ConfirmForm, remembered: Memory, message: Message | None = None
) -> HttpResponse:
    is_phone = remembered.sent_to.startswith("+")
    context = {
        "form": form,
        "username": remembered.username,
        "heading": _heading(remembered.sent_to, is_phone=is_phone),
        "sub": _sub(visit.pool, remembered.sent_to),
        "wait": remembered.seconds_to_wait(),
    }
    return visits.show(request, visit, "confirm.html", context, message=message, remembered=remembered)


def _heading(sent_to: str, *, is_phone: bool) -> str:
    if not sent_to:
        return _("Confirm your account")
    return _("Check your messages") if is_phone else _("Check your email")


def _sub(pool: UserPool, sent_to: str) -> str:
    """Where addresses are the names, the words must fit an address that has its account already."""
    if not sent_to:
        return _("Enter the 6-digit code that you got when you signed up.")
    if pool_settings.username_attributes(pool):
        text = _("If that address is new here, a 6-digit code is on its way to {}. It works for 24 hours.")
    else:
        text = _("We sent a 6-digit code to {}. It works for 24 hours.")
    return format_html(text, format_html("<b>{}</b>", sent_to.replace("*", "•")))
