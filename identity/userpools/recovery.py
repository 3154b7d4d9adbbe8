"""A forgotten password: a code is sent to a verified address, and sets a new one.

Source: cognito/user-pools §7 to §9, cognito/auth-flows §9.
"""

from django.db import transaction

from identity.core import events as event_log
from identity.core import limits, sealing
from identity.userpools import (
    accounts,
    aliases,
    codes,
    deliveries,
    hourly,
    messages,
    passwords,
    sign_outs,
    standing,
    triggers,
)
from identity.userpools.deliveries import Delivery, Target
from identity.userpools.errors import (
    CodeMismatch,
    ExpiredCode,
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    UserNotFound,
)
from identity.userpools.events import PasswordRecovered, PasswordResetDemanded
from identity.userpools.messages import Occasion
from identity.userpools.models import Code, User, UserPoolClient, pool_settings

Status = User.Status

_NO_ADDRESS = "Cannot reset password for the user as there is no registered/verified email or phone_number"
_NOT_RESETTABLE = (Status.FORCE_CHANGE_PASSWORD, Status.EXTERNAL_PROVIDER)
_WRONG_STATE = "User password cannot be reset in the current state."


def begin(client: UserPoolClient, name: str, metadata: triggers.Metadata = None) -> Delivery:
    """Send a code to the user's best verified address.

    Where the client hides existence, a user who is unknown, disabled or without a verified address is answered
    as if one had been sent; so is one whose address has had its share of codes. Raises NotAuthorized, UserNotFound, InvalidParameter, LimitExceeded, the trigger
    errors, CodeDeliveryFailure.
    """
    mechanisms = pool_settings.recovery_mechanisms(client.pool)
    if mechanisms == ("admin_only",):
        raise NotAuthorized("Contact administrator to reset password.")
    user = accounts.find(client.pool, name)
    if user is None or not user.is_enabled:
        return _begin_for_nobody(client, name, user)
    if user.status in _NOT_RESETTABLE:
        # Counted before it is said: a limit that never comes would tell the status.
        hourly.count(hourly.Action.FORGOT_PASSWORD, user)
        raise NotAuthorized(_WRONG_STATE)
    target = deliveries.for_recovery(user)
    if target is None:
        return _begin_for_nobody(client, name, user)
    hourly.count(hourly.Action.FORGOT_PASSWORD, user)
    if hourly.is_flooded(client.pool, target.value):
        return _as_if_sent(client, name, target.delivery)
    return messages.send_code(user, client, Occasion.FORGOT_PASSWORD, target, metadata)


def finish(
    client: UserPoolClient, name: str, code: str, new_password: str, metadata: triggers.Metadata = None
) -> User:
    """Set a new password by the code. Commits; then tells the post confirmation trigger.

    A wrong code counts although the call fails; an unfit password costs no try. Every sign-in of the user ends, in
    apps and browsers.
    Raises InvalidPassword, UserNotFound (or CodeMismatch, ExpiredCode where hidden), NotAuthorized, LimitExceeded,
    CodeMismatch, ExpiredCode, PasswordHistoryPolicyViolation, and the trigger errors, which undo nothing.
    """
    passwords.check_policy(client.pool, new_password)
    user = _get(client, name)
    hourly.count(hourly.Action.CONFIRM_FORGOT_PASSWORD, user)
    if user.status in _NOT_RESETTABLE:
        raise NotAuthorized(_WRONG_STATE)
    proof = _attempt(client, name, user, code)
    if user.attributes.get(proof.attribute) != proof.destination:
        raise ExpiredCode(why="the address is no longer the user's")
    passwords.check_history(user, new_password)
    prepared = passwords.prepare(user, new_password)
    with transaction.atomic():
        standing.hold(user)
        codes.spend(proof)
        passwords.store(user, prepared, status=Status.CONFIRMED)
        # Whoever recovers an account may have lost it to somebody who is still signed in.
        sign_outs.everywhere(user)
        event_log.record(PasswordRecovered(user.pool_id, str(user.sub)))
    triggers.post_confirmation(user, client, source="ConfirmForgotPassword", metadata=metadata)
    return user


def demand(user: User, metadata: triggers.Metadata = None) -> None:
    """An administrator's reset: the password is void, every sign-in ends, and a code goes out by which to set another.

    Commits before it sends. Raises NotAuthorized in a status that cannot be reset, InvalidParameter without a
    verified address, LimitExceeded, the trigger errors, CodeDeliveryFailure.
    """
    if user.status not in (Status.CONFIRMED, Status.RESET_REQUIRED):
        raise NotAuthorized(_WRONG_STATE)
    target = deliveries.for_recovery(user) or _any_verified(user)
    if target is None:
        raise InvalidParameter(_NO_ADDRESS)
    hourly.count(hourly.Action.DEMAND_PASSWORD, user)
    with transaction.atomic():
        User.objects.filter(pk=user.pk, status=Status.CONFIRMED).update(status=Status.RESET_REQUIRED)
        sign_outs.everywhere(user)
        event_log.record(PasswordResetDemanded(user.pool_id, str(user.sub)))
    user.status = Status.RESET_REQUIRED
    messages.send_code(user, None, Occasion.FORGOT_PASSWORD, target, metadata)


def _any_verified(user: User) -> Target | None:
    """A verified address whatever the pool offers its users: ``admin_only`` binds users, not administrators."""
    for attribute in ("email", "phone_number"):
        value = user.attributes.get(attribute)
        if value and user.attributes.get(f"{attribute}_verified") == "true":
            return Target(attribute, value)
    return None


def _get(client: UserPoolClient, name: str) -> User:
    user = accounts.find(client.pool, name)
    if user is not None and (user.is_enabled or not pool_settings.hides_existence(client)):
        accounts.require_enabled(user)
        return user
    if not pool_settings.hides_existence(client):
        raise UserNotFound(accounts.UNKNOWN_HERE)
    known_as = aliases.comparable(client.pool, name)
    hourly.count_unknown(hourly.Action.CONFIRM_FORGOT_PASSWORD, client.pool, known_as)
    if _was_answered(client, known_as):
        raise CodeMismatch(why="there is no such user")
    raise ExpiredCode(why="there is no such user, and none asked for a code")


def _attempt(client: UserPoolClient, name: str, user: User, code: str) -> Code:
    """A user who was answered like nobody is still answered like nobody."""
    try:
        return codes.attempt(user, codes.Purpose.FORGOT_PASSWORD, code)
    except ExpiredCode as expired:
        if _was_answered(client, aliases.comparable(client.pool, name)):
            raise CodeMismatch(why="no code had gone out") from expired
        raise


def _begin_for_nobody(client: UserPoolClient, name: str, user: User | None) -> Delivery:
    """Answer for a user who gets no code: openly, or as if one had gone out."""
    if not pool_settings.hides_existence(client):
        if user is None:
            raise UserNotFound(accounts.UNKNOWN_HERE)
        accounts.require_enabled(user)
        raise InvalidParameter(_NO_ADDRESS)
    known_as = aliases.comparable(client.pool, name)
    hourly.count_unknown(hourly.Action.FORGOT_PASSWORD, client.pool, known_as)
    hourly.is_flooded(client.pool, known_as)
    mechanisms = pool_settings.recovery_mechanisms(client.pool)
    preferred = tuple(each.removeprefix("verified_") for each in mechanisms if each != "admin_only")
    return _as_if_sent(client, name, deliveries.simulated(client.pool, known_as, preferred))


def _as_if_sent(client: UserPoolClient, name: str, delivery: Delivery) -> Delivery:
    """Send nothing; where the client hides existence, as slowly as a code, else by saying so."""
    if not pool_settings.hides_existence(client):
        raise LimitExceeded()
    lifetime = codes.LIFETIMES[codes.Purpose.FORGOT_PASSWORD]
    known_as = aliases.comparable(client.pool, name)
    limits.mark(_asked_key(client, known_as), lifetime=lifetime)
    messages.send_to_nobody(client.pool, Occasion.FORGOT_PASSWORD)
    return delivery


def _was_answered(client: UserPoolClient, known_as: str) -> bool:
    """Whether someone asked for a code in vain. Kept where codes are kept: it must last exactly as long as one."""
    return limits.is_marked(_asked_key(client, known_as))


def _asked_key(client: UserPoolClient, known_as: str) -> str:
    return f"userpools:asked:{sealing.fingerprint(f'{client.pool_id}:{known_as}')}"
