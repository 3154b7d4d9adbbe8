"""A pool's addresses for hosted pages: a prefix of ours, or a domain of the customer's own, or one of each.

Source: cognito/user-pools §12.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from identity.core import arns, clock, conf, hosts
from identity.userpools import rows, tiers
from identity.userpools.errors import InvalidParameter
from identity.userpools.models import UserPool, UserPoolDomain, pool_settings

_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_RESERVED_WORDS = ("aws", "amazon", "cognito")
# In path form a prefix stands beside these paths of the site; it must not hide one, nor be hidden by it.
_RESERVED_PATHS = (
    "admin",
    "api",
    "demo",
    "healthz",
    "login",
    "logout",
    "media",
    "oauth2",
    "signup",
    "static",
)


def find(domain: str) -> UserPool | None:
    """The pool that a prefix, or a domain of one's own, belongs to."""
    row = UserPoolDomain.objects.select_related("pool").filter(pk=domain.lower()).first()
    return row.pool if row else None


def find_row(domain: str) -> UserPoolDomain | None:
    return UserPoolDomain.objects.filter(pk=domain).first()


def get(pool: UserPool, domain: str) -> UserPoolDomain:
    """A domain of this pool. Raises InvalidParameter, as the service does for one that it doesn't know."""
    row = pool.domains.filter(pk=domain).first()
    if row is None:
        raise _unknown()
    return row


def of_pool(pool: UserPool) -> list[UserPoolDomain]:
    """The pool's domains, its own before the prefix. One query, none where they were prefetched."""
    return sorted(pool.domains.all(), key=lambda row: not row.is_custom)


def url_of(pool: UserPool) -> str | None:
    """The base address of the hosted endpoints, without a slash at its end; None for a pool without a domain."""
    own = of_pool(pool)
    return address(own[0].domain, is_custom=own[0].is_custom) if own else None


def address(domain: str, *, is_custom: bool) -> str:
    """The one rule of where a domain is served: scheme and port are always those of the base URL.

    A domain of one's own is its own host. A prefix is a host below ``auth.<base host>``; where the base host
    can have none below it (``localhost``, an IP address), it is the first part of the path.
    """
    base = urlsplit(conf.settings().base_url)
    port = f":{base.port}" if base.port else ""
    if is_custom:
        return f"{base.scheme}://{domain}{port}"
    if is_path_form():
        return f"{conf.settings().base_url}/{domain}"
    return f"{base.scheme}://{domain}.{hosts.auth_host()}{port}"


def is_path_form() -> bool:
    """Whether prefixes are parts of the path, not of the host."""
    host = hosts.base_host()
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def create(
    pool: UserPool,
    domain: str,
    *,
    managed_login_version: int = 1,
    custom_config: Mapping[str, Any] | None = None,
    routing: Mapping[str, Any] | None = None,
) -> UserPoolDomain:
    """Attach a prefix, or with ``custom_config`` a domain of one's own.

    Raises InvalidParameter, FeatureUnavailableInTier.
    """
    is_custom = custom_config is not None
    _check_name(domain, is_custom=is_custom)
    settings = _settings(managed_login_version, custom_config, routing)
    tiers.require(pool_settings.tier(pool), tiers.features_of_domain(settings))
    if UserPoolDomain.objects.filter(pk=domain).exclude(pool=pool).exists():
        raise InvalidParameter("Domain already associated with another user pool.")
    if pool.domains.filter(is_custom=is_custom).exists():
        raise InvalidParameter("User pool already has a domain configured.")
    try:
        with transaction.atomic():
            return UserPoolDomain.objects.create(
                domain=domain, pool=pool, is_custom=is_custom, settings=settings, created_at=clock.now()
            )
    except IntegrityError as error:  # another request came first, with the name or for the pool
        raise InvalidParameter("Domain already associated with another user pool.") from error


def update(
    row: UserPoolDomain,
    *,
    managed_login_version: int | None = None,
    custom_config: Mapping[str, Any] | None = None,
    routing: Mapping[str, Any] | None = None,
) -> UserPoolDomain:
    """Change branding version, certificate or routing; what is None stays. Raises as ``create``."""
    if custom_config is not None and not row.is_custom:
        raise InvalidParameter("A prefix domain has no custom domain configuration.")
    old = row.settings
    settings = _settings(
        managed_login_version if managed_login_version is not None else old.get("ManagedLoginVersion", 1),
        custom_config or old.get("CustomDomainConfig") or None,
        routing or old.get("Routing"),
    )
    tiers.require(pool_settings.tier(row.pool), tiers.features_of_domain(settings))
    row.settings = settings
    rows.write(row, "settings", gone=_unknown())
    return row


def delete(row: UserPoolDomain) -> None:
    row.delete()


def _unknown() -> InvalidParameter:
    return InvalidParameter("No such domain or user pool exists.")


def _settings(
    version: int, custom_config: Mapping[str, Any] | None, routing: Mapping[str, Any] | None
) -> dict[str, Any]:
    if version not in (1, 2):
        raise InvalidParameter("ManagedLoginVersion must be 1 or 2.")
    settings: dict[str, Any] = {"ManagedLoginVersion": version, "CustomDomainConfig": {}}
    if custom_config is not None:
        _check_certificate(custom_config["CertificateArn"])
        settings["CustomDomainConfig"] = dict(custom_config)
    if routing:
        if custom_config is None:
            raise InvalidParameter("Routing is supported for custom domains only.")
        settings["Routing"] = dict(routing)
    return settings


def _check_name(domain: str, *, is_custom: bool) -> None:
    if is_custom:
        if not _HOST.fullmatch(domain) or domain.endswith(f".{hosts.auth_host()}") or _is_base_host(domain):
            raise InvalidParameter(f"Invalid custom domain: {domain}")
        return
    if not _PREFIX.fullmatch(domain):
        raise InvalidParameter(f"Invalid domain prefix: {domain}")
    for word in _RESERVED_WORDS:
        if word in domain:
            raise InvalidParameter(f"Domain cannot contain reserved word: {word}")
    if is_path_form() and domain in _RESERVED_PATHS:
        raise InvalidParameter(f"Domain cannot be the reserved word: {domain}")


def _is_base_host(domain: str) -> bool:
    """The service's own address would send its API calls and discovery documents astray."""
    return domain == hosts.base_host()


def _check_certificate(arn: str) -> None:
    try:
        parsed = arns.parse(arn)
    except ValueError:
        raise InvalidParameter("CertificateArn is not a valid ARN.") from None
    if parsed.service != "acm" or parsed.region != "us-east-1":
        raise InvalidParameter("CertificateArn must be a certificate of ACM in us-east-1.")
