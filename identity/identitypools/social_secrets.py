"""The secrets of Twitter's apps: behind their keys on the wire, apart and sealed in the table.

SupportedLoginProviders has ``<consumer key>;<consumer secret>``. A pool's settings hold the key alone, so that whatever
shows them shows no secret.
"""

import json
from collections.abc import Mapping
from typing import Final

from identity.core import sealing
from identity.identitypools import providers
from identity.identitypools.models import IdentityPool

WITH_SECRET: Final = (providers.TWITTER, providers.DIGITS)


def split(apps: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The ids of the apps, and the secrets of those that have one, each by provider."""
    ids, secrets = dict(apps), {}
    for name in WITH_SECRET:
        if name in ids:
            ids[name], _, secrets[name] = ids[name].partition(";")
    return ids, secrets


def seal(pool_id: str, secrets: Mapping[str, str]) -> str:
    """The secrets as the pool's column holds them; empty where there are none."""
    return sealing.seal_text(json.dumps(secrets), bound_to=_bound_to(pool_id)) if secrets else ""


def apps_of(pool: IdentityPool) -> dict[str, str]:
    """The pool's apps as the wire has them, secrets included. Raises ``sealing.SealBroken``."""
    secrets = _open(pool) if pool.sealed_social_secrets else {}
    return {
        name: f"{app};{secrets[name]}" if name in secrets else app for name, app in pool.social_apps.items()
    }


def register_column() -> None:
    """Make the sealed column known to resealing. Called when the app is ready."""
    sealing.register_column(IdentityPool, "sealed_social_secrets", bound_to=lambda row: _bound_to(row.pk))


def _open(pool: IdentityPool) -> Mapping[str, str]:
    opened: dict[str, str] = json.loads(
        sealing.open_text(pool.sealed_social_secrets, bound_to=_bound_to(pool.pk))
    )
    return opened


def _bound_to(pool_id: str) -> str:
    return f"identity pool's social secrets\0{pool_id}"
