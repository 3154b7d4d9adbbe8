"""The enhanced flow: temporary credentials for an identity, of the role that its pool's settings choose.

Every way here may raise BrokerUnreachable and TooManyRequests where the pool has a broker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from identity.iam import sts
from identity.iam.credentials import Credentials
from identity.iam.errors import IdpRejectedClaim, PackedPolicyTooLarge, RoleRefused
from identity.identitypools import brokers, principal_tags, role_choice, scope_down, tokens
from identity.identitypools.errors import InvalidIdentityPoolConfiguration
from identity.identitypools.logins import Proof
from identity.identitypools.models import Identity

LIFETIME = timedelta(hours=1)
"""Fixed, whatever the role's longest session is."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When credentials are asked for, and the condition keys that trust policies may look at."""

    now: datetime
    context: dict[str, Any]


def for_guest(identity: Identity, at: Circumstances, *, custom_role: str | None = None) -> Credentials:
    """Bounded by the guests' session policies besides the role. Raises RoleForbidden, InvalidIdentityPoolConfiguration."""
    role_arn = role_choice.for_guest(identity.pool, custom_role)
    claims = tokens.claims(identity, tokens.amr(()), now=at.now)
    return _assume(identity, role_arn, claims, at, policies=scope_down.GUEST_POLICIES)


def for_logins(
    identity: Identity, proofs: Sequence[Proof], at: Circumstances, *, custom_role: str | None
) -> Credentials:
    """Raises AmbiguousRole, RoleForbidden, InvalidIdentityPoolConfiguration."""
    role_arn = role_choice.for_logins(identity.pool, proofs, custom_role)
    tags = principal_tags.of_logins(identity.pool, proofs)
    claims = tokens.claims(identity, tokens.amr(proofs), now=at.now, tags=tags)
    return _assume(identity, role_arn, claims, at)


def for_own_token(
    identity: Identity, claims: Mapping[str, Any], at: Circumstances, *, custom_role: str | None = None
) -> Credentials:
    """By proven claims of a token that the pool gave to this identity: its ``amr`` and tags go on as they are.

    Raises RoleForbidden, InvalidIdentityPoolConfiguration.
    """
    return _assume(identity, role_choice.for_logins(identity.pool, (), custom_role), claims, at)


def _assume(
    identity: Identity,
    role_arn: str,
    claims: Mapping[str, Any],
    at: Circumstances,
    *,
    policies: Sequence[str] = (),
) -> Credentials:
    """From our own STS, or from the one that the pool's broker asks."""
    broker = identity.pool.own_broker
    if broker is not None:
        return brokers.credentials(broker, role_arn, claims, now=at.now)
    try:
        return sts.for_identity(
            role_arn, claims=claims, duration=LIFETIME, session_policies=policies, context=at.context
        )
    except (RoleRefused, IdpRejectedClaim, PackedPolicyTooLarge) as error:
        raise InvalidIdentityPoolConfiguration(why=str(error)) from error
