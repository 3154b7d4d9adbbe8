"""Identity pools: found, made, replaced, removed."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from identity.core import clock, events, ids, transactions
from identity.core.prepared import PreparedQuery
from identity.iam import revocations
from identity.identitypools import pool_tags, providers, social_secrets
from identity.identitypools.errors import (
    ConcurrentModification,
    InvalidParameter,
    LimitExceeded,
    PoolNotFound,
)
from identity.identitypools.events import (
    PoolCreated,
    PoolDeleted,
    PoolTagged,
    PoolUpdated,
    PrincipalTagsSet,
    RolesSet,
)
from identity.identitypools.models import Identity, IdentityPool, Login

MOST_POOLS = 1000
"""Pools of one account. Source: Cognito developer guide, "Quotas"."""

Version = tuple[Any, ...]
"""Revision and moment of the last change, as the driver gives them: equal only for the same state of the same row."""

_VERSION = PreparedQuery(
    IdentityPool,
    lambda pool_id: IdentityPool.objects.filter(pk=pool_id).order_by().values_list("revision", "modified_at"),
    IdentityPool._meta.pk,
)
_MOST_KEPT = 1024
_lock = threading.Lock()
_kept: dict[str, tuple[Version, IdentityPool]] = {}


@dataclass(frozen=True, slots=True)
class PoolForm:
    """What makes up a pool, already checked (``pool_documents``). ``settings`` and ``tags`` in the wire's words, without
    the secrets of social apps."""

    name: str
    settings: Mapping[str, Any]
    tags: Mapping[str, str]
    social_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def get(pool_id: str, *, region: str | None = None) -> IdentityPool:
    """One query. Raises PoolNotFound, also for a pool of another region where one is asked for."""
    try:
        pool = IdentityPool.objects.select_related("broker").get(pk=pool_id)
    except IdentityPool.DoesNotExist:
        raise PoolNotFound(pool_id) from None
    if region is not None and pool.region != region:
        raise PoolNotFound(pool_id)
    return pool


def current(pool_id: str) -> IdentityPool:
    """The pool for reading only: shared by all calls of the process, as long as it wasn't changed. One short query.

    Raises PoolNotFound.
    """
    versions = _VERSION.rows(pool_id)
    if not versions:
        raise PoolNotFound(pool_id)
    return of_version(pool_id, versions[0])


def of_version(pool_id: str, version: Version) -> IdentityPool:
    """As ``current`` where a query has told the version already. Raises PoolNotFound."""
    kept = _kept.get(pool_id)
    if kept and kept[0] == version:
        return kept[1]
    pool = get(pool_id)
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[pool_id] = (version, pool)
    return pool


def new_id(region: str) -> str:
    """An identity pool's id. Identities have the same form."""
    return f"{region}:{ids.uuid()}"


def create(pool_id: str, form: PoolForm) -> IdentityPool:
    """Raises LimitExceeded."""
    if IdentityPool.objects.count() >= MOST_POOLS:
        raise LimitExceeded("The maximum number of identity pools has been reached.")
    now = clock.now()
    with transaction.atomic():
        pool = IdentityPool.objects.create(
            id=pool_id,
            name=form.name,
            settings=dict(form.settings),
            sealed_social_secrets=social_secrets.seal(pool_id, form.social_secrets),
            tags=dict(form.tags),
            created_at=now,
            modified_at=now,
        )
        events.record(PoolCreated(pool.id, pool.name))
    return pool


def replace(pool: IdentityPool, form: PoolForm) -> IdentityPool:
    """Put a whole new document in the place of the old one: members that it doesn't have are cleared.

    The developer provider's name alone stays, for identities hang on it. Raises InvalidParameter for another name, and
    for one that is or was a public provider's here; ConcurrentModification where the pool was changed since it was read.
    """
    settings = {**form.settings, **_kept_developer_provider(pool, form)}
    providers.check_developer_provider(settings)
    secrets = social_secrets.seal(pool.pk, form.social_secrets)
    with transaction.atomic():
        _change(pool, name=form.name, settings=settings, sealed_social_secrets=secrets, tags=dict(form.tags))
        _require_no_public_users(pool)
        events.record(PoolUpdated(pool.id))
    return pool


def set_roles(pool: IdentityPool, document: Mapping[str, Any]) -> None:
    """Replace the roles document. Raises ConcurrentModification."""
    with transaction.atomic():
        _change(pool, roles=dict(document))
        events.record(RolesSet(pool.id))


def set_tags(pool_id: str, *, added: Mapping[str, str], removed: Collection[str] = ()) -> None:
    """Add or overwrite tags, and remove others. Raises PoolNotFound, InvalidParameter."""
    with transaction.atomic():
        pool = _locked(pool_id)
        tags = {name: value for name, value in {**pool.tags, **added}.items() if name not in removed}
        pool_tags.check(tags)
        _change(pool, tags=tags)
        events.record(PoolTagged(pool.id, tuple(tags)))


def set_principal_tags(pool_id: str, provider: str, document: Mapping[str, Any]) -> IdentityPool:
    """Replace one provider's map (checked; by its canonical name), and return the pool. Raises PoolNotFound."""
    with transaction.atomic():
        pool = _locked(pool_id)
        _change(pool, principal_tags={**pool.principal_tags, provider: dict(document)})
        events.record(PrincipalTagsSet(pool.id, provider))
    return pool


def delete(pool: IdentityPool) -> None:
    """Remove the pool with its identities and their logins, and end the credentials of all of them. Raises PoolNotFound."""
    # Who links a login holds its identity and then, by the foreign key, the pool: the other way round than here.
    transactions.outlast_deadlocks(lambda: _delete(pool.pk))


def _delete(pool_id: str) -> None:
    pool = _locked(pool_id)
    revocations.revoke_audience(providers.COGNITO_IDENTITY, pool_id)
    events.record(PoolDeleted(pool_id))
    # One statement each: Django would fetch identities to look for what hangs on them, and with 100,000 hold the lock
    # for half a minute. On identities hang logins, and other identities of the pool.
    Login.objects.filter(pool=pool).delete()
    identities = Identity.objects.filter(pool=pool)
    identities._raw_delete(identities.db)
    pool.delete()


def mark_changed(pool_id: str) -> None:
    """Let every process read the pool anew: something that is kept with it has changed."""
    same = IdentityPool.objects.filter(pk=pool_id)
    same.update(revision=F("revision") + 1, modified_at=clock.now())


def _locked(pool_id: str) -> IdentityPool:
    """The row under lock: nothing changes it, and no identity is made in it, until the transaction ends."""
    pool = IdentityPool.objects.select_for_update().filter(pk=pool_id).first()
    if pool is None:
        raise PoolNotFound(pool_id)
    return pool


def _require_no_public_users(pool: IdentityPool) -> None:
    """They would be the developer's. Raises InvalidParameter where the developer's name is what their provider had."""
    name = pool.developer_provider
    if name and Login.objects.filter(pool=pool, provider=name, public=True).exists():
        raise InvalidParameter(
            f"({name}) is the name of a public provider that has users in this identity pool."
        )


def _kept_developer_provider(pool: IdentityPool, form: PoolForm) -> dict[str, str]:
    if pool.developer_provider is None:
        return {}
    if form.settings.get("DeveloperProviderName", pool.developer_provider) != pool.developer_provider:
        raise InvalidParameter("The developer provider name of an identity pool cannot be changed.")
    return {"DeveloperProviderName": pool.developer_provider}


def _change(pool: IdentityPool, **columns: Any) -> None:
    """Write columns where the row is still the revision that was read, and carry them over to ``pool``."""
    columns["modified_at"] = clock.now()
    same = IdentityPool.objects.filter(pk=pool.pk, revision=pool.revision)
    if not same.update(**columns, revision=F("revision") + 1):
        raise ConcurrentModification
    for name, value in columns.items():
        setattr(pool, name, value)
    pool.revision += 1
