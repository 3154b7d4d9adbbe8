"""Changing a stored user's attributes: by the user or an administrator, with the codes that prove new addresses.

Source: cognito/user-pools §4, §6 and §8.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from identity.core import events as event_log
from identity.core import limits
from identity.userpools import attribute_values, attributes, codes, hourly, messages, standing, triggers
from identity.userpools.deliveries import Delivery, Target
from identity.userpools.errors import ExpiredCode, InvalidParameter, LimitExceeded, TooManyRequests
from identity.userpools.events import AttributesChanged, AttributeVerified
from identity.userpools.messages import Occasion
from identity.userpools.models import User, UserPoolClient, pool_settings

# A guard of ours: each change of an address sends a mail or SMS to an address of the caller's choosing.
CODES_BY_CHANGE_PER_HOUR = 20


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a change amounts to: written now, kept until proven, and where codes go."""

    now: dict[str, str] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)


def by_user(
    user: User, client: UserPoolClient, changes: Mapping[str, str], metadata: triggers.Metadata = None
) -> list[Delivery]:
    """Change one's own attributes; an empty value deletes. Commits, then sends codes; returns where they went.

    Raises NotAuthorized (not writable), InvalidParameter, AliasExists, TooManyRequests, the trigger errors.
    """
    attributes.require_writable(client, changes)
    return _change(user, client, changes, metadata)


def by_administrator(
    user: User, changes: Mapping[str, str], metadata: triggers.Metadata = None
) -> list[Delivery]:
    """The same for administrators, who may also say that an address is verified; then no code goes out."""
    return _change(user, None, attribute_values.tidied(changes), metadata)


def delete(user: User, names: Iterable[str], *, client: UserPoolClient | None) -> None:
    """Delete attributes; those the user lacks don't matter. ``client`` None is an administrator. Commits.

    Raises NotAuthorized, InvalidParameter (unknown, required, immutable).
    """
    changes = dict.fromkeys(names, "")
    if client is not None:
        attributes.require_writable(client, changes)
    attribute_values.check_changes(user.pool, user.attributes, changes)
    for name in attribute_values.VERIFIABLE:
        if name in changes:
            changes[f"{name}_verified"] = ""
    with transaction.atomic():
        _write(user, changes, {}, by_administrator=client is None)


def request_code(
    user: User, client: UserPoolClient, name: str, metadata: triggers.Metadata = None
) -> Delivery:
    """Send a code to one's e-mail or phone: the new value where one awaits proof, else the present one.

    Raises InvalidParameter, LimitExceeded, the trigger errors.
    """
    _require_verifiable(name)
    value = user.pending_attributes.get(name) or user.attributes.get(name)
    if not value:
        raise InvalidParameter(f"User does not have attribute {name}")
    hourly.count(hourly.Action.REQUEST_ATTRIBUTE_CODE, user)
    if hourly.is_flooded(user.pool, value):
        raise LimitExceeded()
    return messages.send_code(user, client, Occasion.VERIFY_ATTRIBUTE, Target(name, value), metadata)


def verify(user: User, name: str, code: str) -> None:
    """Prove an address by its code; a value that awaited proof takes its place now. Commits.

    A wrong code counts although the call fails. Raises InvalidParameter, LimitExceeded, CodeMismatch, ExpiredCode,
    AliasExists (the code stays good).
    """
    _require_verifiable(name)
    hourly.count(hourly.Action.VERIFY_ATTRIBUTE, user)
    proof = codes.attempt(user, codes.Purpose.ATTRIBUTE, code, attribute=name)
    if proof.destination not in (user.attributes.get(name), user.pending_attributes.get(name)):
        raise ExpiredCode(why="the address is no longer the user's")
    with transaction.atomic():
        standing.hold(user)
        codes.spend(proof)
        attributes.write(user, {name: proof.destination, f"{name}_verified": "true"})
        event_log.record(AttributeVerified(user.pool_id, str(user.sub), name))


def _require_verifiable(name: str) -> None:
    if name not in attribute_values.VERIFIABLE:
        raise InvalidParameter(f"Attribute {name} cannot be verified.")


def _change(
    user: User, client: UserPoolClient | None, changes: Mapping[str, str], metadata: triggers.Metadata
) -> list[Delivery]:
    attribute_values.check_changes(user.pool, user.attributes, changes)
    plan = _planned(user, changes)
    attribute_values.check_proofs({**user.attributes, **plan.now})
    if plan.targets:
        _count_codes(user)
    # Users only: an administrator floods nobody, and is not to be kept from correcting an address.
    if client is not None and any(hourly.is_flooded(user.pool, target.value) for target in plan.targets):
        raise TooManyRequests(why="too many codes to the address")
    return messages.with_deed(
        user.pool,
        lambda: _write(user, plan.now, plan.pending, by_administrator=client is None),
        lambda: [
            messages.send_code(user, client, Occasion.UPDATE_ATTRIBUTE, target, metadata)
            for target in plan.targets
        ],
    )


def _planned(user: User, changes: Mapping[str, str]) -> _Plan:
    plan = _Plan(now=dict(changes))
    for name in attribute_values.VERIFIABLE:
        if name in changes:
            _plan_address(plan, user, name, changes[name])
    return plan


def _plan_address(plan: _Plan, user: User, name: str, value: str) -> None:
    flag = f"{name}_verified"
    if not value:
        plan.now[flag] = ""
        return
    is_vouched_for = plan.now.get(flag) == "true"
    if is_vouched_for or value == user.attributes.get(name):
        return
    if name in pool_settings.auto_verified_attributes(user.pool):
        plan.targets.append(Target(name, value))
        if name in pool_settings.attributes_verified_before_update(user.pool) and user.attributes.get(name):
            plan.pending[name] = value
            del plan.now[name]
            plan.now.pop(flag, None)
            return
    plan.now[flag] = "false"


def _write(
    user: User, changes: Mapping[str, str], pending: Mapping[str, str], *, by_administrator: bool
) -> None:
    """In the caller's transaction."""
    names = tuple(sorted({*changes, *pending}))
    attributes.write(user, changes, pending=pending)
    event_log.record(AttributesChanged(user.pool_id, str(user.sub), names, by_administrator))


def _count_codes(user: User) -> None:
    key = f"userpools:codes_by_change:user:{user.pk}"
    try:
        limits.hit(key, limit=CODES_BY_CHANGE_PER_HOUR, window=hourly.HOUR)
    except limits.LimitReached as reached:
        raise TooManyRequests() from reached
