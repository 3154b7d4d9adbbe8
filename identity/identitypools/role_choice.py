"""Which role a caller gets, and why. Pure: a pool's roles and the proofs in, a role's ARN out.

Source: Cognito developer guide, "Role-based access control".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from identity.core.errors import ServiceError
from identity.identitypools import providers
from identity.identitypools.errors import AmbiguousRole, InvalidIdentityPoolConfiguration, RoleForbidden
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

SAML_ROLES = "https://aws.amazon.com/SAML/Attributes/Role"
"""A SAML attribute whose values are pairs: a role's ARN and the provider's, with a comma between."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at on the way to a role.

    ``found`` is the claim's value, which is the person's own affair and stays out of logs.
    """

    text: str
    found: str = field(default="", repr=False)
    is_match: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The role, or the refusal, and what was looked at in its order; the last step that matched decided."""

    role_arn: str | None
    steps: tuple[Step, ...]
    refusal: ServiceError | None = None


def for_guest(pool: IdentityPool, custom_role: str | None = None) -> str:
    """Raises InvalidIdentityPoolConfiguration where none is set, RoleForbidden for a wish that isn't that role."""
    return _default(pool, "unauthenticated", custom_role, [])


def for_logins(pool: IdentityPool, proofs: Sequence[Proof], custom_role: str | None) -> str:
    """The first proof whose provider has a mapping decides; without one it is the pool's authenticated role.

    ``custom_role`` only chooses among roles that the proof already grants; without a mapping that is the
    authenticated role, and what a SAML assertion lists. Raises AmbiguousRole, RoleForbidden,
    InvalidIdentityPoolConfiguration.
    """
    return _for_logins(pool, proofs, custom_role, [])


def explain(pool: IdentityPool, proofs: Sequence[Proof] | None, custom_role: str | None) -> Choice:
    """What ``for_logins`` answers, and how it came to it; without ``proofs`` what ``for_guest`` does."""
    trail: list[Step] = []
    try:
        role_arn = (
            _default(pool, "unauthenticated", custom_role, trail)
            if proofs is None
            else _for_logins(pool, proofs, custom_role, trail)
        )
    except (AmbiguousRole, RoleForbidden, InvalidIdentityPoolConfiguration) as refusal:
        return Choice(None, tuple(trail), refusal)
    return Choice(role_arn, tuple(trail))


def _for_logins(
    pool: IdentityPool, proofs: Sequence[Proof], custom_role: str | None, trail: list[Step]
) -> str:
    mappings = {providers.canonical_mapping_key(key): mapping for key, mapping in pool.role_mappings.items()}
    for proof in proofs:
        mapping = mappings.get(proof.mapping_key)
        trail.append(Step(f"Role mapping of {proof.mapping_key}", _kind(mapping), mapping is not None))
        if mapping is not None:
            role = _mapped(mapping, proof, custom_role, trail)
            return role or _ambiguous(pool, mapping, proof, trail)
    if custom_role is not None:
        for proof in proofs:
            if _is_saml(proof) and custom_role in _granted(proof):
                trail.append(Step("The asked role is among the assertion's roles", custom_role, True))
                return custom_role
    return _default(pool, "authenticated", custom_role, trail)


def _kind(mapping: Json | None) -> str:
    return f"type {mapping['Type']}" if mapping is not None else "none"


def _mapped(mapping: Json, proof: Proof, custom_role: str | None, trail: list[Step]) -> str | None:
    if mapping["Type"] == "Token":
        return _from_token(proof, custom_role, trail)
    return _from_rules(mapping["RulesConfiguration"]["Rules"], proof.claims, custom_role, trail)


def _from_token(proof: Proof, custom_role: str | None, trail: list[Step]) -> str | None:
    granted = _granted(proof)
    if custom_role is not None:
        is_granted = custom_role in granted
        trail.append(Step("The asked role is among the token's roles", ", ".join(granted), is_granted))
        if not is_granted:
            raise RoleForbidden(custom_role, why="not among the token's roles")
        return custom_role
    preferred = None if _is_saml(proof) else proof.claims.get("cognito:preferred_role")
    if isinstance(preferred, str) and preferred:
        trail.append(Step("cognito:preferred_role", preferred, True))
        return preferred
    trail.append(Step("The token's only role", ", ".join(granted), len(granted) == 1))
    return granted[0] if len(granted) == 1 else None


def _from_rules(
    rules: Iterable[Json], claims: Json, custom_role: str | None, trail: list[Step]
) -> str | None:
    """The first rule that matches, and where a role is asked for, that gives this one."""
    for number, rule in enumerate(rules, 1):
        fits = matches(rule, claims)
        is_wanted = custom_role in (None, rule["RoleARN"])
        trail.append(
            Step(_shown(number, rule), ", ".join(_texts(claims.get(rule["Claim"]))), fits and is_wanted)
        )
        if fits and is_wanted:
            role_arn: str = rule["RoleARN"]
            return role_arn
    if custom_role is not None:
        raise RoleForbidden(custom_role, why="no matching rule gives it")
    return None


def _shown(number: int, rule: Json) -> str:
    return f"Rule {number}: {rule['Claim']} {rule['MatchType']} {rule['Value']} gives {rule['RoleARN']}"


def _granted(proof: Proof) -> list[str]:
    """The roles that the token, or the SAML assertion for this very provider, lists."""
    if not _is_saml(proof):
        return _texts(proof.claims.get("cognito:roles"))
    pairs = [[part.strip() for part in text.split(",")] for text in _texts(proof.claims.get(SAML_ROLES))]
    return [
        arn
        for pair in pairs
        if len(pair) == 2 and proof.provider in pair
        for arn in pair
        if arn != proof.provider
    ]


def _is_saml(proof: Proof) -> bool:
    return ":saml-provider/" in proof.provider


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


def _ambiguous(pool: IdentityPool, mapping: Json, proof: Proof, trail: list[Step]) -> str:
    resolution = str(mapping.get("AmbiguousRoleResolution"))
    is_resolved = resolution == "AuthenticatedRole"
    trail.append(Step("No role found: AmbiguousRoleResolution", resolution, is_resolved))
    if not is_resolved:
        raise AmbiguousRole(proof.provider)
    return _default(pool, "authenticated", None, trail)


def _default(pool: IdentityPool, kind: str, custom_role: str | None, trail: list[Step]) -> str:
    role = pool.default_roles.get(kind)
    trail.append(
        Step(f"The pool's {kind} role", role or "none", role is not None and custom_role in (None, role))
    )
    if role is None:
        raise InvalidIdentityPoolConfiguration(why=f"no {kind} role is set on {pool.id}")
    if custom_role not in (None, role):
        raise RoleForbidden(custom_role, why=f"only the {kind} role is granted")
    return role
