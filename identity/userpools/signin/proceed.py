"""What comes after a step was passed: the next challenge, or nothing more."""

from django.db import transaction

from identity.core.tickets import Ticket
from identity.userpools.errors import InvalidParameter
from identity.userpools.models import User, pool_settings
from identity.userpools.signin import states
from identity.userpools.signin.attempt import Attempt, Challenged, Proven
from identity.userpools.signin.challenges import new_password
from identity.userpools.signin.decide import Challenge, Mfa, Situation, next_step
from identity.userpools.tokens import Source


def proceed(
    attempt: Attempt, user: User, *, ticket: Ticket | None = None, source: Source = Source.SIGN_IN
) -> Challenged | Proven:
    """Ask the next challenge or declare the sign-in proven.

    ``ticket`` of the step just passed is spent here if a challenge follows, else with the session's row.
    """
    challenge = next_step(situation_of(user))
    if challenge is None:
        return Proven(attempt, user, source, ticket)
    challenged = _issue(challenge, attempt, user)
    if ticket:
        with transaction.atomic():
            states.spend(ticket)
    return challenged


def situation_of(user: User) -> Situation:
    """The facts of the decision. Nobody has an MFA factor yet, so MFA ON ends in a set-up that isn't built."""
    return Situation(
        must_change_password=user.status == User.Status.FORCE_CHANGE_PASSWORD,
        mfa=Mfa(pool_settings.mfa_configuration(user.pool)),
    )


def _issue(challenge: Challenge, attempt: Attempt, user: User) -> Challenged:
    if challenge is Challenge.NEW_PASSWORD_REQUIRED:
        return new_password.issue(attempt, user)
    raise InvalidParameter(f"The challenge {challenge} is not built yet.")
