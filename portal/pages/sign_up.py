"""Create an account: a name, what the pool requires to be told, a password. The code comes on the next page."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from identity.core.errors import ServiceError
from identity.userpools import attribute_values, deliveries, registration
from identity.userpools.errors import UsernameExists
from identity.userpools.models import UserPool, pool_settings
from identity.userpools.registration import SignUpForm
from portal.pages import errors, fields, visits
from portal.pages.memory import Memory
from portal.pages.visits import Visit


class AccountForm(forms.Form):
    """Name, required attributes and those a code is sent to, password: in this order."""

    is_short = False

    def __init__(self, pool: UserPool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = fields.new_name(pool)
        self.attribute_names = asked_attributes(pool)
        for name in self.attribute_names:
            self.fields[name] = fields.attribute(name, is_required=True)
        self.fields["password"] = fields.new_password(pool)

    def attributes(self) -> dict[str, str]:
        """What was told besides the name, by attribute."""
        return {name: self.cleaned_data[name] for name in self.attribute_names}


def asked_attributes(pool: UserPool) -> list[str]:
    """The required attributes and, so that a code can reach the person, one that the pool verifies.

    An attribute that is the sign-in name itself is not asked twice.
    """
    naming = pool_settings.username_attributes(pool)
    required = [name for name in attribute_values.required_names(pool) if name not in naming]
    reachable = {*required, *naming}
    verified = pool_settings.auto_verified_attributes(pool)
    if verified and not verified & reachable:
        required.insert(0, "email" if "email" in verified else "phone_number")
    return required


@visits.page
def sign_up(request: HttpRequest, visit: Visit) -> HttpResponse:
    if not visit.may_sign_up:
        return errors.page(request, errors.NO_SIGN_UP, status=403, again=visit.login, app_name=visit.app_name)
    if request.method != "POST":
        return visits.show(request, visit, "sign_up.html", {"form": _empty_form(request, visit)})
    form = AccountForm(visit.pool, request.POST)
    message = None
    if form.is_valid():
        try:
            return _register(request, visit, form)
        except ServiceError as error:
            message = visits.blame(form, error)
    return visits.show(request, visit, "sign_up.html", {"form": form}, message=message)


def _empty_form(request: HttpRequest, visit: Visit) -> AccountForm:
    """With the name that was typed at sign-in, at the field that it fits."""
    name = visits.recall(request, visit).username
    is_email = attribute_values.is_email(name)
    is_naming = bool(pool_settings.username_attributes(visit.pool))
    return AccountForm(visit.pool, initial={"email" if is_email and not is_naming else "username": name})


def _register(request: HttpRequest, visit: Visit, form: AccountForm) -> HttpResponse:
    name = form.cleaned_data["username"]
    try:
        signed_up = registration.sign_up(
            visit.client, SignUpForm(name, form.cleaned_data["password"], form.attributes())
        )
    except UsernameExists:
        if not pool_settings.username_attributes(visit.pool):
            raise
        # An address is somebody's own: whether it has an account here is nobody else's business. The next page
        # is that of a new account, and its words fit both.
        return _next(request, visit, name, _would_go_to(visit.pool, name, form.attributes()))
    if signed_up.is_confirmed:
        return visits.go(request, visit, "login", Memory(username=name, note="signed_up"))
    return _next(request, visit, name, signed_up.delivery.destination if signed_up.delivery else "")


def _next(request: HttpRequest, visit: Visit, name: str, sent_to: str) -> HttpResponse:
    """Where the code is entered; a pool that sends none leaves confirming to its administrators."""
    if not sent_to:
        return visits.go(request, visit, "login", Memory(username=name, note="unconfirmed"))
    return visits.go(request, visit, "confirm", Memory().sent(name, sent_to))


def _would_go_to(pool: UserPool, name: str, attributes: dict[str, str]) -> str:
    """Where the code of a new account with these values goes, masked as the service masks it."""
    values = {("email" if "@" in name else "phone_number"): name, **attributes}
    automatic = pool_settings.auto_verified_attributes(pool)
    for attribute in ("phone_number", "email"):
        if attribute in automatic and attribute in values:
            return deliveries.masked(attribute, values[attribute])
    return ""
