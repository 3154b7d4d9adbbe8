"""User pools: made, changed, removed. Settings and schema stay in wire shape; their rules are ``pool_rules``."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from identity.core import clock, ids, paging
from identity.core.prepared import PreparedQuery
from identity.userpools import listing, pool_rules, quotas, schema, tiers
from identity.userpools.errors import InvalidParameter, ResourceNotFound
from identity.userpools.models import User, UserPool, pool_settings

_DELETED_AT_ONCE = 500

_BY_ID = PreparedQuery(UserPool, lambda pool_id: UserPool.objects.filter(pk=pool_id), UserPool._meta.pk)


def get(pool_id: str) -> UserPool:
    """Raises ResourceNotFound."""
    found = _BY_ID.first(pool_id)
    if found is None:
        raise _unknown(pool_id)
    pool: UserPool = found[UserPool]
    return pool


def create(
    name: str,
    given: Mapping[str, Any],
    *,
    region: str,
    attributes: Iterable[Mapping[str, Any]] = (),
    pool_id: str | None = None,
) -> UserPool:
    """A new pool of the settings ``given`` and the schema entries ``attributes``.

    ``pool_id`` is for pools taken over from elsewhere and for fixed demo data; else one is made for the region.
    Raises InvalidParameter, UserPoolTagging, FeatureUnavailableInTier, LimitExceeded.
    """
    settings = pool_rules.of_new_pool(given)
    tiers.require(pool_settings.Tier(settings["UserPoolTier"]), tiers.features_of_pool(settings))
    pool_schema = schema.build(attributes)
    quotas.require_room(UserPool.objects.count(), quotas.USER_POOLS, "user pools")
    now = clock.now()
    return UserPool.objects.create(
        id=pool_id or ids.pool_id(region),
        name=name,
        settings=settings,
        schema=pool_schema,
        created_at=now,
        modified_at=now,
    )


def update(pool: UserPool, given: Mapping[str, Any], *, name: str | None = None) -> None:
    """Replace the updatable settings: one that is left out returns to its default. ``None`` keeps the name.

    Raises InvalidParameter, UserPoolTagging, FeatureUnavailableInTier, TierChangeNotAllowed.
    """
    with transaction.atomic():
        # Locked so that an operation that sets only its own members (MFA, tags) is not overwritten.
        held = UserPool.objects.select_for_update().filter(pk=pool.pk).first()
        if held is None:
            raise _unknown(pool.pk)
        pool = held
        settings = pool_rules.of_updated_pool(pool.settings, given)
        _check_tier(pool, settings)
        pool.settings = settings
        pool.name = name or pool.name
        pool.modified_at = clock.now()
        pool.save(update_fields=["settings", "name", "modified_at"])


def delete(pool: UserPool) -> None:
    """Remove the pool with everything in it; what it signed stays valid for whoever only checks signatures.

    Raises InvalidParameter while deletion protection is on or a domain is attached.
    """
    if pool_settings.is_deletion_protected(pool):
        raise InvalidParameter(
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first."
        )
    has_domain = InvalidParameter(
        "User pool cannot be deleted. It has a domain configured that should be deleted first."
    )
    if pool.domains.exists():
        raise has_domain
    try:
        with transaction.atomic():
            _delete_users(pool)
            pool.delete()
    except ProtectedError as error:  # a domain came in between
        raise has_domain from error


def listed(region: str, *, limit: int, token: str | None) -> paging.Page[UserPool]:
    """The region's pools, oldest first."""
    rows = UserPool.objects.filter(pk__startswith=f"{region}_").defer("schema", "settings")
    bound_to = f"user-pools:{region}"
    return listing.page(rows, order=("created_at", "id"), limit=limit, token=token, bound_to=bound_to)


def user_count(pool: UserPool) -> int:
    return User.objects.in_pool(pool).count()


def _unknown(pool_id: str) -> ResourceNotFound:
    return ResourceNotFound(f"User pool {pool_id} does not exist.")


def _check_tier(pool: UserPool, settings: Mapping[str, Any]) -> None:
    """A tier must have what the new settings turn on; a lowered one also what clients and domains use."""
    old, new = pool_settings.tier(pool), pool_settings.Tier(settings["UserPoolTier"])
    features = list(tiers.features_of_pool(settings))
    if new is pool_settings.Tier.LITE and old is not new:
        for of_client in pool.clients.values_list("settings", flat=True):
            features += tiers.features_of_client(of_client)
        for of_domain in pool.domains.values_list("settings", flat=True):
            features += tiers.features_of_domain(of_domain)
    tiers.require_change(old, new, features)


def _delete_users(pool: UserPool) -> None:
    """In portions: Django loads what it cascades to, and a pool may have millions of users."""
    users = User.objects.in_pool(pool)
    while portion := list(users.values_list("pk", flat=True)[:_DELETED_AT_ONCE]):
        users.filter(pk__in=portion).delete()
