"""What a page says above its form that is no error of the form: kept as a key in the visitor's memory, shown once."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from portal.pages.texts import Text


@dataclass(frozen=True, slots=True)
class Message:
    """``reference`` is what support can look up."""

    text: Text
    is_error: bool = False
    reference: str = ""


NOTES: dict[str, Message] = {
    "confirmed": Message(_("Your account is confirmed. Sign in with it.")),
    "signed_up": Message(_("Your account is ready. Sign in with it.")),
    "unconfirmed": Message(
        _("Your account is made. An administrator has to confirm it before you can sign in.")
    ),
    "password_changed": Message(_("Your password is changed. Sign in with it.")),
    "confirm_first": Message(
        _("Confirm your account first: enter the code we sent, or send a new one."), is_error=True
    ),
    "reset_first": Message(
        _("Your password has to be changed before you can sign in. Send yourself a code."), is_error=True
    ),
    "sent_again": Message(_("A new code is on its way. Only the newest one works.")),
    "wait": Message(_("A code was just sent. Wait a moment before you send another."), is_error=True),
    "too_late": Message(_("That took too long. Sign in again."), is_error=True),
}


def find(key: str) -> Message | None:
    return NOTES.get(key)
