"""IAM users: made, given policies."""

from collections.abc import Mapping

from django.db import transaction

from identity.iam.models import ManagedPolicy, User, UserPolicy
from identity.iam.roles import Document, text


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
    user.save()
    return user


def put_policy(user: User, name: str, document: Document) -> UserPolicy:
    """Add or replace an inline policy. Raises Django's ``ValidationError``."""
    with transaction.atomic():
        # The row lock keeps two writers from growing past the common limit together.
        User.objects.select_for_update().get(pk=user.pk)
        inline = UserPolicy.objects.filter(user=user, name=name).first() or UserPolicy(user=user, name=name)
        inline.document = text(document)
        inline.full_clean()
        inline.save()
    return inline


def attach(user: User, managed: ManagedPolicy) -> None:
    """Attach a managed policy; attaching it again changes nothing."""
    user.attached_policies.add(managed)
