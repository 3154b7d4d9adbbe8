"""Resource servers: APIs of the customer, each with scopes of its own. A scope is ``<identifier>/<name>``."""

from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction

from identity.core import clock, paging
from identity.userpools import listing, quotas, rows
from identity.userpools.errors import InvalidParameter, LimitExceeded, ResourceNotFound
from identity.userpools.models import ResourceServer, UserPool

Scope = Mapping[str, str]


def get(pool: UserPool, identifier: str) -> ResourceServer:
    """Raises ResourceNotFound."""
    server = pool.resource_servers.filter(identifier=identifier).first()
    if server is None:
        raise _unknown(identifier)
    return server


def create(pool: UserPool, identifier: str, name: str, scopes: Iterable[Scope] = ()) -> ResourceServer:
    """``scopes`` are ``{"ScopeName", "ScopeDescription"}``. Raises InvalidParameter, LimitExceeded."""
    checked = _checked(scopes)
    quotas.require_room(pool.resource_servers.count(), quotas.RESOURCE_SERVERS_PER_POOL, "resource servers")
    try:
        with transaction.atomic():
            return ResourceServer.objects.create(
                pool=pool, identifier=identifier, name=name, scopes=checked, created_at=clock.now()
            )
    except IntegrityError as error:
        raise InvalidParameter(f"{identifier} already exists in user pool {pool.pk}.") from error


def update(server: ResourceServer, name: str, scopes: Iterable[Scope] = ()) -> ResourceServer:
    """Replace name and scopes. A scope that goes becomes inactive in the clients that have it."""
    server.name = name
    server.scopes = _checked(scopes)
    rows.write(server, "name", "scopes", gone=_unknown(server.identifier))
    return server


def delete(server: ResourceServer) -> None:
    """Clients keep the names of its scopes; they give nothing any more."""
    server.delete()


def listed(pool: UserPool, *, limit: int, token: str | None) -> paging.Page[ResourceServer]:
    bound_to = f"resource-servers:{pool.pk}"
    return listing.page(
        pool.resource_servers.all(), order=("identifier",), limit=limit, token=token, bound_to=bound_to
    )


def scopes_of(pool: UserPool) -> frozenset[str]:
    """Every custom scope that exists now, as ``<identifier>/<name>``. One query."""
    servers = pool.resource_servers.values_list("identifier", "scopes")
    return frozenset(
        f"{identifier}/{scope['ScopeName']}" for identifier, scopes in servers for scope in scopes
    )


def _unknown(identifier: str) -> ResourceNotFound:
    return ResourceNotFound(f"Resource server {identifier} does not exist.")


def _checked(scopes: Iterable[Scope]) -> list[dict[str, str]]:
    checked = [dict(scope) for scope in scopes]
    names = [scope["ScopeName"] for scope in checked]
    if len(set(names)) < len(names):
        raise InvalidParameter("A scope name can be used only once in a resource server.")
    if len(checked) > quotas.SCOPES_PER_RESOURCE_SERVER:
        raise LimitExceeded(f"A resource server can have at most {quotas.SCOPES_PER_RESOURCE_SERVER} scopes.")
    return checked
