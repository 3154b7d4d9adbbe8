"""Self-registration: sign up, confirm by code or link, send the code again.

Source: cognito/user-pools §6 to §8, cognito/auth-flows §9, cognito/triggers §2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from identity.core import events as event_log
from identity.userpools import (
    accounts,
    aliases,
    attribute_values,
    attributes,
    codes,
    deliveries,
    hourly,
    messages,
    passwords,
    triggers,
)
from identity.userpools.deliveries import Delivery
from identity.userpools.errors import (
    ExpiredCode,
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    UserNotFound,
)
from identity.userpools.events import UserConfirmed, UserSignedUp
from identity.userpools.messages import Occasion
from identity.userpools.models import User, UserPool, UserPoolClient, pool_settings

Status = User.Status


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """What a person gives to sign up. ``validation`` and ``metadata`` go to triggers and are not kept."""

    username: str
    password: str | None = field(repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    validation: triggers.Metadata = field(default=None, repr=False)
    metadata: triggers.Metadata = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedUp:
    """``delivery`` is None where no code was sent: the user is confirmed, or has nothing to verify."""

    user: User
    delivery: Delivery | None

    @property
    def is_confirmed(self) -> bool:
        return self.user.status == Status.CONFIRMED


def sign_up(client: UserPoolClient, form: SignUpForm) -> SignedUp:
    """Make a user. Commits; then sends, and tells the post confirmation trigger of a user confirmed at once.

    Raises NotAuthorized, InvalidParameter, InvalidPassword, LimitExceeded (too many codes to the address),
    UsernameExists, AliasExists, the trigger errors and CodeDeliveryFailure. Where a CustomMessage trigger fails, the user has been made: the code can be sent again.
    """
    if pool_settings.only_admins_create_users(client.pool):
        raise NotAuthorized("SignUp is not permitted for this user pool")
    user = _draft(client, form)
    verdict = triggers.pre_sign_up(
        user, client, source="SignUp", validation=form.validation, metadata=form.metadata
    )
    _apply(user, verdict)
    if form.password is not None:
        passwords.put(user, passwords.prepare(user, form.password))
    delivery = _store(user, client, verdict, form)
    if verdict.auto_confirm:
        triggers.post_confirmation(user, client, source="ConfirmSignUp", metadata=form.metadata)
    return SignedUp(user, delivery)


def _draft(client: UserPoolClient, form: SignUpForm) -> User:
    pool = client.pool
    _check_password(pool, form.password)
    attributes.require_writable(client, form.attributes)
    user = accounts.draft(pool, form.username, form.attributes, Status.UNCONFIRMED)
    attribute_values.check_new(pool, user.attributes, require_all=True)
    if "preferred_username" in pool_settings.alias_attributes(pool) and user.attributes.get(
        "preferred_username"
    ):
        raise InvalidParameter(
            "Preferred username cannot be provided for unconfirmed account, since user pool is configured for "
            "preferred username alias."
        )
    return user


def _check_password(pool: UserPool, password: str | None) -> None:
    """Only a pool that has a way to sign in without one lets the password out."""
    if password is not None:
        passwords.check_policy(pool, password)
    elif not pool_settings.lets_in_without_password(pool):
        raise InvalidParameter("Missing required parameter Password")


def _apply(user: User, verdict: triggers.PreSignUp) -> None:
    verified = {
        f"{name}_verified": "true" if name in verdict.auto_verify else "false"
        for name in attribute_values.VERIFIABLE
        if user.attributes.get(name)
    }
    user.attributes = {**user.attributes, **verified}
    if verdict.auto_confirm:
        user.status = Status.CONFIRMED


def _store(
    user: User, client: UserPoolClient, verdict: triggers.PreSignUp, form: SignUpForm
) -> Delivery | None:
    target = None if verdict.auto_confirm else deliveries.for_sign_up(user)
    # A taken name sends nothing, so it counts as no mail: the insert below refuses it in its own words.
    is_taken = target is not None and accounts.find(user.pool, form.username) is not None
    if target and not is_taken and hourly.is_flooded(user.pool, target.value):
        raise LimitExceeded()
    return messages.with_deed(
        user.pool,
        lambda: _insert(user, client, verdict),
        lambda: messages.send_code(user, client, Occasion.SIGN_UP, target, form.metadata) if target else None,
    )


def _insert(user: User, client: UserPoolClient, verdict: triggers.PreSignUp) -> None:
    accounts.insert(user, take_aliases=bool(verdict.auto_verify))
    event_log.record(UserSignedUp(user.pool_id, str(user.sub), client.pk))
    if verdict.auto_confirm:
        event_log.record(UserConfirmed(user.pool_id, str(user.sub), client.pk))


def confirm(
    client: UserPoolClient,
    name: str,
    code: str,
    *,
    take_alias: bool = False,
    metadata: triggers.Metadata = None,
) -> User:
    """Confirm a user by the code that was sent, typed or in the link. Commits; then tells the trigger.

    A wrong code counts although the call fails. ``take_alias`` moves the address here from an earlier owner.
    Raises UserNotFound (or ExpiredCode where hidden), NotAuthorized, LimitExceeded, CodeMismatch, ExpiredCode,
    AliasExists (the code stays good), and the trigger errors, which undo nothing.
    """
    user = accounts.get(client, name, hidden_as=ExpiredCode, counted_as=hourly.Action.CONFIRM_SIGN_UP)
    # Counted before the status is looked at: a limit that never comes would tell it.
    hourly.count(hourly.Action.CONFIRM_SIGN_UP, user)
    accounts.require_unconfirmed(user)
    proof = codes.attempt(user, codes.Purpose.SIGN_UP, code)
    with transaction.atomic():
        codes.spend(proof)
        accounts.confirm(user, proof=proof, client=client, take_aliases=take_alias)
    triggers.post_confirmation(user, client, source="ConfirmSignUp", metadata=metadata)
    return user


def confirm_as_admin(user: User, metadata: triggers.Metadata = None) -> None:
    """Confirm without a code; verifies nothing. Commits; then tells the trigger. Raises NotAuthorized."""
    accounts.require_unconfirmed(user)
    with transaction.atomic():
        accounts.confirm(user)
    triggers.post_confirmation(user, None, source="ConfirmSignUp", metadata=metadata)


def resend(client: UserPoolClient, name: str, metadata: triggers.Metadata = None) -> Delivery:
    """Send a new code, which replaces the former one.

    An unknown or disabled user is answered as if one had been sent, where the client hides existence; so is one
    whose address has had its share of codes.
    Raises UserNotFound, InvalidParameter, NotAuthorized, LimitExceeded, the trigger errors, CodeDeliveryFailure.
    """
    automatic = pool_settings.auto_verified_attributes(client.pool)
    if not automatic:
        raise InvalidParameter("Cannot resend codes. Auto verification not turned on.")
    user = accounts.find(client.pool, name)
    if user is None or not user.is_enabled:
        return _resend_to_nobody(client, name, user)
    # Counted before the status is looked at: a limit that never comes would tell it.
    hourly.count(hourly.Action.RESEND_CONFIRMATION, user)
    if user.status != Status.UNCONFIRMED:
        raise InvalidParameter("User is already confirmed.")
    target = deliveries.for_sign_up(user)
    if target is None:
        raise InvalidParameter("Cannot resend codes. Auto verification not turned on.")
    if hourly.is_flooded(client.pool, target.value):
        return _as_if_sent(client, target.delivery)
    return messages.send_code(user, client, Occasion.RESEND_CODE, target, metadata)


def _resend_to_nobody(client: UserPoolClient, name: str, user: User | None) -> Delivery:
    if not pool_settings.hides_existence(client):
        if user is None:
            raise UserNotFound(accounts.UNKNOWN_HERE)
        accounts.require_enabled(user)
    known_as = aliases.comparable(client.pool, name)
    hourly.count_unknown(hourly.Action.RESEND_CONFIRMATION, client.pool, known_as)
    hourly.is_flooded(client.pool, known_as)
    automatic = pool_settings.auto_verified_attributes(client.pool)
    preferred = tuple(each for each in ("phone_number", "email") if each in automatic)
    return _as_if_sent(client, deliveries.simulated(client.pool, known_as, preferred))


def _as_if_sent(client: UserPoolClient, delivery: Delivery) -> Delivery:
    """Send nothing; where the client hides existence, as slowly as a code, else by saying so."""
    if not pool_settings.hides_existence(client):
        raise LimitExceeded()
    messages.send_to_nobody(client.pool, Occasion.RESEND_CODE)
    return delivery
