"""What a sign-in must show next. Pure: one function, the decision table of Cognito's MFA rules."""

from dataclasses import dataclass
from enum import StrEnum


class Challenge(StrEnum):
    """Challenges by their wire names."""

    PASSWORD_VERIFIER = "PASSWORD_VERIFIER"
    NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
    SMS_MFA = "SMS_MFA"
    EMAIL_OTP = "EMAIL_OTP"
    SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"
    SELECT_MFA_TYPE = "SELECT_MFA_TYPE"
    MFA_SETUP = "MFA_SETUP"


class Mfa(StrEnum):
    """The pool's ``MfaConfiguration``."""

    OFF = "OFF"
    OPTIONAL = "OPTIONAL"
    ON = "ON"


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides, once the first factor succeeded.

    ``mfa_usable`` are the factors that this user can answer: enabled in the pool, and for OPTIONAL
    activated by the user. ``is_passwordless``: the first factor was a code or a passkey.
    """

    must_change_password: bool = False
    mfa: Mfa = Mfa.OFF
    mfa_usable: tuple[Challenge, ...] = ()
    mfa_preferred: Challenge | None = None
    mfa_proven: bool = False
    is_passwordless: bool = False
    is_device_remembered: bool = False


def next_step(situation: Situation) -> Challenge | None:
    """The challenge to ask now, or None when tokens are due.

    Source: Cognito developer guide, "Adding MFA to a user pool" and "Authentication flows".
    """
    match situation:
        case Situation(must_change_password=True):
            return Challenge.NEW_PASSWORD_REQUIRED
        case (
            Situation(mfa=Mfa.OFF)
            | Situation(mfa_proven=True)
            | Situation(is_passwordless=True)
            | Situation(is_device_remembered=True)
        ):
            return None
        case Situation(mfa=Mfa.ON, mfa_usable=()):
            return Challenge.MFA_SETUP
        case Situation(mfa_usable=()):
            return None
        case Situation(mfa_usable=(only,)):
            return only
        case Situation(mfa_preferred=preferred) if preferred in situation.mfa_usable:
            return preferred
    return Challenge.SELECT_MFA_TYPE
