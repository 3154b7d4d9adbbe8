"""Rows that are held while they change, and what is said of those that aren't there."""

from typing import TypeVar

from django.db.models import Model

from identity.iam.errors import NoSuchEntity
from identity.iam.models import ManagedPolicy, Role, User

Holder = Role | User
"""What holds policies."""
Row = TypeVar("Row", bound=Model)


def hold(row: Row) -> Row:
    """The row as it is now, locked until the transaction ends: what is read with it, is written before others read it.

    Raises ``NoSuchEntity`` where it has been deleted meanwhile.
    """
    found = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if found is None:
        raise _gone(row)
    return found


def noun(holder: Holder) -> str:
    """What IAM's texts call it."""
    return "role" if isinstance(holder, Role) else "user"


def not_found(kind: str, name: str) -> NoSuchEntity:
    """The error for a role or user (``kind``) that isn't there."""
    return NoSuchEntity(f"The {kind} with name {name} cannot be found.")


def _gone(row: Model) -> NoSuchEntity:
    """As those who ask for a role, user or policy by its name or ARN are told; of a provider less is said."""
    if isinstance(row, Role | User):
        return not_found(noun(row), row.name)
    if isinstance(row, ManagedPolicy):
        return NoSuchEntity(f"Policy {row.arn} was not found.")
    return NoSuchEntity(f"{row} cannot be found.")
