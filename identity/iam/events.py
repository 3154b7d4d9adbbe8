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
