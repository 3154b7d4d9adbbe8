"""Which role a caller gets. Pure: a pool's roles and the proofs in, a role's ARN out. Source: Cognito developer guide,
"Role-based access control".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from identity.identitypools import providers
from identity.identitypools.errors import AmbiguousRole, InvalidIdentityPoolConfiguration, RoleForbidden
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

Json = Mapping[str, Any]


def for_guest(pool: IdentityPool) -> str:
    """Raises InvalidIdentityPoolConfiguration where none is set."""
    return _default(pool, "unauthenticated")


def for_authenticated(pool: IdentityPool) -> str:
    """The role of those whom no mapping speaks of. Raises InvalidIdentityPoolConfiguration where none is set."""
    return _default(pool, "authenticated")


def for_logins(pool: IdentityPool, proofs: Sequence[Proof], custom_role: str | None) -> str:
    """The first proof whose provider has a mapping decides; without one it is the pool's authenticated role.

    ``custom_role`` only chooses among roles that the proof already grants; without a mapping that is the
    authenticated role alone. Raises AmbiguousRole, RoleForbidden,
    InvalidIdentityPoolConfiguration.
    """
    mappings = {providers.canonical_mapping_key(key): mapping for key, mapping in pool.role_mappings.items()}
    for proof in proofs:
        mapping = mappings.get(proof.mapping_key)
        if mapping is not None:
            return _mapped(mapping, proof.claims, custom_role) or _ambiguous(pool, mapping, proof)
    role = for_authenticated(pool)
    if custom_role not in (None, role):
        raise RoleForbidden(custom_role, why="no mapping speaks of the provider")
    return role


def _mapped(mapping: Json, claims: Json, custom_role: str | None) -> str | None:
    if mapping["Type"] == "Token":
        return _from_token(claims, custom_role)
    return _from_rules(mapping["RulesConfiguration"]["Rules"], claims, custom_role)


def _from_token(claims: Json, custom_role: str | None) -> str | None:
    granted = _texts(claims.get("cognito:roles"))
    if custom_role is not None:
        if custom_role not in granted:
            raise RoleForbidden(custom_role, why="not among the token's roles")
        return custom_role
    preferred = claims.get("cognito:preferred_role")
    if isinstance(preferred, str) and preferred:
        return preferred
    return granted[0] if len(granted) == 1 else None


def _from_rules(rules: Iterable[Json], claims: Json, custom_role: str | None) -> str | None:
    matching = (rule["RoleARN"] for rule in rules if matches(rule, claims))
    if custom_role is None:
        return next(matching, None)
    if custom_role not in matching:
        raise RoleForbidden(custom_role, why="no matching rule gives it")
    return custom_role


def matches(rule: Json, claims: Json) -> bool:
    """Whether one rule's claim fits. A claim that is absent fits no rule, not even NotEqual.

    Of a list each member is compared; it is NotEqual when no member is equal.
    """
    texts = _texts(claims.get(rule["Claim"]))
    wanted: str = rule["Value"]
    if not texts:
        return False
    match rule["MatchType"]:
        case "Equals":
            return wanted in texts
        case "NotEqual":
            return wanted not in texts
        case "StartsWith":
            return any(text.startswith(wanted) for text in texts)
        case "Contains":
            return any(wanted in text for text in texts)
    raise ValueError(rule["MatchType"])


def _texts(claim: Any) -> list[str]:
    """A claim as texts, booleans and numbers as JSON writes them."""
    if claim is None:
        return []
    if isinstance(claim, list):
        return [text for member in claim for text in _texts(member)]
    if isinstance(claim, bool):
        return ["true" if claim else "false"]
    return [str(claim)]


def _ambiguous(pool: IdentityPool, mapping: Json, proof: Proof) -> str:
    if mapping.get("AmbiguousRoleResolution") == "AuthenticatedRole":
        return for_authenticated(pool)
    raise AmbiguousRole(proof.provider)


def _default(pool: IdentityPool, kind: str) -> str:
    role = pool.default_roles.get(kind)
    if role is None:
        raise InvalidIdentityPoolConfiguration(why=f"no {kind} role is set on {pool.id}")
    return role
