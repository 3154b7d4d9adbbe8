"""The fields of the hosted pages: labels, autocomplete tokens, and what typing is forgiven."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.userpools.models import UserPool, pool_settings
from portal.pages import rules
from portal.pages.texts import Text

MAX_VALUE = 2048
PASSWORD, NEW_PASSWORD = _("Password"), _("New password")
_CODE_NOISE = re.compile(r"[\s\-–—.]+")
_PHONE_NOISE = re.compile(r"[\s\-–().\/]+")

# Per standard attribute: label, type of the input, autocomplete token.
_ATTRIBUTES: dict[str, tuple[Text, str, str]] = {
    "email": (_("Email"), "email", "email"),
    "phone_number": (_("Phone number"), "tel", "tel"),
    "name": (_("Full name"), "text", "name"),
    "given_name": (_("First name"), "text", "given-name"),
    "family_name": (_("Last name"), "text", "family-name"),
    "middle_name": (_("Middle name"), "text", "additional-name"),
    "nickname": (_("Nickname"), "text", "nickname"),
    "preferred_username": (_("Preferred username"), "text", "nickname"),
    "birthdate": (_("Date of birth"), "date", "bday"),
    "gender": (_("Gender"), "text", "sex"),
    "address": (_("Address"), "text", "street-address"),
    "website": (_("Website"), "url", "url"),
    "picture": (_("Address of a picture"), "url", "photo"),
    "profile": (_("Address of a profile"), "url", "off"),
    "zoneinfo": (_("Time zone"), "text", "off"),
    "locale": (_("Language"), "text", "language"),
    "updated_at": (_("Updated at"), "text", "off"),
}


class PasswordInput(forms.PasswordInput):
    """A password that never comes back after an error. ``rules`` are listed below a new one."""

    def __init__(self, autocomplete: str, password_rules: Iterable[rules.Rule] = ()) -> None:
        super().__init__(attrs={"autocomplete": autocomplete}, render_value=False)
        self.rules = tuple(password_rules)


class CodeInput(forms.TextInput):
    """A one-time code; like a password it is not shown again."""

    is_code = True

    def __init__(self) -> None:
        super().__init__(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "maxlength": "32",
            }
        )

    def format_value(self, value: Any) -> str | None:
        return None


class Field(forms.CharField):
    """A field that says in our words that it waits to be filled."""

    default_error_messages = {"required": _("Fill this in."), "max_length": _("That is too long.")}


class CodeField(Field):
    """Blanks, dashes and dots between the digits are forgiven."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Code"), max_length=2048, widget=CodeInput(), **options)

    def to_python(self, value: Any) -> str:
        return _CODE_NOISE.sub("", super().to_python(value) or "")


class PhoneField(Field):
    """A number as people write it, made E.164."""

    def to_python(self, value: Any) -> str:
        return _PHONE_NOISE.sub("", super().to_python(value) or "")


def current_password() -> forms.CharField:
    return Field(label=PASSWORD, strip=False, max_length=1024, widget=PasswordInput("current-password"))


def new_password(pool: UserPool, label: Text = PASSWORD) -> forms.CharField:
    field = Field(
        label=label, strip=False, max_length=1024, widget=PasswordInput("new-password", rules.of_pool(pool))
    )
    # Django would cut it off on the page, so that a longer password silently became another one.
    field.widget.attrs.pop("maxlength", None)
    return field


def sign_in_label(pool: UserPool) -> Text:
    """What the pool's users may type to sign in, in words."""
    naming = pool_settings.username_attributes(pool)
    if naming:
        return _ALONE[frozenset(naming)]
    return _BESIDE[frozenset(pool_settings.alias_attributes(pool)) & _SENDABLE]


_SENDABLE = frozenset({"email", "phone_number"})
_ALONE: dict[frozenset[str], Text] = {
    frozenset({"email"}): _("Email"),
    frozenset({"phone_number"}): _("Phone number"),
    _SENDABLE: _("Email or phone number"),
}
_BESIDE: dict[frozenset[str], Text] = {
    frozenset(): _("Username"),
    frozenset({"email"}): _("Email or username"),
    frozenset({"phone_number"}): _("Phone number or username"),
    _SENDABLE: _("Email, phone number or username"),
}


def sign_in_name(pool: UserPool) -> forms.CharField:
    """The name to sign in with; the browser's e-mail keyboard where only an address will do."""
    naming = pool_settings.username_attributes(pool)
    widget: forms.widgets.Input = forms.EmailInput() if naming == {"email"} else forms.TextInput()
    attributes = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    widget.attrs.update(attributes)
    return Field(label=sign_in_label(pool), max_length=MAX_VALUE, widget=widget)


def new_name(pool: UserPool) -> forms.CharField:
    """The name of a new account: an address where the pool names its users so, else a username to choose."""
    field = sign_in_name(pool)
    naming = pool_settings.username_attributes(pool)
    if not naming:
        field.label = _("Username")
    elif naming == {"email"}:
        field.widget.attrs["autocomplete"] = "email"
    elif naming == {"phone_number"}:
        return attribute("phone_number", is_required=True)
    return field


def attribute(name: str, *, is_required: bool) -> forms.CharField:
    """A field for a standard attribute, or for a custom one by its name."""
    label, kind, autocomplete = _ATTRIBUTES.get(name, (_words(name), "text", "off"))
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    widget.input_type = kind
    if kind == "tel":
        hint = _("With the country code, like +49 30 123456")
        return PhoneField(label=label, max_length=64, required=is_required, widget=widget, help_text=hint)
    return Field(label=label, max_length=MAX_VALUE, required=is_required, widget=widget)


def _words(name: str) -> str:
    return name.rpartition(":")[2].replace("_", " ").capitalize()


def focus_first(form: forms.BaseForm) -> None:
    """Give the focus to the first wrong field, else the first that waits to be filled, else to the first."""
    names = [field.name for field in form.visible_fields()]
    wrong = [name for name in names if name in form.errors]
    empty = [name for name in names if not form[name].value()]
    for name in (wrong or empty or names)[:1]:
        form.fields[name].widget.attrs["autofocus"] = True
