"""Who a request comes from, as the host's views see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from identity.wire.callers import Caller

_IDENTITY_POOL = "cognito-identity.amazonaws.com"


@dataclass(frozen=True, slots=True)
class TokenUser:
    """``request.user`` of a request with a user pool's token. ``scopes`` are an access token's only."""

    sub: str
    username: str
    groups: tuple[str, ...]
    scopes: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False, hash=False)

    is_authenticated = True
    is_anonymous = False
    is_active = True

    @property
    def pk(self) -> str:
        """What DRF's throttles count by."""
        return self.sub

    def __str__(self) -> str:
        return self.username


@dataclass(frozen=True, slots=True)
class SignedCaller:
    """``request.user`` of a signed request: an IAM user, a role session, or an identity of an identity pool.

    ``region`` is the one that was signed for.
    """

    caller: Caller
    region: str

    is_authenticated = True
    is_anonymous = False
    is_active = True

    @property
    def pk(self) -> str:
        """What DRF's throttles count by: the identity where there is one, for many sessions may be one person's."""
        return self.identity_id or self.caller.user_id

    @property
    def arn(self) -> str:
        return self.caller.arn

    @property
    def account_id(self) -> str:
        return self.caller.account_id

    @property
    def identity_id(self) -> str | None:
        """The identity pool's identity that the credentials were given to; None for other principals."""
        return self._identity_pool_key("sub")

    @property
    def identity_pool_id(self) -> str | None:
        return self._identity_pool_key("aud")

    @property
    def is_guest(self) -> bool | None:
        """Whether the identity has no login; None for principals that are none of an identity pool."""
        methods = self.caller.context.get(f"{_IDENTITY_POOL}:amr")
        return None if methods is None else "authenticated" not in methods

    def _identity_pool_key(self, name: str) -> str | None:
        value: str | None = self.caller.context.get(f"{_IDENTITY_POOL}:{name}")
        return value

    def __str__(self) -> str:
        return self.arn


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """``request.identity``: the same whichever way a request proved itself.

    ``id`` names the person for good: the pool user's ``sub``, the identity's id, or an IAM principal's unique id.
    ``claims`` are a token's claims, or the condition keys that came with the credentials.
    """

    kind: Literal["token", "signature"]
    id: str
    name: str
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    issuer: str | None = None
    arn: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)


def of_token(user: TokenUser) -> RequestIdentity:
    """The uniform view of a token's user."""
    return RequestIdentity(
        "token",
        user.sub,
        user.username,
        user.groups,
        user.scopes,
        issuer=user.claims["iss"],
        claims=user.claims,
    )


def of_signature(user: SignedCaller) -> RequestIdentity:
    """The uniform view of a signed caller."""
    return RequestIdentity("signature", user.pk, user.arn, arn=user.arn, claims=user.caller.context)
