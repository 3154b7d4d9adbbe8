"""App clients: made, changed, removed, and how one proves that it knows its secret."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from identity.core import clock, ids, paging, sealing
from identity.core.prepared import PreparedQuery
from identity.userpools import client_rules, listing, quotas, resource_servers, rows, tiers
from identity.userpools.errors import InvalidParameter, NotAuthorized, ResourceNotFound
from identity.userpools.models import UserPool, UserPoolClient, pool_settings

_BY_ID = PreparedQuery(
    UserPoolClient,
    lambda client_id: UserPoolClient.objects.select_related("pool").filter(pk=client_id),
    UserPoolClient._meta.pk,
)


def get(client_id: str, *, pool: UserPool | None = None) -> UserPoolClient:
    """The client with its pool joined; of ``pool`` only, where one is given. Raises ResourceNotFound."""
    found = _BY_ID.first(client_id)
    if found is None or (pool is not None and found[UserPool].pk != pool.pk):
        raise _unknown(client_id)
    client: UserPoolClient = found[UserPoolClient]
    client.pool = found[UserPool]
    return client


def create(
    pool: UserPool,
    name: str,
    given: Mapping[str, Any],
    *,
    generate_secret: bool = False,
    secret: str | None = None,
    client_id: str | None = None,
) -> UserPoolClient:
    """A new client of the settings ``given``. ``client_id`` is for takeovers and fixed demo data.

    Raises InvalidParameter, InvalidOAuthFlow, ScopeDoesNotExist, FeatureUnavailableInTier, LimitExceeded.
    """
    if generate_secret and secret is not None:
        raise InvalidParameter("GenerateSecret and ClientSecret cannot both be given.")
    secret = ids.client_secret() if generate_secret else secret
    settings = _settings(pool, given, has_secret=secret is not None)
    quotas.require_room(pool.clients.count(), quotas.CLIENTS_PER_POOL, "app clients")
    now = clock.now()
    client = UserPoolClient(
        id=client_id or ids.client_id(),
        pool=pool,
        name=name,
        settings=settings,
        created_at=now,
        modified_at=now,
    )
    if secret is not None:
        client.sealed_secrets = [_sealed(client, secret, now)]
    client.save(force_insert=True)
    return client


def update(client: UserPoolClient, given: Mapping[str, Any], *, name: str | None = None) -> UserPoolClient:
    """Replace the settings: a member left out returns to its default. ``None`` keeps the name; secrets stay.

    Raises as ``create`` does.
    """
    settings = _settings(client.pool, given, has_secret=client.has_secret, deed="updating")
    client.settings = settings
    client.name = name or client.name
    client.modified_at = clock.now()
    rows.write(client, "settings", "name", "modified_at", gone=_unknown(client.pk))
    return client


def delete(client: UserPoolClient) -> None:
    """Remove the client; its users' sign-ins through it go with it."""
    with transaction.atomic():
        client.delete()


def listed(
    pool: UserPool, *, limit: int, token: str | None, client_type: str | None = None
) -> paging.Page[UserPoolClient]:
    """Clients of a pool, oldest first. All are ``REGULAR``: none registers itself yet."""
    listed = pool.clients.only("id", "name", "pool_id", "created_at")
    if client_type == "DCR":
        listed = listed.none()
    bound_to = f"clients:{pool.pk}:{client_type or ''}"
    return listing.page(listed, order=("created_at", "id"), limit=limit, token=token, bound_to=bound_to)


def secret_of(client: UserPoolClient) -> str | None:
    """The client's first secret in clear, for the wire, which shows it to administrators."""
    return _opened(client)[0] if client.has_secret else None


def is_secret(client: UserPoolClient, given: str) -> bool:
    """Whether ``given`` is one of the client's secrets; compares all of them, in constant time."""
    return _is_among(given, _opened(client))


def secret_hash(client_id: str, username: str, secret: str) -> str:
    """``SECRET_HASH``: base64 of HMAC-SHA256 under the secret of username and client id."""
    digest = hmac.new(_bytes(secret), _bytes(username + client_id), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def require_secret_hash(
    client: UserPoolClient, username: str, given: str | None, *, on_refresh: bool = False
) -> None:
    """Check the ``SecretHash`` that came with ``username``, the name as it was sent.

    On a refresh the name is the stored username, and a wrong hash has a text of its own.
    Raises NotAuthorized. Source: cognito/auth-flows §1.
    """
    require_secret_hash_if_due(client, given)
    if given is None:
        return
    hashes = [secret_hash(client.pk, username, secret) for secret in _opened(client)]
    if not _is_among(given, hashes):
        raise NotAuthorized(
            f"SecretHash does not match for the client: {client.pk}"
            if on_refresh
            else f"Unable to verify secret hash for client {client.pk}"
        )


def require_secret_hash_if_due(client: UserPoolClient, given: str | None) -> None:
    """Whether there is one exactly where the client has a secret. Raises NotAuthorized."""
    if client.has_secret and given is None:
        raise NotAuthorized(f"Client {client.pk} is configured with secret but SECRET_HASH was not received")
    if not client.has_secret and given is not None:
        raise NotAuthorized(f"Unable to verify secret hash for client {client.pk}")


def replace_secrets(client: UserPoolClient) -> None:
    """One new secret in place of all that the client has. Raises InvalidParameter for a client without any."""
    if not client.has_secret:
        raise InvalidParameter("The client has no secret to replace.")
    now = clock.now()
    client.sealed_secrets = [_sealed(client, ids.client_secret(), now)]
    client.modified_at = now
    rows.write(client, "sealed_secrets", "modified_at", gone=_unknown(client.pk))


def register_secrets() -> None:
    """Let resealing find the clients' secrets. Called when the app is ready."""
    sealing.register_column(UserPoolClient, "sealed_secrets", bound_to=_bound, member="sealed")


def _unknown(client_id: str) -> ResourceNotFound:
    return ResourceNotFound(f"User pool client {client_id} does not exist.")


def _settings(
    pool: UserPool, given: Mapping[str, Any], *, has_secret: bool, deed: str = "creating"
) -> client_rules.Settings:
    around = client_rules.Surroundings(
        pool_id=pool.pk,
        attributes=frozenset(attribute["Name"] for attribute in pool.schema) | {"identities"},
        custom_scopes=resource_servers.scopes_of(pool) if given.get("AllowedOAuthScopes") else frozenset(),
        providers=frozenset({"COGNITO"}),
    )
    settings = client_rules.settings_of(given, around, has_secret=has_secret, deed=deed)
    tiers.require(pool_settings.tier(pool), tiers.features_of_client(settings))
    return settings


def _is_among(given: str, known: list[str]) -> bool:
    """Every comparison is made, so that the time does not tell which one fitted."""
    fits = [hmac.compare_digest(_bytes(given), _bytes(each)) for each in known]
    return any(fits)


def _bytes(text: str) -> bytes:
    """JSON can carry halves of surrogate pairs; as a wrong secret they should be wrong, not a fault."""
    return text.encode("utf-8", "surrogatepass")


def _opened(client: UserPoolClient) -> list[str]:
    return [sealing.open_text(each["sealed"], bound_to=_bound(client)) for each in client.sealed_secrets]


def _sealed(client: UserPoolClient, secret: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"{client.pk}--{int(clock.epoch(now) * 1000)}",
        "sealed": sealing.seal_text(secret, bound_to=_bound(client)),
        "created_at": clock.epoch(now),
    }


def _bound(client: UserPoolClient) -> str:
    return f"client-secret:{client.pk}"
