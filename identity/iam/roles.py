"""Roles: made, found, changed, deleted. Their policies are ``holders``' affair."""

from collections.abc import Mapping

from django.db import transaction

from identity.core import arns, events
from identity.core.prepared import PreparedQuery
from identity.iam import holders, rows, trusted
from identity.iam.events import RoleCreated, RoleDeleted, RoleTrustChanged, RoleUpdated
from identity.iam.holders import put_policy
from identity.iam.models import ManagedPolicy, Role
from identity.iam.models.roles import SHORTEST_SESSION
from identity.iam.texts import Document, text

__all__ = [
    "create",
    "delete_bare",
    "find",
    "get",
    "put_policy",
    "set_trust_policy",
    "update",
]


def create(
    name: str,
    trust_policy: Document,
    *,
    path: str = "/",
    max_session_duration: int = SHORTEST_SESSION,
    description: str = "",
    permissions_boundary: ManagedPolicy | None = None,
    tags: Mapping[str, str] | None = None,
) -> Role:
    """Make a role; ``max_session_duration`` in seconds. Raises Django's ``ValidationError``."""
    role = Role(
        name=name,
        path=path,
        trust_policy=text(trust_policy),
        max_session_duration=max_session_duration,
        description=description,
        permissions_boundary=permissions_boundary,
        tags=dict(tags or {}),
    )
    role.full_clean()
    role.trusted_ids = trusted.bind(role.trust_policy)
    with transaction.atomic():
        role.save()
        events.record(RoleCreated(role.name))
    return role


def get(name: str) -> Role:
    """The role of this name, with its boundary. One query. Raises ``NoSuchEntity``."""
    found = Role.objects.select_related("permissions_boundary").filter(name=name).first()
    if found is None:
        raise rows.not_found("role", name)
    return found


def find(arn: str) -> Role | None:
    """The role of exactly this ARN, path included. One query; none for what is no role's ARN."""
    try:
        resource = arns.parse(arn).resource
    except ValueError:
        return None
    if not resource.startswith("role/"):
        return None
    found = _BY_NAME.first(resource.rpartition("/")[2])
    return found[Role] if found is not None and found[Role].arn == arn else None


_BY_NAME = PreparedQuery(
    Role, lambda name: Role.objects.filter(name=name).order_by(), Role._meta.get_field("name")
)


def set_trust_policy(role: Role, document: Document) -> None:
    """Replace who may assume the role. Raises Django's ``ValidationError``, ``NoSuchEntity``."""
    role.trust_policy = text(document)
    role.full_clean()
    with transaction.atomic():
        rows.hold(role)
        role.trusted_ids = trusted.bind(role.trust_policy)
        role.save(update_fields=["trust_policy", "trusted_ids"])
        events.record(RoleTrustChanged(role.name))


def update(role: Role, *, description: str | None = None, max_session_duration: int | None = None) -> None:
    """Change what is given, the duration in seconds; the rest stays.

    Raises Django's ``ValidationError``, ``NoSuchEntity``.
    """
    given = {"description": description, "max_session_duration": max_session_duration}
    changed = {name: value for name, value in given.items() if value is not None}
    for name, value in changed.items():
        setattr(role, name, value)
    role.clean_fields()
    with transaction.atomic():
        rows.hold(role)
        role.save(update_fields=list(changed))
        if changed:
            events.record(RoleUpdated(role.name))


def delete_bare(role: Role) -> None:
    """Delete a role that holds no policies any more. Raises ``DeleteConflict`` while it does, ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(role)
        holders.require_no_policies(held)
        held.delete()
        events.record(RoleDeleted(role.name))
