"""Users made by administrators: invited with a temporary password, and invited again.

Source: cognito/user-pools §7, cognito/triggers §2 to §4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from identity.core import events as event_log
from identity.core import ids
from identity.userpools import accounts, attribute_values, messages, passwords, triggers
from identity.userpools.deliveries import Target
from identity.userpools.errors import InvalidParameter, UnsupportedUserState, UsernameExists
from identity.userpools.events import UserInvited
from identity.userpools.messages import Letter, Message, Occasion
from identity.userpools.models import User, UserPool, pool_settings

Status = User.Status
# The text of a missing address, as the service words it for mail.
_MISSING = {
    "EMAIL": ("email", "No email provided but desired delivery medium was Email"),
    "SMS": ("phone_number", "No phone number provided but desired delivery medium was SMS"),
}


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an administrator gives. ``mediums`` empty sends nothing; ``password`` None lets one be made."""

    username: str
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    password: str | None = field(default=None, repr=False)
    mediums: tuple[str, ...] = ("SMS",)
    take_aliases: bool = False
    validation: triggers.Metadata = field(default=None, repr=False)
    metadata: triggers.Metadata = field(default=None, repr=False)


def create(pool: UserPool, invitation: Invitation) -> User:
    """Make a user who has to change a temporary password, and send it. Commits.

    In a pool that lets users in without one, a user without a password given gets none and is confirmed.
    Raises InvalidParameter, InvalidPassword, UsernameExists, AliasExists, the trigger errors.
    """
    user = accounts.draft(pool, invitation.username, invitation.attributes, Status.FORCE_CHANGE_PASSWORD)
    user.attributes = attribute_values.tidied(user.attributes)
    attribute_values.check_new(pool, user.attributes, require_all=False)
    attribute_values.check_proofs(user.attributes)
    password = _password(pool, invitation)
    targets = _targets(user, invitation.mediums) if password is not None else []
    _ask(user, invitation)
    if password is None:
        user.status = Status.CONFIRMED
    else:
        passwords.put(user, passwords.prepare(user, password), expires_at=passwords.temporary_until(pool))
    _store(user, invitation, password, targets)
    return user


def resend(user: User, invitation: Invitation) -> User:
    """Set a new temporary password, given or made, whose time starts again, and send it. Commits.

    Raises UnsupportedUserState, InvalidParameter, InvalidPassword, the trigger errors.
    """
    refusal = f"Resend not possible. {invitation.username} status is not FORCE_CHANGE_PASSWORD"
    if user.status != Status.FORCE_CHANGE_PASSWORD:
        raise UnsupportedUserState(refusal)
    password = invitation.password or _made(user.pool)
    passwords.check_policy(user.pool, password)
    targets = _targets(user, invitation.mediums)
    _ask(user, invitation)
    prepared = passwords.prepare(user, password)
    letters = _letters(user, targets, password, invitation.metadata)
    with transaction.atomic():
        # Meanwhile the user may have come by the former one and chosen a password.
        invited = User.objects.select_for_update().filter(pk=user.pk, status=Status.FORCE_CHANGE_PASSWORD)
        if invited.first() is None:
            raise UnsupportedUserState(refusal)
        passwords.store(user, prepared, expires_at=passwords.temporary_until(user.pool))
        event_log.record(UserInvited(user.pool_id, str(user.sub), again=True))
        for letter in letters:
            messages.send(letter)
    return user


def _password(pool: UserPool, invitation: Invitation) -> str | None:
    if invitation.password is not None:
        passwords.check_policy(pool, invitation.password)
        return invitation.password
    if pool_settings.lets_in_without_password(pool):
        return None
    return _made(pool)


def _made(pool: UserPool) -> str:
    return ids.password(pool_settings.password_policy(pool).minimum_length)


def _targets(user: User, mediums: tuple[str, ...]) -> list[Target]:
    """An address for each medium asked for, whether verified or not. Raises InvalidParameter for a missing one."""
    targets = []
    for medium in dict.fromkeys(mediums):
        attribute, text = _MISSING[medium]
        if not user.attributes.get(attribute):
            raise InvalidParameter(text)
        targets.append(Target(attribute, user.attributes[attribute]))
    return targets


def _ask(user: User, invitation: Invitation) -> None:
    """The pre sign-up trigger may refuse, or verify addresses; confirming is not its matter here."""
    verdict = triggers.pre_sign_up(
        user,
        None,
        source="AdminCreateUser",
        validation=invitation.validation,
        metadata=invitation.metadata,
    )
    if user.pk is None:
        user.attributes |= {f"{name}_verified": "true" for name in verdict.auto_verify}


def _store(user: User, invitation: Invitation, password: str | None, targets: list[Target]) -> None:
    messages.with_deed(
        user.pool,
        lambda: _insert(user, take_aliases=invitation.take_aliases),
        lambda: _send(user, targets, password, invitation.metadata),
    )


def _insert(user: User, *, take_aliases: bool) -> None:
    try:
        accounts.insert(user, take_aliases=take_aliases)
    except UsernameExists as clash:
        if clash.message != UsernameExists.message:
            raise
        raise UsernameExists("User account already exists") from clash
    event_log.record(UserInvited(user.pool_id, str(user.sub)))


def _send(user: User, targets: list[Target], password: str | None, metadata: triggers.Metadata) -> None:
    letters = _letters(user, targets, password or "", metadata)
    with transaction.atomic():
        for letter in letters:
            messages.send(letter)


def _letters(user: User, targets: list[Target], password: str, metadata: triggers.Metadata) -> list[Message]:
    return [
        messages.compose(Letter(user, None, Occasion.INVITATION, target, password, metadata))
        for target in targets
    ]
