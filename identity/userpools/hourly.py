"""What a user may do only so often in an hour. Counted in the database, committed on its own.

Source: cognito/user-pools §8. Where Cognito's limit moves with risk (5 to 20), one value is taken.
"""

from datetime import timedelta
from enum import StrEnum

from identity.core import limits, sealing
from identity.userpools.errors import LimitExceeded
from identity.userpools.models import User, UserPool

HOUR = timedelta(hours=1)


class Action(StrEnum):
    RESEND_CONFIRMATION = "resend_confirmation"
    CONFIRM_SIGN_UP = "confirm_sign_up"
    REQUEST_ATTRIBUTE_CODE = "request_attribute_code"
    VERIFY_ATTRIBUTE = "verify_attribute"
    FORGOT_PASSWORD = "forgot_password"
    CONFIRM_FORGOT_PASSWORD = "confirm_forgot_password"
    CHANGE_PASSWORD = "change_password"
    DEMAND_PASSWORD = "demand_password"


LIMITS = {
    Action.RESEND_CONFIRMATION: 5,
    Action.CONFIRM_SIGN_UP: 15,
    Action.REQUEST_ATTRIBUTE_CODE: 5,
    Action.VERIFY_ATTRIBUTE: 15,
    Action.FORGOT_PASSWORD: 5,
    Action.CONFIRM_FORGOT_PASSWORD: 15,
    Action.CHANGE_PASSWORD: 5,
    # An administrator's own: strangers who use up FORGOT_PASSWORD must not keep one from helping.
    Action.DEMAND_PASSWORD: 20,
}
# A guard of ours: by many names somebody's address could else be flooded.
CODES_TO_ONE_ADDRESS = 20


def count(action: Action, user: User) -> None:
    """Count one more. Never inside a transaction, whose failure would undo it. Raises LimitExceeded."""
    _hit(action, f"user:{user.pk}")


def count_unknown(action: Action, pool: UserPool, name: str) -> None:
    """The same for a name nobody has, so that a limit that never comes doesn't tell it. ``name`` as compared."""
    _hit(action, f"name:{sealing.fingerprint(f'{pool.pk}:{name}')}")


def is_flooded(pool: UserPool, address: str) -> bool:
    """Count one more code to an address, whomever it is for; True where it has had its share. As ``count``."""
    key = f"userpools:codes_to:{sealing.fingerprint(f'{pool.pk}:{address.lower()}')}"
    try:
        limits.hit(key, limit=CODES_TO_ONE_ADDRESS, window=HOUR)
    except limits.LimitReached:
        return True
    return False


def _hit(action: Action, subject: str) -> None:
    try:
        limits.hit(f"userpools:{action}:{subject}", limit=LIMITS[action], window=HOUR)
    except limits.LimitReached as reached:
        raise LimitExceeded() from reached
