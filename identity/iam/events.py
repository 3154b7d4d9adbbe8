"""What happens here that operators want to know of."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AccessKeyCreated:
    tag: ClassVar[str] = "iam:access_key:created"
    key_id: str
    user: str


@dataclass(frozen=True, slots=True)
class AccessKeyReplaced:
    """The same key id got another secret."""

    tag: ClassVar[str] = "iam:access_key:replaced"
    key_id: str
    user: str


@dataclass(frozen=True, slots=True)
class AccessKeyStatusChanged:
    tag: ClassVar[str] = "iam:access_key:status_changed"
    key_id: str
    user: str
    status: str


@dataclass(frozen=True, slots=True)
class AccessKeyDeleted:
    tag: ClassVar[str] = "iam:access_key:deleted"
    key_id: str
    user: str


@dataclass(frozen=True, slots=True)
class RoleCreated:
    tag: ClassVar[str] = "iam:role:created"
    role: str


@dataclass(frozen=True, slots=True)
class RoleTrustChanged:
    """Its trust policy was replaced: others may assume it than before."""

    tag: ClassVar[str] = "iam:role:trust_changed"
    role: str


@dataclass(frozen=True, slots=True)
class RoleUpdated:
    """Its description or its longest session."""

    tag: ClassVar[str] = "iam:role:updated"
    role: str


@dataclass(frozen=True, slots=True)
class RoleDeleted:
    tag: ClassVar[str] = "iam:role:deleted"
    role: str


@dataclass(frozen=True, slots=True)
class UserCreated:
    tag: ClassVar[str] = "iam:user:created"
    user: str


@dataclass(frozen=True, slots=True)
class UserRenamed:
    """Name or path, and with them the ARN. ``before`` and ``now`` are the ARNs."""

    tag: ClassVar[str] = "iam:user:renamed"
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class UserDeleted:
    tag: ClassVar[str] = "iam:user:deleted"
    user: str


@dataclass(frozen=True, slots=True)
class PermissionsChanged:
    """What a role or user may do. ``holder`` is role or user.

    ``change`` says how: put or deleted (an inline policy), attached or detached (a managed one), bounded, unbounded,
    edited (in the admin, where several change at once and ``policy`` is empty).
    """

    tag: ClassVar[str] = "iam:permissions:changed"
    holder: str
    name: str
    change: str
    policy: str


@dataclass(frozen=True, slots=True)
class PolicyCreated:
    tag: ClassVar[str] = "iam:policy:created"
    arn: str


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """Another version is the default one, and counts for all whom the policy is attached to."""

    tag: ClassVar[str] = "iam:policy:changed"
    arn: str
    version: int


@dataclass(frozen=True, slots=True)
class PolicyDeleted:
    tag: ClassVar[str] = "iam:policy:deleted"
    arn: str


@dataclass(frozen=True, slots=True)
class RoleSessionsRevoked:
    tag: ClassVar[str] = "iam:role:sessions_revoked"
    role: str
    before: str


@dataclass(frozen=True, slots=True)
class TemporaryKeyRevoked:
    tag: ClassVar[str] = "iam:temporary_key:revoked"
    key_id: str


@dataclass(frozen=True, slots=True)
class WebIdentityRevoked:
    """``claim`` is the condition key that tells whose sessions ended: a provider's ``:sub`` or ``:aud``."""

    tag: ClassVar[str] = "iam:web_identity:revoked"
    claim: str
    value: str


@dataclass(frozen=True, slots=True)
class WebIdentityRestored:
    """Sessions from now on count again."""

    tag: ClassVar[str] = "iam:web_identity:restored"
    claim: str
    value: str


@dataclass(frozen=True, slots=True)
class OidcProviderCreated:
    tag: ClassVar[str] = "iam:oidc_provider:created"
    url: str


@dataclass(frozen=True, slots=True)
class OidcProviderUpdated:
    """The audiences for which its tokens are accepted were changed."""

    tag: ClassVar[str] = "iam:oidc_provider:updated"
    url: str


@dataclass(frozen=True, slots=True)
class OidcProviderDeleted:
    tag: ClassVar[str] = "iam:oidc_provider:deleted"
    url: str


@dataclass(frozen=True, slots=True)
class SamlProviderCreated:
    tag: ClassVar[str] = "iam:saml_provider:created"
    name: str
    entity_id: str


@dataclass(frozen=True, slots=True)
class SamlProviderUpdated:
    """Its metadata was replaced, and with it the keys that count."""

    tag: ClassVar[str] = "iam:saml_provider:updated"
    name: str
    entity_id: str


@dataclass(frozen=True, slots=True)
class SamlProviderDeleted:
    tag: ClassVar[str] = "iam:saml_provider:deleted"
    name: str
