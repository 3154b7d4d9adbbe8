"""The identity's own token, which the classic flow takes to STS."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from identity.core import arns, clock
from identity.identitypools import keys
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import Identity

LIFETIME = timedelta(minutes=10)
ARN_CLAIM = "https://cognito-identity.amazonaws.com/identity-pool-arn"


def amr(proofs: Sequence[Proof]) -> list[str]:
    """How the identity was proven: the state, then for each login its provider and its user, in the order of the call."""
    if not proofs:
        return ["unauthenticated"]
    return ["authenticated", *(entry for proof in proofs for entry in proof.amr)]


def claims(
    identity: Identity, methods: list[str], *, now: datetime, lifetime: timedelta = LIFETIME
) -> dict[str, Any]:
    """The payload, in the order that the service writes. Source: IAM user guide, "Available keys for web identity"."""
    issued = clock.seconds(now)
    return {
        "sub": identity.id,
        "aud": identity.pool_id,
        "amr": methods,
        "iss": keys.ISSUER,
        ARN_CLAIM: arns.identity_pool(identity.pool_id),
        "exp": issued + int(lifetime.total_seconds()),
        "iat": issued,
    }


def issue(identity: Identity, proofs: Sequence[Proof], *, now: datetime) -> str:
    """A token for ten minutes."""
    return keys.sign(claims(identity, amr(proofs), now=now), region=identity.pool.region)
