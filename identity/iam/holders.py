"""What roles and IAM users hold alike: inline and managed policies, and a permissions boundary.

Whatever changes them holds the row of the role or user first, then that of the managed policy: limits can't be
passed by two at once, and what is being deleted can't get something attached.
"""

from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from identity.core import events
from identity.iam import rows
from identity.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from identity.iam.events import PermissionsChanged
from identity.iam.models import ManagedPolicy, Role, RolePolicy, UserPolicy
from identity.iam.rows import Holder, noun
from identity.iam.texts import Document, text

Inline = RolePolicy | UserPolicy

MOST_ATTACHED: Final = 10
"""Managed policies of one role or user. Source: IAM user guide, "IAM and STS quotas"."""


def find_policy(holder: Holder, name: str) -> Inline | None:
    """An inline policy by name. One query."""
    return _inline(holder).filter(name=name).first()


def get_policy(holder: Holder, name: str) -> Inline:
    """An inline policy by name. One query. Raises ``NoSuchEntity``."""
    found = find_policy(holder, name)
    if found is None:
        raise NoSuchEntity(f"The {noun(holder)} policy with name {name} cannot be found.")
    return found


def put_policy(holder: Holder, name: str, document: Document) -> Inline:
    """Add or replace an inline policy. Raises Django's ``ValidationError``."""
    with transaction.atomic():
        # The row lock keeps two writers from growing past the common limit together.
        rows.hold(holder)
        inline = find_policy(holder, name) or _new(holder, name)
        inline.document = text(document)
        inline.full_clean()
        inline.save()
        record(holder, "put", name)
    return inline


def delete_policy(holder: Holder, name: str) -> None:
    """Take an inline policy away. Raises ``NoSuchEntity``."""
    with transaction.atomic():
        rows.hold(holder)
        get_policy(holder, name).delete()
        record(holder, "deleted", name)


def attach(holder: Holder, managed: ManagedPolicy) -> None:
    """Attach a managed policy; attaching it again changes nothing. Raises ``LimitExceeded``, ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(holder)
        rows.hold(managed)
        if held.attached_policies.filter(pk=managed.pk).exists():
            return
        if held.attached_policies.count() >= MOST_ATTACHED:
            raise LimitExceeded(f"Cannot exceed quota for PoliciesPer{noun(holder).title()}: {MOST_ATTACHED}")
        held.attached_policies.add(managed)
        record(held, "attached", managed.arn)


def detach(holder: Holder, managed: ManagedPolicy) -> None:
    """Undo ``attach``. Raises ``NoSuchEntity`` where it isn't attached."""
    with transaction.atomic():
        held = rows.hold(holder)
        if not held.attached_policies.filter(pk=managed.pk).exists():
            raise NoSuchEntity(f"Policy {managed.arn} was not found.")
        held.attached_policies.remove(managed)
        record(held, "detached", managed.arn)


def set_boundary(holder: Holder, managed: ManagedPolicy | None) -> None:
    """Bound what the policies can allow, or (None) no longer. Raises ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(holder)
        held.permissions_boundary = None if managed is None else rows.hold(managed)
        held.save(update_fields=["permissions_boundary"])
        record(held, "bounded" if managed else "unbounded", managed.arn if managed else "")


def record(holder: Holder, change: str, policy: str) -> None:
    """Tell of changed rights, in the caller's transaction. ``change`` is one of the words of ``PermissionsChanged``."""
    events.record(PermissionsChanged(noun(holder), holder.name, change, policy))


def require_no_policies(held: Holder) -> None:
    """Raise ``DeleteConflict`` where policies are attached or inline. The row must be held."""
    if held.attached_policies.exists():
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if _inline(held).exists():
        raise DeleteConflict("Cannot delete entity, must delete policies first.")


def _inline(holder: Holder) -> "QuerySet[Any]":
    """Any: the rows of either kind."""
    return holder.inline_policies.all()


def _new(holder: Holder, name: str) -> Inline:
    if isinstance(holder, Role):
        return RolePolicy(role=holder, name=name)
    return UserPolicy(user=holder, name=name)
