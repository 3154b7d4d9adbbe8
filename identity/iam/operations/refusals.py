"""What the verbs and the database refuse, in IAM's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction

from identity.core.errors import ServiceError
from identity.iam import policy
from identity.iam.errors import (
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    ValidationFailed,
)
from identity.iam.models.managed_policies import DOCUMENT_LIMIT
from identity.iam.policy.document import LIMITS

_DOCUMENTS: Final = ("document", "trust_policy")


@contextmanager
def worded(*, taken: str = "", full: str = "") -> Iterator[None]:
    """A transaction whose refusals leave as IAM's errors.

    ``taken`` is the text where the name is another's, ``full`` where a quota is used up. Uniqueness is the
    database's: of two at once one meets its constraint.
    """
    try:
        with transaction.atomic():
            yield
    except ValidationError as error:
        raise _as_service_error(error, taken, full) from error
    except IntegrityError as error:
        if not taken:
            raise
        raise EntityAlreadyExists(taken) from error


def require_free_name(name: str, reserved: str, *, taken: str) -> None:
    """Raise ``EntityAlreadyExists`` for a name that the product keeps for itself, whether it is in use yet or not."""
    if name.lower() == reserved.lower():
        raise EntityAlreadyExists(taken)


def require_size(document: str, limit: int, text: str) -> None:
    """Raise ``LimitExceeded`` for a document with more characters than that, white space aside."""
    if policy.size(document) > limit:
        raise LimitExceeded(text)


def require_trust_size(document: str) -> None:
    """Raise ``LimitExceeded`` for a trust policy that is too long."""
    limit = LIMITS["trust"]
    require_size(document, limit, f"Cannot exceed quota for ACLSizePerRole: {limit}")


def require_managed_size(document: str) -> None:
    """Raise ``LimitExceeded`` for a managed policy that is too long."""
    require_size(document, DOCUMENT_LIMIT, f"Cannot exceed quota for PolicySize: {DOCUMENT_LIMIT}")


def _as_service_error(error: ValidationError, taken: str, full: str) -> ServiceError:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, errors in by_field.items():
        for each in errors:
            words = " ".join(each.messages)
            if each.code == "limit":
                return LimitExceeded(full or words)
            if taken and (field == NON_FIELD_ERRORS or each.code == "unique"):
                return EntityAlreadyExists(taken)
            if field in _DOCUMENTS or not field:
                return MalformedPolicyDocument(words)
            return _of_field(field, words)
    raise TypeError("a ValidationError without errors")


def _of_field(field: str, words: str) -> ServiceError:
    if field == "name":
        return ValidationFailed(f"The specified value for the name is invalid. {words}")
    return InvalidInput(words)
