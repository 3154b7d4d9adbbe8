"""What happened, for the event log: ids and provider names only."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PoolCreated:
    tag: ClassVar[str] = "identitypools:pool:created"
    pool_id: str
    name: str


@dataclass(frozen=True, slots=True)
class PoolUpdated:
    tag: ClassVar[str] = "identitypools:pool:updated"
    pool_id: str


@dataclass(frozen=True, slots=True)
class PoolDeleted:
    tag: ClassVar[str] = "identitypools:pool:deleted"
    pool_id: str


@dataclass(frozen=True, slots=True)
class RolesSet:
    tag: ClassVar[str] = "identitypools:pool:roles_set"
    pool_id: str


@dataclass(frozen=True, slots=True)
class BrokerSaved:
    tag: ClassVar[str] = "identitypools:broker:saved"
    pool_id: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class BrokerRemoved:
    tag: ClassVar[str] = "identitypools:broker:removed"
    pool_id: str


@dataclass(frozen=True, slots=True)
class IdentityCreated:
    tag: ClassVar[str] = "identitypools:identity:created"
    pool_id: str
    identity_id: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoginsLinked:
    tag: ClassVar[str] = "identitypools:identity:linked"
    pool_id: str
    identity_id: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoginsUnlinked:
    tag: ClassVar[str] = "identitypools:identity:unlinked"
    pool_id: str
    identity_id: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdentityDeleted:
    tag: ClassVar[str] = "identitypools:identity:deleted"
    pool_id: str
    identity_id: str


@dataclass(frozen=True, slots=True)
class PrincipalTagsSet:
    tag: ClassVar[str] = "identitypools:pool:principal_tags_set"
    pool_id: str
    provider: str


@dataclass(frozen=True, slots=True)
class PoolTagged:
    """The tags that the pool has now."""

    tag: ClassVar[str] = "identitypools:pool:tagged"
    pool_id: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdentityMerged:
    tag: ClassVar[str] = "identitypools:identity:merged"
    pool_id: str
    identity_id: str
    merged_into: str


@dataclass(frozen=True, slots=True)
class IdentityDisabled:
    tag: ClassVar[str] = "identitypools:identity:disabled"
    pool_id: str
    identity_id: str


@dataclass(frozen=True, slots=True)
class IdentityEnabled:
    tag: ClassVar[str] = "identitypools:identity:enabled"
    pool_id: str
    identity_id: str
