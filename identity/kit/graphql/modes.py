"""The five modes of authorization, as an API is configured with them. Source: AppSync developer guide, "Authorization
and authentication".
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from django.core.exceptions import ImproperlyConfigured


class AuthType(StrEnum):
    """A mode by its name in AppSync's configuration."""

    USER_POOLS = "AMAZON_COGNITO_USER_POOLS"
    OIDC = "OPENID_CONNECT"
    IAM = "AWS_IAM"
    API_KEY = "API_KEY"
    LAMBDA = "AWS_LAMBDA"


@dataclass(frozen=True, slots=True)
class UserPools:
    """Access and ID tokens of user pools.

    ``issuers`` are pool ids of this installation or issuer addresses. ``client_id_pattern`` must match the whole id of the
    app client (``appIdClientRegex``); empty leaves all. ``default_action`` DENY closes every field that names no group;
    it is for APIs with no other mode. ``check_live`` also asks the pool whether the user is still there and signed in.
    """

    issuers: Sequence[str]
    client_id_pattern: str = ""
    default_action: Literal["ALLOW", "DENY"] = "ALLOW"
    check_live: bool = False

    auth_type = AuthType.USER_POOLS

    def __post_init__(self) -> None:
        if isinstance(self.issuers, str) or not self.issuers:
            raise ImproperlyConfigured("Name the user pools whose tokens are accepted, as a list.")
        require_pattern(self.client_id_pattern)


@dataclass(frozen=True, slots=True)
class OpenIdConnect:
    """Tokens of an OpenID provider, which must spell ``iss`` as ``issuer`` does.

    ``client_id_pattern`` must match ``aud`` or ``azp``. ``issued_ttl_ms`` and ``authenticated_ttl_ms`` are the longest
    time since ``iat`` and since ``auth_time``, in milliseconds; None sets no limit beside the token's own ``exp``.
    """

    issuer: str
    client_id_pattern: str = ""
    issued_ttl_ms: int | None = None
    authenticated_ttl_ms: int | None = None
    algorithms: tuple[str, ...] = ("RS256", "RS384", "RS512")

    auth_type = AuthType.OIDC

    def __post_init__(self) -> None:
        require_pattern(self.client_id_pattern)


@dataclass(frozen=True, slots=True)
class Iam:
    """Requests signed with an access key or temporary credentials; policies are asked for ``appsync:GraphQL``.

    Amplify signs for ``execute-api`` where it was given an address of one's own together with a region.
    """

    services: tuple[str, ...] = ("appsync", "execute-api")
    regions: tuple[str, ...] | None = None

    auth_type = AuthType.IAM


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it may be kept: the SHA-256 of its text in hex, and when it ends."""

    sha256: str
    expires_at: datetime | None = None

    @classmethod
    def of(cls, text: str, *, expires_at: datetime | None = None) -> "ApiKey":
        """The record of a key whose text is at hand."""
        return cls(hash_key(text), expires_at)


FindKey: TypeAlias = Callable[[str], ApiKey | None]


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Keys in ``x-api-key``: listed here, or found by a function (or its dotted path) that takes a key's SHA-256."""

    keys: Sequence[ApiKey] = field(default=(), repr=False)
    find: FindKey | str | None = None

    auth_type = AuthType.API_KEY


@dataclass(frozen=True, slots=True)
class LambdaAuthorizer:
    """A function decides by whatever token is in ``Authorization``.

    ``function`` is an ARN that ``IDENTITY["TRIGGERS"]`` resolves, or the dotted path of a Python function. Its answer counts
    for ``ttl_seconds`` unless it says otherwise; 0 asks every time. A token that ``token_pattern`` doesn't match is
    refused without asking.
    """

    function: str
    ttl_seconds: int = 300
    token_pattern: str = ""

    auth_type = AuthType.LAMBDA

    def __post_init__(self) -> None:
        require_pattern(self.token_pattern)
        if not 0 <= self.ttl_seconds <= LONGEST_TTL_SECONDS:
            raise ImproperlyConfigured(f"ttl_seconds is from 0 to {LONGEST_TTL_SECONDS}.")


Mode: TypeAlias = UserPools | OpenIdConnect | Iam | ApiKeys | LambdaAuthorizer

LONGEST_TTL_SECONDS = 3600


def hash_key(text: str) -> str:
    """What is kept of an API key. A plain digest will do: the 26 characters are random, nobody guesses them."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def require_pattern(pattern: str) -> None:
    """Raise ImproperlyConfigured for what is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ImproperlyConfigured(f"{pattern!r} is no regular expression: {error}") from error
