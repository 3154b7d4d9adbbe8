"""Users as accounts: found by any sign-in name, made, confirmed, enabled, disabled, deleted."""

from collections.abc import Mapping
from typing import NoReturn
from uuid import UUID

from django.db import IntegrityError, transaction

from identity.core import clock, ids
from identity.core import events as event_log
from identity.core.errors import ServiceError
from identity.userpools import aliases, attributes, hourly
from identity.userpools.errors import (
    InvalidParameter,
    NotAuthorized,
    UsernameExists,
    UserNotFound,
)
from identity.userpools.events import UserConfirmed, UserDeleted, UserDisabled, UserEnabled
from identity.userpools.models import Code, User, UserPool, UserPoolClient, pool_settings

Status = User.Status

UNKNOWN_HERE = "Username/client id combination not found."


def find(pool: UserPool, name: str) -> User | None:
    """The user by username, alias, or whatever else the pool signs in by. One query; ``pool`` is set on it."""
    return aliases.find_owner(pool, name)


def get(
    client: UserPoolClient,
    name: str,
    *,
    hidden_as: type[ServiceError],
    counted_as: hourly.Action | None = None,
) -> User:
    """The user by any sign-in name, for an operation that anyone may call; never a disabled one.

    Raises UserNotFound and NotAuthorized, or ``hidden_as`` where the client hides existence. ``counted_as`` is the
    limit that a user would be held to, which must then not tell the names apart. Source: cognito/auth-flows §9.
    """
    user, is_hidden = find(client.pool, name), pool_settings.hides_existence(client)
    if user is not None and (user.is_enabled or not is_hidden):
        require_enabled(user)
        return user
    if not is_hidden:
        raise UserNotFound(UNKNOWN_HERE)
    if counted_as is not None:
        hourly.count_unknown(counted_as, client.pool, aliases.comparable(client.pool, name))
    raise hidden_as(why="there is no such user, or a disabled one")


def get_as_admin(pool: UserPool, name: str) -> User:
    """The user by any sign-in name, for an administrator, who is always told. Raises UserNotFound."""
    user = find(pool, name)
    if user is None:
        raise UserNotFound()
    return user


def require_unconfirmed(user: User) -> None:
    if user.status != Status.UNCONFIRMED:
        raise NotAuthorized(f"User cannot be confirmed. Current status is {user.status}")


def require_enabled(user: User) -> None:
    if not user.is_enabled:
        raise NotAuthorized("User is disabled.")


def draft(pool: UserPool, name: str, values: Mapping[str, str], status: User.Status) -> User:
    """A new user, not stored yet. Raises InvalidParameter for a name that the pool doesn't take.

    Where the pool names its users by an attribute, ``name`` becomes that attribute, and the username the ``sub``.
    """
    aliases.check_username(pool, name)
    sub = ids.user_sub()
    naming = aliases.attribute_naming(pool, name)
    now = clock.now()
    return User(
        pool=pool,
        sub=UUID(sub),
        username=sub if naming else aliases.folded(pool, name),
        status=status,
        attributes={key: value for key, value in _named(pool, naming, name, values).items() if value},
        created_at=now,
        modified_at=now,
    )


def _named(pool: UserPool, naming: str | None, name: str, values: Mapping[str, str]) -> dict[str, str]:
    if naming is None:
        return dict(values)
    given = values.get(naming) or name
    if aliases.comparable(pool, given) != aliases.comparable(pool, name):
        raise InvalidParameter(f"The username and the attribute {naming} must be equal.")
    return {**values, naming: given}


def insert(user: User, *, take_aliases: bool = False) -> None:
    """Store a drafted user with its sign-in names. In the caller's transaction, which a refusal must undo.

    Raises UsernameExists; AliasExists where a verified address is another's alias and isn't taken over.
    """
    attributes.fill_columns(user)
    try:
        user.save(force_insert=True)
    except IntegrityError as clash:
        raise UsernameExists() from clash
    try:
        aliases.claim(user, take=take_aliases)
    except aliases.NameTaken as taken:
        raise _clash(user, taken) from taken


def _clash(user: User, taken: aliases.NameTaken) -> ServiceError:
    if taken.kind == aliases.Kind.USERNAME:
        return UsernameExists()
    if taken.kind.value in pool_settings.username_attributes(user.pool):
        return UsernameExists(f"An account with the given {taken.kind.value} already exists.")
    return taken.as_alias_error()


def confirm(
    user: User, *, proof: Code | None = None, client: UserPoolClient | None = None, take_aliases: bool = False
) -> None:
    """UNCONFIRMED becomes CONFIRMED. In the caller's transaction.

    ``proof`` verifies the address that its code went to, if it is the user's still. Of racing calls one wins; the
    others raise NotAuthorized. Raises AliasExists where the address is another's alias and isn't taken over.
    """
    moved = User.objects.filter(pk=user.pk, status=Status.UNCONFIRMED).update(status=Status.CONFIRMED)
    if not moved:
        _refuse_to_confirm(user)
    verified = {}
    if proof is not None and user.attributes.get(proof.attribute) == proof.destination:
        verified[f"{proof.attribute}_verified"] = "true"
    attributes.write(user, verified, take_aliases=take_aliases)
    event_log.record(UserConfirmed(user.pool_id, str(user.sub), client.pk if client else ""))


def _refuse_to_confirm(user: User) -> NoReturn:
    status = User.objects.filter(pk=user.pk).values_list("status", flat=True).first()
    if status is None:
        raise UserNotFound(why="deleted meanwhile")
    raise NotAuthorized(f"User cannot be confirmed. Current status is {status}")


def enable(user: User) -> None:
    """Let the user sign in again; tokens revoked by disabling stay so. Commits."""
    with transaction.atomic():
        if _switch(user, to=True):
            event_log.record(UserEnabled(user.pool_id, str(user.sub)))


def disable(user: User) -> None:
    """Refuse the user every sign-in. In the caller's transaction, which also revokes the sessions."""
    if _switch(user, to=False):
        event_log.record(UserDisabled(user.pool_id, str(user.sub)))


def _switch(user: User, *, to: bool) -> bool:
    """Whether the state changed; the moment of change is kept only then."""
    changed = User.objects.filter(pk=user.pk, is_enabled=not to).update(
        is_enabled=to, modified_at=clock.now()
    )
    user.is_enabled = to
    return bool(changed)


def delete(user: User, *, by_administrator: bool) -> None:
    """Delete the user with names, codes, sessions and memberships. Commits."""
    with transaction.atomic():
        event_log.record(UserDeleted(user.pool_id, str(user.sub), by_administrator))
        user.delete()
