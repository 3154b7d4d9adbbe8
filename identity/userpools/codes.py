"""One-time codes: made, tried, spent. Kept as a keyed hash; the latest of a purpose is the only good one.

Source: cognito/user-pools §8.
"""

import hmac
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from identity.core import clock, housekeeping, sealing
from identity.userpools.deliveries import Target
from identity.userpools.errors import CodeMismatch, ExpiredCode
from identity.userpools.models import Code, User

Purpose = Code.Purpose
LIFETIMES = {
    Purpose.SIGN_UP: timedelta(hours=24),
    Purpose.ATTRIBUTE: timedelta(hours=24),
    Purpose.FORGOT_PASSWORD: timedelta(hours=1),
}

# For an operator who is asked why a code did not work.
KEPT_AFTER_END = timedelta(days=1)


def replace(user: User, purpose: Code.Purpose, target: Target, text: str) -> None:
    """Make ``text`` the user's good code of that purpose (and attribute). In the caller's transaction."""
    now = clock.now()
    fields = {
        "attribute": target.attribute,
        "destination": target.value,
        "code_hash": _hashed(user, purpose, text),
        "attempts": 0,
        "created_at": now,
        "expires_at": now + LIFETIMES[purpose],
        "spent_at": None,
    }
    rows = _rows(user, purpose, target.attribute)
    if rows.update(**fields):
        return
    try:
        with transaction.atomic():
            Code.objects.create(user=user, purpose=purpose, **fields)
    except IntegrityError:  # another request made the row between the two statements
        rows.update(**fields)


def attempt(user: User, purpose: Code.Purpose, text: str, *, attribute: str = "") -> Code:
    """Try a code: the try is counted, and committed, whatever comes of it. Never inside a transaction.

    ``attribute`` is asked for attribute codes. Raises ExpiredCode where none is good, CodeMismatch.
    """
    good = _rows(user, purpose, attribute).filter(spent_at=None, expires_at__gt=clock.now())
    if not good.update(attempts=F("attempts") + 1):
        raise ExpiredCode()
    code = good.first()
    if code is None:
        raise ExpiredCode()
    if not hmac.compare_digest(code.code_hash, _hashed(user, purpose, text)):
        raise CodeMismatch()
    return code


def spend(code: Code) -> None:
    """Use the code up; of racing calls one wins. In the transaction of the deed. Raises ExpiredCode."""
    spent = Code.objects.filter(pk=code.pk, code_hash=code.code_hash, spent_at=None)
    if not spent.update(spent_at=clock.now()):
        raise ExpiredCode(why="the code was spent or replaced meanwhile")


def purge() -> None:
    """Delete codes that nobody can use any more."""
    housekeeping.delete_in_batches(Code.objects.filter(expires_at__lt=clock.now() - KEPT_AFTER_END))


def _rows(user: User, purpose: Code.Purpose, attribute: str) -> QuerySet[Code]:
    rows = Code.objects.filter(user=user, purpose=purpose)
    return rows.filter(attribute=attribute) if purpose == Purpose.ATTRIBUTE else rows


def _hashed(user: User, purpose: Code.Purpose, text: str) -> str:
    # What isn't ASCII is no code of ours, and half a surrogate pair could not be hashed.
    return sealing.fingerprint(f"userpools:code:{user.pk}:{purpose}:{text if text.isascii() else ''}")
