"""Groups of a pool and who is in them. Precedence 0 is best, none is worst. Source: cognito/user-pools §10."""

from typing import Any

from django.db import IntegrityError, transaction

from identity.core import clock, paging
from identity.userpools import listing, quotas, rows
from identity.userpools.errors import GroupExists, LimitExceeded, ResourceNotFound
from identity.userpools.models import Group, Membership, User, UserPool


def get(pool: UserPool, name: str) -> Group:
    """Raises ResourceNotFound."""
    group = Group.objects.select_related("pool").filter(pool=pool, name=name).first()
    if group is None:
        raise _unknown()
    return group


def create(
    pool: UserPool,
    name: str,
    *,
    description: str = "",
    role_arn: str = "",
    precedence: int | None = None,
) -> Group:
    """Raises GroupExists, LimitExceeded."""
    quotas.require_room(pool.groups.count(), quotas.GROUPS_PER_POOL, "groups")
    now = clock.now()
    group = Group(
        pool=pool,
        name=name,
        description=description,
        role_arn=role_arn,
        precedence=precedence,
        created_at=now,
        modified_at=now,
    )
    try:
        with transaction.atomic():
            group.save(force_insert=True)
    except IntegrityError as error:
        raise GroupExists from error
    return group


def update(
    group: Group,
    *,
    description: str | None = None,
    role_arn: str | None = None,
    precedence: int | None = None,
) -> Group:
    """Set what is not None; tokens show it from the next sign-in or refresh on."""
    changes: dict[str, Any] = {"description": description, "role_arn": role_arn, "precedence": precedence}
    given = {name: value for name, value in changes.items() if value is not None}
    for name, value in given.items():
        setattr(group, name, value)
    group.modified_at = clock.now()
    rows.write(group, *given, "modified_at", gone=_unknown())
    return group


def delete(group: Group) -> None:
    """Remove the group; its members stay, out of it."""
    group.delete()


def add(group: Group, user: User) -> None:
    """Put the user into the group; nothing happens where they are in it. Raises LimitExceeded."""
    if Membership.objects.filter(group=group, user=user).exists():
        return
    if user.memberships.count() >= quotas.GROUPS_PER_USER:
        raise LimitExceeded(f"A user can be in at most {quotas.GROUPS_PER_USER} groups.")
    try:
        with transaction.atomic():
            Membership.objects.get_or_create(group=group, user=user, defaults={"created_at": clock.now()})
    except IntegrityError as error:  # group or user was deleted meanwhile
        raise _unknown() from error


def remove(group: Group, user: User) -> None:
    """Take the user out of the group; nothing happens where they are not in it."""
    Membership.objects.filter(group=group, user=user).delete()


def of_user(user: User) -> list[Group]:
    """The user's groups, best first: by precedence, then by name. One query."""
    return list(Group.objects.filter(memberships__user=user).order_by("rank", "name"))


def listed(pool: UserPool, *, limit: int, token: str | None) -> paging.Page[Group]:
    """Groups of a pool by name."""
    return listing.page(
        Group.objects.filter(pool=pool),
        order=("name",),
        limit=limit,
        token=token,
        bound_to=f"groups:{pool.pk}",
    )


def listed_of_user(user: User, *, limit: int, token: str | None) -> paging.Page[Group]:
    """The user's groups, best first."""
    theirs = Group.objects.filter(memberships__user=user)
    bound_to = f"groups-of-user:{user.pk}"
    return listing.page(theirs, order=("rank", "name"), limit=limit, token=token, bound_to=bound_to)


def members(group: Group, *, limit: int, token: str | None) -> paging.Page[User]:
    """Users in the group, oldest first."""
    users = User.objects.filter(memberships__group=group)
    bound_to = f"users-in-group:{group.pk}"
    return listing.page(users, order=("created_at", "id"), limit=limit, token=token, bound_to=bound_to)


def _unknown() -> ResourceNotFound:
    return ResourceNotFound("Group not found.")
