"""OpenID Connect providers: made and found by the issuer of a token."""

from collections.abc import Iterable

from identity.iam.models import OidcProvider


def create(url: str, client_ids: Iterable[str]) -> OidcProvider:
    """Trust an issuer for these audiences. Raises Django's ``ValidationError``."""
    provider = OidcProvider(url=url, client_ids=list(client_ids))
    provider.full_clean()
    provider.save()
    return provider


def find(issuer: str) -> OidcProvider | None:
    """The provider whose URL is this ``iss``; a trailing slash on either side makes no difference. One query."""
    if not issuer.isprintable():  # the claim of an unproven token: a NUL would break the query
        return None
    plain = issuer.rstrip("/")
    return OidcProvider.objects.filter(url__in=(plain, f"{plain}/")).first()
