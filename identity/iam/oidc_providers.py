"""OpenID Connect providers: made, changed, and found by ARN or by the issuer of a token."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import IntegrityError, transaction

from identity.core import arns, events
from identity.iam import rows
from identity.iam.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from identity.iam.events import OidcProviderCreated, OidcProviderDeleted, OidcProviderUpdated
from identity.iam.models import OidcProvider
from identity.iam.models.oidc_providers import name_of

_KIND = "oidc-provider/"


def create(
    url: str,
    client_ids: Iterable[str],
    *,
    thumbprints: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
) -> OidcProvider:
    """Trust an issuer for these audiences. Raises Django's ``ValidationError``, ``EntityAlreadyExists``.

    Addresses that differ in scheme or a last slash only have one ARN, so only one of them can be there.
    """
    provider = OidcProvider(
        url=url, client_ids=list(client_ids), thumbprints=list(thumbprints), tags=dict(tags or {})
    )
    provider.full_clean()
    try:
        save_new(provider)
    except IntegrityError as error:
        raise EntityAlreadyExists(f"Provider with url {url} already exists.") from error
    return provider


def save_new(provider: OidcProvider) -> None:
    """Write a provider that was checked. Raises ``IntegrityError`` where another has its ARN."""
    with transaction.atomic():
        provider.save(force_insert=True)
        events.record(OidcProviderCreated(provider.url))


def delete(provider: OidcProvider) -> None:
    """Trust an issuer no longer. Credentials already issued run out by themselves."""
    with transaction.atomic():
        if OidcProvider.objects.filter(pk=provider.pk).delete()[0]:
            events.record(OidcProviderDeleted(provider.url))


def get(arn: str) -> OidcProvider:
    """The provider of exactly this ARN. One query. Raises ``InvalidInput`` for another kind of ARN, ``NoSuchEntity``."""
    if _name_of(arn) is None:
        raise InvalidInput(f"Invalid ARN: {arn}")
    found = find_by_arn(arn)
    if found is None:
        raise NoSuchEntity(f"OpenIDConnect Provider not found for arn {arn}")
    return found


def find_by_arn(arn: str) -> OidcProvider | None:
    """The provider of exactly this ARN, however its address is spelt. One query."""
    name = _name_of(arn)
    if name is None:
        return None
    found = OidcProvider.objects.filter(name=name).first()
    return found if found is not None and found.arn == arn else None


def add_client_id(provider: OidcProvider, client_id: str) -> None:
    """Accept tokens for one more audience; one that is accepted already changes nothing.

    Raises Django's ``ValidationError``, ``NoSuchEntity``.
    """
    with transaction.atomic():
        held = rows.hold(provider)
        if client_id not in held.client_ids:
            held.client_ids = [*held.client_ids, client_id]
            held.full_clean()
            held.save(update_fields=["client_ids"])
            events.record(OidcProviderUpdated(held.url))


def remove_client_id(provider: OidcProvider, client_id: str) -> None:
    """Accept no more tokens for an audience. Raises ``NoSuchEntity`` for a provider that is gone."""
    with transaction.atomic():
        held = rows.hold(provider)
        if client_id in held.client_ids:
            held.client_ids = [one for one in held.client_ids if one != client_id]
            held.save(update_fields=["client_ids"])
            events.record(OidcProviderUpdated(held.url))


def set_thumbprints(provider: OidcProvider, thumbprints: Sequence[str]) -> None:
    """Replace the thumbprints. Raises Django's ``ValidationError``, ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(provider)
        held.thumbprints = list(thumbprints)
        held.full_clean()
        held.save(update_fields=["thumbprints"])


def find(issuer: str) -> OidcProvider | None:
    """The provider whose URL is this ``iss``; one last slash on either side makes no difference. One query."""
    if not issuer.isprintable():  # the claim of an unproven token: a NUL would break the query
        return None
    found = OidcProvider.objects.filter(name=name_of(issuer)).first()
    return found if found is not None and issuer in found.issuers else None


def _name_of(arn: str) -> str | None:
    """The host and path that an ARN of an OpenID Connect provider ends with."""
    try:
        resource = arns.parse(arn).resource
    except ValueError:
        return None
    return resource.removeprefix(_KIND) if resource.startswith(_KIND) else None
