"""IAM users: made, found, renamed, deleted. Their policies are ``holders``' affair, their keys are ``keys``'."""

from collections.abc import Mapping

from django.db import transaction

from identity.core import events
from identity.iam import holders, rows
from identity.iam.errors import DeleteConflict
from identity.iam.events import UserCreated, UserDeleted, UserRenamed
from identity.iam.holders import attach, put_policy
from identity.iam.models import ManagedPolicy, User

__all__ = ["attach", "create", "delete_bare", "get", "put_policy", "rename"]


def create(
    name: str,
    *,
    path: str = "/",
    permissions_boundary: ManagedPolicy | None = None,
    tags: Mapping[str, str] | None = None,
) -> User:
    """Make a user, who may do nothing yet. Raises Django's ``ValidationError``."""
    user = User(name=name, path=path, permissions_boundary=permissions_boundary, tags=dict(tags or {}))
    user.full_clean()
    with transaction.atomic():
        user.save()
        events.record(UserCreated(user.name))
    return user


def get(name: str) -> User:
    """The user of this name, with their boundary. One query. Raises ``NoSuchEntity``."""
    found = User.objects.select_related("permissions_boundary").filter(name=name).first()
    if found is None:
        raise rows.not_found("user", name)
    return found


def rename(user: User, *, name: str | None = None, path: str | None = None) -> None:
    """Give another name or path, and with it another ARN; id, keys and policies stay.

    Raises Django's ``ValidationError``, ``NoSuchEntity``. Trust policies that name the old ARN don't follow: nobody gets in by them.
    """
    with transaction.atomic():
        held = rows.hold(user)
        before = held.arn
        held.name = held.name if name is None else name
        held.path = held.path if path is None else path
        held.full_clean()
        held.save(update_fields=["name", "path"])
        events.record(UserRenamed(before, held.arn))
    user.name, user.path = held.name, held.path


def delete_bare(user: User) -> None:
    """Delete a user who holds neither keys nor policies any more. Raises ``DeleteConflict``, ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(user)
        if user.access_keys.exists():
            raise DeleteConflict("Cannot delete entity, must delete access keys first.")
        holders.require_no_policies(held)
        held.delete()
        events.record(UserDeleted(user.name))
