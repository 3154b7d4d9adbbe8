"""SAML identity providers: made, found, given new metadata, deleted."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import QuerySet

from identity.core import arns, events
from identity.iam.events import SamlProviderCreated, SamlProviderDeleted, SamlProviderUpdated
from identity.iam.models import SamlProvider


def create(name: str, metadata: str, *, tags: Mapping[str, str] | None = None) -> SamlProvider:
    """Trust an identity provider by its metadata.

    Raises Django's ``ValidationError``, with the field at fault; of two that make one name at once the second gets
    ``IntegrityError``.
    """
    provider = SamlProvider(name=name, metadata=metadata, tags=dict(tags or {}))
    provider.full_clean()
    save(provider)
    return provider


def update(provider: SamlProvider, metadata: str) -> None:
    """Put new metadata in the place of the old: its keys alone count from now on. Raises ``ValidationError``."""
    provider.metadata = metadata
    provider.full_clean()
    save(provider)


def save(provider: SamlProvider) -> None:
    """Write a row that was checked (``full_clean``, which also reads the document)."""
    is_new = provider.pk is None
    happened = SamlProviderCreated if is_new else SamlProviderUpdated
    with transaction.atomic():
        provider.save(force_insert=is_new)
        events.record(happened(provider.name, provider.entity_id))


def delete(provider: SamlProvider) -> None:
    """Trust it no longer. Credentials already issued run out by themselves."""
    with transaction.atomic():
        name = provider.name
        provider.delete()
        events.record(SamlProviderDeleted(name))


def find(arn: str) -> SamlProvider | None:
    """The provider of exactly this ARN, without its document until that is asked for. One query."""
    name = _name_of(arn)
    if name is None:
        return None
    found = SamlProvider.objects.defer("metadata").filter(name=name).first()
    return found if found is not None and found.arn == arn else None


def find_all(wanted: Iterable[str]) -> dict[str, SamlProvider]:
    """The providers of these ARNs that exist, by ARN, without their documents. One query."""
    names = {name for name in map(_name_of, wanted) if name}
    found = SamlProvider.objects.defer("metadata").filter(name__in=names)
    by_arn = {provider.arn: provider for provider in found}
    return {arn: by_arn[arn] for arn in wanted if arn in by_arn}


def list_all() -> QuerySet[SamlProvider]:
    """All of them by name, without their documents."""
    return SamlProvider.objects.defer("metadata").order_by("name")


def _name_of(arn: str) -> str | None:
    """The name that an ARN of a SAML provider ends with."""
    try:
        resource = arns.parse(arn).resource
    except ValueError:
        return None
    kind, _, name = resource.partition("/")
    return name if kind == "saml-provider" and name.isprintable() and len(name) <= 128 else None
