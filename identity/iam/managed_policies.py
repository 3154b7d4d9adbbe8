"""Managed policies: made, found, replaced."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from identity.core import arns, clock
from identity.iam.models import ManagedPolicy
from identity.iam.roles import Document, text

ADMINISTRATOR_ACCESS = "AdministratorAccess"
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def create(name: str, document: Document, *, path: str = "/", description: str = "") -> ManagedPolicy:
    """Make a managed policy. Raises Django's ``ValidationError``."""
    managed = ManagedPolicy(name=name, path=path, document=text(document), description=description)
    managed.full_clean()
    managed.save()
    return managed


def set_document(managed: ManagedPolicy, document: Document) -> None:
    """Replace the document and count its version up. Raises Django's ``ValidationError``."""
    managed.document = text(document)
    managed.full_clean()
    with transaction.atomic():
        ManagedPolicy.objects.filter(pk=managed.pk).update(
            document=managed.document, version=F("version") + 1, updated_at=clock.now()
        )
    managed.refresh_from_db()


def find_all(wanted: Iterable[str]) -> dict[str, ManagedPolicy]:
    """The managed policies of these ARNs that exist, by ARN. One query."""
    names = {arn: arn.rpartition("/")[2] for arn in wanted if _is_policy(arn)}
    found = ManagedPolicy.objects.filter(name__in=set(names.values())) if names else ()
    by_arn = {managed.arn: managed for managed in found}
    return {arn: by_arn[arn] for arn in names if arn in by_arn}


def _is_policy(text: str) -> bool:
    try:
        return arns.parse(text).resource.startswith("policy/")
    except ValueError:
        return False


def administrator_access() -> ManagedPolicy:
    """The policy that allows everything, made when first asked for."""
    managed, _ = ManagedPolicy.objects.get_or_create(
        name=ADMINISTRATOR_ACCESS,
        defaults={
            "document": text(EVERYTHING),
            "is_aws_managed": True,
            "description": "Provides full access to all services and resources.",
        },
    )
    return managed
