"""Attribute values against a pool's schema: form, type, length, mutability. Pure; values are strings, as on the wire.

Source: Cognito developer guide, "Working with user attributes"; cognito/user-pools §4 and cognito/auth-flows §11.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from identity.userpools import schema
from identity.userpools.errors import InvalidParameter
from identity.userpools.models import UserPool

VERIFIABLE = ("email", "phone_number")
VERIFICATIONS = ("email_verified", "phone_number_verified")

_is_email_form = EmailValidator()
_E164 = re.compile(r"\+[1-9][0-9]{1,14}\Z", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?\Z", re.ASCII)


def is_email(text: str) -> bool:
    try:
        _is_email_form(text)
    except ValidationError:
        return False
    return True


def is_phone_number(text: str) -> bool:
    """E.164 with its ``+``, of a country that exists and a length that it uses.

    Not "valid" in the library's stricter sense, which knows only ranges already handed out and
    refuses the numbers reserved for examples.
    """
    if not _E164.match(text):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def is_storable(text: str) -> bool:
    """Whether every database can keep the text: no NUL (PostgreSQL) and no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def check_new(pool: UserPool, values: Mapping[str, str], *, require_all: bool) -> None:
    """Raises InvalidParameter where a new user's attributes don't fit the schema.

    ``require_all`` is for self-registration; an invited user is asked for what is missing at the first sign-in.
    """
    known = schema.by_name(pool.schema)
    problems = [
        f"{name}: The attribute is required\n"
        for name, attribute in known.items()
        if require_all and attribute["Required"] and name != "sub" and not values.get(name)
    ]
    for name, value in values.items():
        if name not in known or name == "sub":
            problems.append(f"{name}: Attribute does not exist in the schema.")
        elif value and (reason := _fault(known[name], value)):
            problems.append(f"{name}: {reason}")
    if problems:
        raise InvalidParameter(f"Attributes did not conform to the schema: {_joined(problems)}")
    _check_forms(values)


def check_changes(pool: UserPool, present: Mapping[str, str], changes: Mapping[str, str]) -> None:
    """Raises InvalidParameter where a user's attributes may not change so. An empty value deletes."""
    known = schema.by_name(pool.schema)
    for name, value in changes.items():
        attribute = known.get(name)
        if attribute is None:
            raise InvalidParameter(f"Type for attribute {{{name}}} could not be determined")
        if not attribute["Mutable"] and value != present.get(name, ""):
            raise InvalidParameter(
                f"user.{name}: Attribute cannot be updated. (changing an immutable attribute)"
            )
        if not value and attribute["Required"]:
            raise InvalidParameter(
                f"Attributes did not conform to the schema: {name}: The attribute is required\n"
            )
        if value and (reason := _fault(attribute, value)):
            raise InvalidParameter(f"user.{name}: {reason}")
    _check_forms(changes)


def check_proofs(values: Mapping[str, str]) -> None:
    """Raises InvalidParameter where an address would be verified that isn't there."""
    for name in VERIFIABLE:
        if values.get(f"{name}_verified") == "true" and not values.get(name):
            raise InvalidParameter(f"{name} is required to be verified.")


def tidied(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they are stored: truth in lower case."""
    return {name: value.lower() if name in VERIFICATIONS else value for name, value in values.items()}


def required_names(pool: UserPool) -> tuple[str, ...]:
    """What every user of the pool must have, ``sub`` aside."""
    return tuple(each["Name"] for each in pool.schema if each["Required"] and each["Name"] != "sub")


def _joined(problems: Iterable[str]) -> str:
    """Each problem on its own line; the one about a missing attribute brings its line end along."""
    listed = list(problems)
    return "\n".join(each.removesuffix("\n") for each in listed) + ("\n" if listed[-1].endswith("\n") else "")


def _check_forms(values: Mapping[str, str]) -> None:
    if (email := values.get("email")) and not is_email(email):
        raise InvalidParameter("Invalid email address format.")
    if (phone := values.get("phone_number")) and not is_phone_number(phone):
        raise InvalidParameter("Invalid phone number format.")


def _fault(attribute: Mapping[str, Any], value: str) -> str | None:
    """Why the value doesn't fit its attribute, or None."""
    if not is_storable(value):
        return "String contains characters that are not allowed."
    match attribute["AttributeDataType"]:
        case "Number":
            return _number_fault(attribute.get("NumberAttributeConstraints", {}), value)
        case "Boolean":
            return None if value.lower() in ("true", "false") else "Value must be either true or false."
        case "DateTime":
            return None if _is_moment(value) else "Value must be a date and time."
    return _text_fault(attribute, value)


def _text_fault(attribute: Mapping[str, Any], value: str) -> str | None:
    bounds = attribute.get("StringAttributeConstraints", {})
    longest = int(bounds.get("MaxLength") or schema.MAX_LENGTH)
    shortest = int(bounds.get("MinLength") or 0)
    if len(value) > longest:
        return f"String must be no longer than {longest} characters"
    if len(value) < shortest:
        return f"String must be no shorter than {shortest} characters"
    if attribute["Name"] == "birthdate" and not _DATE.match(value):
        return "Value must be a date in the form YYYY-MM-DD"
    return None


def _number_fault(bounds: Mapping[str, str], value: str) -> str | None:
    if not _NUMBER.match(value):
        return "Value must be a number."
    number = Decimal(value)
    if bounds.get("MinValue") and number < Decimal(bounds["MinValue"]):
        return f"Number must be no less than {bounds['MinValue']}"
    if bounds.get("MaxValue") and number > Decimal(bounds["MaxValue"]):
        return f"Number must be no greater than {bounds['MaxValue']}"
    return None


def _is_moment(value: str) -> bool:
    """ISO 8601, or seconds since 1970: both have been stored by clients."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        try:
            return Decimal(value).is_finite()
        except InvalidOperation:
            return False
    return True
