"""The first step of a sign-in, by flow. Order: who, lockout, status, pre authentication trigger, credential."""

from identity.core import hashing
from identity.userpools import attribute_values, passwords
from identity.userpools.signin import subjects
from identity.userpools.signin.attempt import Attempt, Challenged, Proven, Subject
from identity.userpools.signin.challenges import password_verifier
from identity.userpools.signin.proceed import proceed


def by_password(attempt: Attempt, password: str) -> Challenged | Proven:
    """Sign in by a password in plain.

    Raises ``NotAuthorized``, ``UserNotFound``, ``UserNotConfirmed``, ``PasswordResetRequired`` and the trigger's
    errors. A wrong password counts towards the lockout although the call fails.
    """
    subject = subjects.find(attempt)
    seen = subjects.check_entry(attempt, subject)
    subjects.before_credential(attempt, subject)
    if not _is_right(subject, password) or subject.user is None:
        subjects.failed(attempt, subject, "wrong password" if subject.user else "no such user")
    subjects.passed(attempt, subject.user, seen)
    return proceed(attempt, subject.user)


def by_srp(attempt: Attempt, srp_a: str) -> Challenged:
    """Ask for the proof of a password that never travels. Raises as ``by_password``, and ``InvalidParameter``."""
    subject = subjects.find(attempt)
    subjects.check_entry(attempt, subject)
    subjects.before_credential(attempt, subject)
    return password_verifier.issue(attempt, subject, srp_a)


def _is_right(subject: Subject, password: str) -> bool:
    """Check the password, at the same cost for nobody and for text that no password can be."""
    if subject.user is None or not attribute_values.is_storable(password):
        hashing.burn("")
        return False
    return passwords.is_right(subject.user, password)
