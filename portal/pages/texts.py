"""What a person reads when a service refuses: one table from errors to plain words.

No text tells whether an account exists: the same words stand for an unknown name and a wrong password, for a
code that is wrong and one that was never sent. What isn't in the table is a fault of ours or of the operator's
configuration: the person gets a short reference, the log the cause.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from django.utils.translation import gettext_lazy as _

from identity.core import ids
from identity.core.errors import ServiceError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # what gettext_lazy gives; only the stubs have it

Text: TypeAlias = "str | _StrPromise"

log = logging.getLogger("identity.pages")

MISMATCH = _("That name and password don't match. Check the password, or reset it.")
BAD_CODE = _("That code doesn't fit or has expired. Check it, or send a new one.")
TOO_MANY = _("Too many tries. Wait a while, then try again.")
UNEXPECTED = _("Something went wrong on our side. Try again; if it stays, tell support the reference.")
NOT_SENT = _("The code couldn't be sent. Try again in a minute; if it stays, tell support the reference.")

_REFERENCE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


@dataclass(frozen=True, slots=True)
class Row:
    """``begins`` is how the service's message begins; ``field`` the form's field that the text belongs to."""

    code: str
    begins: str
    text: Text
    field: str = ""
    is_fault: bool = False


TABLE: tuple[Row, ...] = (
    # Signing in
    Row("NotAuthorizedException", "Incorrect username or password.", MISMATCH, "password"),
    Row("NotAuthorizedException", "User is disabled.", MISMATCH, "password"),
    Row("UserNotFoundException", "User does not exist.", MISMATCH, "password"),
    Row("NotAuthorizedException", "Password attempts exceeded", TOO_MANY, "password"),
    Row(
        "NotAuthorizedException",
        "Temporary password has expired",
        _("Your temporary password has expired. Ask your administrator for a new one."),
    ),
    Row("NotAuthorizedException", "Invalid session", _("That took too long. Sign in again.")),
    # Codes
    Row("CodeMismatchException", "", BAD_CODE, "code"),
    Row("ExpiredCodeException", "", BAD_CODE, "code"),
    Row("UserNotFoundException", "", BAD_CODE, "code"),
    Row("NotAuthorizedException", "User cannot be confirmed.", BAD_CODE, "code"),
    Row("NotAuthorizedException", "User password cannot be reset", BAD_CODE, "code"),
    Row("CodeDeliveryFailureException", "", NOT_SENT, is_fault=True),
    Row(
        "AliasExistsException",
        "",
        _("That email or phone belongs to another account. Sign in with it, or reset its password."),
    ),
    # Limits
    Row("LimitExceededException", "", TOO_MANY),
    Row("TooManyRequestsException", "", TOO_MANY),
    Row("TooManyFailedAttemptsException", "", TOO_MANY),
    # Signing up
    Row("UsernameExistsException", "", _("That name is taken. Choose another."), "username"),
    Row(
        "NotAuthorizedException",
        "SignUp is not permitted",
        _("Accounts are made by an administrator here. Ask for yours."),
    ),
    Row(
        "InvalidParameterException",
        "Username cannot be of email format",
        _("Choose a username that isn't an email address."),
        "username",
    ),
    Row(
        "InvalidParameterException",
        "Username cannot be of phone",
        _("Choose a username that isn't a phone number."),
        "username",
    ),
    Row("InvalidParameterException", "Username should be an email", _("Enter an email address."), "username"),
    Row("InvalidParameterException", "Username should be a phone", _("Enter a phone number."), "username"),
    Row(
        "InvalidParameterException",
        "Username should be either",
        _("Enter an email address or a phone number."),
        "username",
    ),
    Row(
        "InvalidParameterException",
        "Invalid email address format",
        _("Enter a whole address, like ada@example.com."),
        "email",
    ),
    Row(
        "InvalidParameterException",
        "Invalid phone number format",
        _("Enter the number with its country code, like +49 30 123456."),
        "phone_number",
    ),
    # Passwords
    Row("InvalidPasswordException", "Password did not conform with policy: Password not long",
        _("Make it longer: see the rules below."), "password"),
    Row("InvalidPasswordException", "Password did not conform with policy: Password must have lower",
        _("Add a lower-case letter."), "password"),
    Row("InvalidPasswordException", "Password did not conform with policy: Password must have upper",
        _("Add an upper-case letter."), "password"),
    Row("InvalidPasswordException", "Password did not conform with policy: Password must have num",
        _("Add a number."), "password"),
    Row("InvalidPasswordException", "Password did not conform with policy: Password must have sym",
        _("Add a symbol, like - or ?."), "password"),
    Row("InvalidPasswordException", "", _("That password isn't accepted. See the rules below."), "password"),
    Row("InvalidParameterException", "1 validation error detected: Value at 'password'",
        _("Use at most 256 characters, without a blank at the beginning or the end."), "password"),
    Row("PasswordHistoryPolicyViolationException", "",
        _("You used that password before. Choose a new one."), "password"),
    Row("NotAuthorizedException", "Contact administrator", _("Ask your administrator to reset the password.")),
)  # fmt: skip

_TRIGGER = "failed with error "
_SCHEMA = "Attributes did not conform to the schema: "


@dataclass(frozen=True, slots=True)
class Explained:
    """``field`` is "" for what concerns the whole page, ``reference`` "" for what support need not look up."""

    text: Text
    field: str = ""
    reference: str = ""


def explain(error: ServiceError) -> Explained:
    """The words for an error. Logs a fault under its reference."""
    if error.code == "UserLambdaValidationException" and _TRIGGER in error.message:
        # The operator's own trigger refused; its sentence is meant for the person.
        return Explained(error.message.partition(_TRIGGER)[2].removesuffix("."))
    if error.code == "InvalidParameterException" and error.message.startswith(_SCHEMA):
        name = error.message.removeprefix(_SCHEMA).partition(":")[0].strip()
        return Explained(_("That isn't accepted here. Check it."), name)
    for row in TABLE:
        if row.code == error.code and error.message.startswith(row.begins):
            return Explained(row.text, row.field, report(error) if row.is_fault else "")
    return Explained(UNEXPECTED, "", report(error))


def report(error: Exception) -> str:
    """Log a fault and return the reference it was logged under."""
    reference = new_reference()
    log.error("reference %s: %s", reference, error, exc_info=error)
    return reference


def new_reference() -> str:
    """Eight letters that are easily read out, in two groups."""
    letters = ids.letters(8, _REFERENCE_LETTERS)
    return f"{letters[:4]}-{letters[4:]}"
