"""What happened in a user pool, for the event log: ids and names of things, never a secret or a value typed."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class UserSignedUp:
    tag: ClassVar[str] = "userpools:user:signed_up"
    pool_id: str
    user_sub: str
    client_id: str


@dataclass(frozen=True, slots=True)
class UserInvited:
    """``again`` where an invitation was repeated with a new temporary password."""

    tag: ClassVar[str] = "userpools:user:invited"
    pool_id: str
    user_sub: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class UserConfirmed:
    """``client_id`` is empty where an administrator confirmed."""

    tag: ClassVar[str] = "userpools:user:confirmed"
    pool_id: str
    user_sub: str
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class CodeSent:
    """``occasion`` is the suffix of the message trigger: ``SignUp``, ``ForgotPassword``, …"""

    tag: ClassVar[str] = "userpools:code:sent"
    pool_id: str
    user_sub: str
    occasion: str
    medium: str


@dataclass(frozen=True, slots=True)
class CodeWithheld:
    """A code was asked for whom none can go to, and the client must not learn it. Many of them are somebody trying names."""

    tag: ClassVar[str] = "userpools:code:withheld"
    pool_id: str
    occasion: str


@dataclass(frozen=True, slots=True)
class AttributesChanged:
    tag: ClassVar[str] = "userpools:user:attributes_changed"
    pool_id: str
    user_sub: str
    names: tuple[str, ...]
    by_administrator: bool


@dataclass(frozen=True, slots=True)
class AttributeVerified:
    tag: ClassVar[str] = "userpools:user:attribute_verified"
    pool_id: str
    user_sub: str
    name: str


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """By the user who knew the old one."""

    tag: ClassVar[str] = "userpools:password:changed"
    pool_id: str
    user_sub: str


@dataclass(frozen=True, slots=True)
class PasswordRecovered:
    """By a code sent to the user."""

    tag: ClassVar[str] = "userpools:password:recovered"
    pool_id: str
    user_sub: str


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """By an administrator."""

    tag: ClassVar[str] = "userpools:password:set"
    pool_id: str
    user_sub: str
    temporary: bool


@dataclass(frozen=True, slots=True)
class PasswordResetDemanded:
    """By an administrator: the user must choose a new one by code."""

    tag: ClassVar[str] = "userpools:password:reset_demanded"
    pool_id: str
    user_sub: str


@dataclass(frozen=True, slots=True)
class UserEnabled:
    tag: ClassVar[str] = "userpools:user:enabled"
    pool_id: str
    user_sub: str


@dataclass(frozen=True, slots=True)
class UserDisabled:
    tag: ClassVar[str] = "userpools:user:disabled"
    pool_id: str
    user_sub: str


@dataclass(frozen=True, slots=True)
class UserDeleted:
    tag: ClassVar[str] = "userpools:user:deleted"
    pool_id: str
    user_sub: str
    by_administrator: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``flow`` is the ``AuthFlow``, or ``HOSTED`` for the pages."""

    tag: ClassVar[str] = "userpools:session:started"
    pool_id: str
    user_sub: str
    client_id: str
    flow: str
    origin_jti: str


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    tag: ClassVar[str] = "userpools:session:revoked"
    pool_id: str
    user_sub: str
    origin_jti: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignedOutEverywhere:
    tag: ClassVar[str] = "userpools:user:signed_out_everywhere"
    pool_id: str
    user_sub: str
    sessions: int
