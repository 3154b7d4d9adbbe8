"""API keys: who has one is nobody in particular."""

import hmac
from collections.abc import Sequence

from django.utils.module_loading import import_string

from identity.core import clock, ids
from identity.kit.graphql.errors import Refused
from identity.kit.graphql.modes import ApiKey, ApiKeys, AuthType, FindKey, hash_key
from identity.kit.graphql.principal import Principal

PREFIX = "da2-"


def new_key() -> str:
    """A key as AppSync's look: ``da2-`` and 26 of ``[a-z0-9]``, 134 bits of chance."""
    return PREFIX + ids.letters(26, ids.LOWER_ALNUM)


def check(mode: ApiKeys, text: str) -> Principal:
    """Raises Refused for a key that is unknown or over."""
    digest = hash_key(text)
    key = _listed(mode.keys, digest) or _found(mode, digest)
    if key is None:
        raise Refused(why="no such API key")
    if key.expires_at is not None and key.expires_at <= clock.now():
        raise Refused(why="the API key is over")
    return Principal(AuthType.API_KEY, None)


def _listed(keys: Sequence[ApiKey], digest: str) -> ApiKey | None:
    matching = [key for key in keys if hmac.compare_digest(key.sha256, digest)]
    return matching[0] if matching else None


def _found(mode: ApiKeys, digest: str) -> ApiKey | None:
    if mode.find is None:
        return None
    find: FindKey = import_string(mode.find) if isinstance(mode.find, str) else mode.find
    key = find(digest)
    return key if key is not None and hmac.compare_digest(key.sha256, digest) else None
