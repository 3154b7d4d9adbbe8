"""Sign in: first the name, then the password; a new password where the old one was temporary."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict

from identity.core.errors import ServiceError
from identity.userpools import hosted_sessions
from identity.userpools.errors import NotAuthorized, PasswordResetRequired, UserNotConfirmed
from identity.userpools.models import User, UserPool
from identity.userpools.signin import answer, begin, finish
from identity.userpools.signin.attempt import Attempt, Challenged, Door, Proven, Recognised
from identity.userpools.signin.decide import Challenge
from portal.oauth import authorize, cookies
from portal.pages import fields, visits
from portal.pages.memory import Memory
from portal.pages.visits import Visit

_PREFIX = "userAttributes."
_FLOW = "HOSTED"


class NameForm(forms.Form):
    """The first step: who."""

    is_short = True

    def __init__(self, pool: UserPool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = fields.sign_in_name(pool)


class PasswordForm(forms.Form):
    """The second step. The name travels beside it, in the page's own read-only field."""

    is_short = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = fields.current_password()


class NewPasswordForm(forms.Form):
    """In place of a temporary password; ``missing`` are required attributes that the user does not have yet."""

    is_short = False
    session = forms.CharField(max_length=4096, widget=forms.HiddenInput())
    missing = forms.CharField(max_length=2048, required=False, widget=forms.HiddenInput())

    def __init__(self, pool: UserPool, missing: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attribute_names = missing
        for name in missing:
            self.fields[name] = fields.attribute(name, is_required=True)
        self.fields["password"] = fields.new_password(pool, fields.NEW_PASSWORD)

    def responses(self) -> dict[str, str]:
        """The answer to the challenge, in the wire's words."""
        values = {f"{_PREFIX}{name}": self.cleaned_data[name] for name in self.attribute_names}
        return {"NEW_PASSWORD": self.cleaned_data["password"], **values}


@visits.page
def sign_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Each step posts to this address; what was posted tells the step."""
    if request.method != "POST":
        return _first_page(request, visit)
    if "session" in request.POST:
        return _new_password(request, visit)
    if "password" in request.POST:
        return _password(request, visit)
    form = NameForm(visit.pool, request.POST)
    if not form.is_valid():
        return visits.show(request, visit, "sign_in.html", {"form": form})
    return _password_page(request, visit, form.cleaned_data["username"])


def _first_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    remembered = visits.recall(request, visit)
    if remembered.username and remembered.note:
        # Just confirmed, or with a new password: the name is known, only the password is missing.
        context = {"form": PasswordForm(), "username": remembered.username}
        return visits.show(request, visit, "password.html", context, remembered=remembered)
    name = remembered.username or visit.query.get("login_hint", "")
    form = NameForm(visit.pool, initial={"username": name})
    return visits.show(request, visit, "sign_in.html", {"form": form}, remembered=remembered)


def _password_page(request: HttpRequest, visit: Visit, name: str) -> HttpResponse:
    response = visits.show(request, visit, "password.html", {"form": PasswordForm(), "username": name})
    visits.remember(request, response, visit, Memory(username=name))
    return response


def _password(request: HttpRequest, visit: Visit) -> HttpResponse:
    named, form = NameForm(visit.pool, request.POST), PasswordForm(request.POST)
    if not named.is_valid():
        return visits.show(request, visit, "sign_in.html", {"form": named})
    name = named.cleaned_data["username"]
    message = None
    if form.is_valid():
        try:
            step = begin.by_password(_attempt(request, visit, name), form.cleaned_data["password"])
            return _go_on(request, visit, name, step)
        except UserNotConfirmed:
            return visits.go(request, visit, "confirm", Memory(username=name, note="confirm_first"))
        except PasswordResetRequired:
            return visits.go(request, visit, "forgot", Memory(username=name, note="reset_first"))
        except ServiceError as error:
            message = visits.blame(form, error)
    context = {"form": form, "username": name}
    return visits.show(request, visit, "password.html", context, message=message)


def _new_password(request: HttpRequest, visit: Visit) -> HttpResponse:
    named = NameForm(visit.pool, request.POST)
    if not named.is_valid():
        return visits.show(request, visit, "sign_in.html", {"form": named})
    name = named.cleaned_data["username"]
    missing = _names(request.POST)
    form = NewPasswordForm(visit.pool, missing, request.POST)
    message = None
    if form.is_valid():
        attempt, session = _attempt(request, visit, name), form.cleaned_data["session"]
        try:
            step = answer.answer(attempt, Challenge.NEW_PASSWORD_REQUIRED, session, form.responses())
            return _go_on(request, visit, name, step)
        except ServiceError as error:
            if isinstance(error, NotAuthorized) and error.message.startswith("Invalid session"):
                # The step took too long, or another tab finished it: from the beginning, with the name kept.
                return visits.go(request, visit, "login", Memory(username=name, note="too_late"))
            message = visits.blame(form, error)
    context = {"form": form, "username": name}
    return visits.show(request, visit, "new_password.html", context, message=message)


def _go_on(request: HttpRequest, visit: Visit, name: str, step: Challenged | Proven) -> HttpResponse:
    """The app's turn where everything was shown, else the page of the next challenge."""
    reached = finish.at_pages(step)
    if isinstance(reached, Recognised):
        return _to_app(request, visit, reached.user, reached.auth_time)
    if reached.name != Challenge.NEW_PASSWORD_REQUIRED:
        raise ServiceError(why=f"the pages have no step for {reached.name}")
    missing = [each.removeprefix(_PREFIX) for each in json.loads(reached.parameters["requiredAttributes"])]
    form = NewPasswordForm(
        visit.pool, missing, initial={"session": reached.session, "missing": ",".join(missing)}
    )
    return visits.show(request, visit, "new_password.html", {"form": form, "username": name})


def _to_app(request: HttpRequest, visit: Visit, user: User, auth_time: datetime) -> HttpResponse:
    response = authorize.finish(request, visit.pool, user, auth_time, visit.query)
    cookies.put(response, request, visit.prefix, hosted_sessions.start(user, auth_time))
    visits.remember(request, response, visit, Memory())
    return response


def _attempt(request: HttpRequest, visit: Visit, name: str) -> Attempt:
    return Attempt(visit.client, name, Door.PAGES, _FLOW, visits.origin(request))


def _names(posted: QueryDict) -> list[str]:
    """The attributes that the page asked for. The challenge itself judges whether they are the right ones."""
    return [name for name in posted.get("missing", "").split(",") if name][:25]
