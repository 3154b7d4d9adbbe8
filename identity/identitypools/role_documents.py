"""What SetIdentityPoolRoles is given, checked: mappings must speak of providers of the pool, roles must be roles."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from identity.core import arns
from identity.identitypools import providers
from identity.identitypools.errors import InvalidParameter, RoleForbidden
from identity.identitypools.models import IdentityPool

MOST_RULES = 25
"""Rules of one provider. Source: Cognito developer guide, "Quotas"; the model's own bound is looser."""

Json = Mapping[str, Any]
_ROLE = re.compile(r"role/[\w+=,.@/-]{1,576}")


def check_mappings(pool: IdentityPool, mappings: Mapping[str, Json]) -> None:
    """Raises InvalidParameter for a provider that the pool doesn't have and for an incomplete mapping."""
    configured = _configured(pool)
    seen = set()
    for key, mapping in mappings.items():
        canonical = providers.canonical_mapping_key(key)
        if canonical not in configured or canonical in seen:
            raise InvalidParameter(
                f"({key}) is not a valid RoleMapping ProviderName or is not a configured provider."
            )
        seen.add(canonical)
        _check_mapping(key, mapping, may_use_token=configured[canonical])


def roles_in(document: Json) -> list[str]:
    """Every role ARN that the document speaks of, each once, in its order."""
    return list(dict.fromkeys(_role_arns(document)))


def require_role_arn(arn: str, *, account_id: str) -> None:
    """Raises RoleForbidden for what is no ARN of a role of this account."""
    try:
        parsed = arns.parse(arn)
    except ValueError as error:
        raise RoleForbidden(arn, why="malformed ARN") from error
    if (parsed.service, parsed.account) != ("iam", account_id) or not _ROLE.fullmatch(parsed.resource):
        raise RoleForbidden(arn, why="no role of this account")


def _configured(pool: IdentityPool) -> dict[str, bool]:
    """Mapping keys that the pool has providers for, and whether tokens of it may name roles."""
    user_pools = {
        f"{providers.canonical(entry['ProviderName'])}:{entry['ClientId']}": True for entry in pool.user_pools
    }
    saml = dict.fromkeys(pool.saml_arns, True)
    others = dict.fromkeys([*pool.social_apps, *map(providers.oidc_name, pool.oidc_arns)], False)
    return {**others, **saml, **user_pools}


def _check_mapping(key: str, mapping: Json, *, may_use_token: bool) -> None:
    if mapping["Type"] == "Token" and not may_use_token:
        raise InvalidParameter(f"Token based role mapping is not supported for ({key}).")
    if "AmbiguousRoleResolution" not in mapping:
        raise InvalidParameter(f"AmbiguousRoleResolution is required for ({key}).")
    if mapping["Type"] != "Rules":
        return
    rules = mapping.get("RulesConfiguration", {}).get("Rules", [])
    if not rules:
        raise InvalidParameter(f"RulesConfiguration is required for ({key}).")
    if len(rules) > MOST_RULES:
        raise InvalidParameter(f"At most {MOST_RULES} rules are allowed for ({key}).")


def _role_arns(document: Json) -> Iterator[str]:
    yield from document.get("Roles", {}).values()
    for mapping in document.get("RoleMappings", {}).values():
        for rule in mapping.get("RulesConfiguration", {}).get("Rules", []):
            yield rule["RoleARN"]
