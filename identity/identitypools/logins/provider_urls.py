"""Where social providers are asked: at their own addresses, or where ``PROVIDER_URLS`` says."""

from typing import NamedTuple

from identity.core.conf import settings
from identity.identitypools import providers
from identity.identitypools.errors import ExternalService

_THEIRS = {
    providers.GOOGLE: "https://www.googleapis.com",
    providers.APPLE: "https://appleid.apple.com",
    providers.FACEBOOK: "https://graph.facebook.com",
    providers.AMAZON: "https://api.amazon.com",
    providers.TWITTER: "https://api.twitter.com",
}


class Base(NamedTuple):
    """A base address without a slash at its end; ``is_own`` where the operator set it, so that it may be private."""

    url: str
    is_own: bool


def of(name: str) -> Base:
    """Raises ExternalService for a provider that has no address: Digits was shut down, and its name may be anybody's."""
    own = settings().provider_urls.get(name)
    if own:
        return Base(own.rstrip("/"), True)
    if name not in _THEIRS:
        raise ExternalService(why=f"{name} has no address; PROVIDER_URLS may name one")
    return Base(_THEIRS[name], False)
