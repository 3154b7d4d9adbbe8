"""Who a request comes from, as the host's views see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from identity.wire.callers import Caller

_IDENTITY_POOL = "cognito-identity.amazonaws.com"
_FROM_USER_POOL = ":CognitoSignIn:"
_TAG = "aws:PrincipalTag/"


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
    def methods(self) -> tuple[str, ...]:
        """The identity's ``amr``: its state, then providers and users; none for other principals."""
        methods = self.caller.context.get(f"{_IDENTITY_POOL}:amr", ())
        return (methods,) if isinstance(methods, str) else tuple(methods)

    @property
    def is_guest(self) -> bool | None:
        """Whether the identity has no login; None for principals that are none of an identity pool."""
        return "authenticated" not in self.methods if self.methods else None

    @property
    def provider(self) -> str | None:
        """Who proved the identity: the first login's provider, as the identity pool names it; None for guests."""
        return self.methods[1] if len(self.methods) > 1 else None

    @property
    def sub(self) -> str | None:
        """The user's ``sub`` in the user pool that the identity signed in with; None for other logins and principals.

        Source: the ``amr`` of an identity: the provider, and beside it ``<provider>:CognitoSignIn:<sub>``.
        """
        for method in self.methods:
            # Other providers' entries end in a name that somebody may have chosen to read like this.
            provider, found, sub = method.partition(_FROM_USER_POOL)
            if found and provider in self.methods:
                return sub
        return None

    @property
    def principal_tags(self) -> Mapping[str, str]:
        """The role's and the session's tags, which policies know as ``aws:PrincipalTag/<name>``."""
        return {
            name.removeprefix(_TAG): str(value)
            for name, value in self.caller.context.items()
            if name.startswith(_TAG)
        }

    def _identity_pool_key(self, name: str) -> str | None:
        value: str | None = self.caller.context.get(f"{_IDENTITY_POOL}:{name}")
        return value

    def __str__(self) -> str:
        return self.arn


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """``request.identity``: the same whichever way a request proved itself.

    ``id`` names the person for good: the pool user's ``sub``, the identity's id, or an IAM principal's unique id.
    ``sub`` is the user's in their user pool, where there is one. ``identity_id``, ``identity_pool_id`` and ``is_guest`` are
    those of an identity pool, None for all others. ``provider`` is who proved the person: a token's issuer, or the
    provider of an identity's login. ``principal_tags`` are what policies know as ``aws:PrincipalTag/…``. ``claims`` are a
    token's claims, or the condition keys that came with the credentials.
    """

    kind: Literal["token", "signature"]
    id: str
    name: str
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    issuer: str | None = None
    arn: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    sub: str | None = None
    identity_id: str | None = None
    identity_pool_id: str | None = None
    is_guest: bool | None = None
    provider: str | None = None
    principal_tags: Mapping[str, str] = field(default_factory=dict, hash=False)


def of_token(user: TokenUser) -> RequestIdentity:
    """The uniform view of a token's user."""
    issuer = user.claims["iss"]
    return RequestIdentity(
        kind="token",
        id=user.sub,
        name=user.username,
        groups=user.groups,
        scopes=user.scopes,
        issuer=issuer,
        claims=user.claims,
        sub=user.sub,
        provider=issuer,
    )


def of_signature(user: SignedCaller) -> RequestIdentity:
    """The uniform view of a signed caller."""
    return RequestIdentity(
        kind="signature",
        id=user.pk,
        name=user.arn,
        arn=user.arn,
        claims=user.caller.context,
        sub=user.sub,
        identity_id=user.identity_id,
        identity_pool_id=user.identity_pool_id,
        is_guest=user.is_guest,
        provider=user.provider,
        principal_tags=user.principal_tags,
    )
