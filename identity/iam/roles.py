"""Roles: made, found, given policies, deleted."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from identity.core import arns
from identity.core.prepared import PreparedQuery
from identity.iam import trusted
from identity.iam.models import ManagedPolicy, Role, RolePolicy
from identity.iam.models.roles import SHORTEST_SESSION

Document = str | Mapping[str, Any]


def text(document: Document) -> str:
    """A policy document as it is stored: text as given, anything else as JSON."""
    return document if isinstance(document, str) else json.dumps(document)


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
    role.save()
    return role


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
    """Replace who may assume the role. Raises Django's ``ValidationError``."""
    role.trust_policy = text(document)
    role.full_clean()
    role.trusted_ids = trusted.bind(role.trust_policy)
    role.save(update_fields=["trust_policy", "trusted_ids"])


def put_policy(role: Role, name: str, document: Document) -> RolePolicy:
    """Add or replace an inline policy. Raises Django's ``ValidationError``."""
    with transaction.atomic():
        # The row lock keeps two writers from growing past the common limit together.
        Role.objects.select_for_update().get(pk=role.pk)
        inline = RolePolicy.objects.filter(role=role, name=name).first() or RolePolicy(role=role, name=name)
        inline.document = text(document)
        inline.full_clean()
        inline.save()
    return inline


def attach(role: Role, managed: ManagedPolicy) -> None:
    """Attach a managed policy; attaching it again changes nothing."""
    role.attached_policies.add(managed)


def delete(role: Role) -> None:
    """Delete a role with its inline policies. Credentials issued for it stop working with the next request."""
    role.delete()
