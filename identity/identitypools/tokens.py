"""The identity's own token, which the classic flow takes to STS."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from identity.core import arns, clock
from identity.iam.web_identity import TAGS_CLAIM
from identity.identitypools import keys, principal_tags
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
    identity: Identity,
    methods: list[str],
    *,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The payload, in the order that the service writes. Source: IAM user guide, "Available keys for web identity"."""
    issued = clock.seconds(now)
    return {
        "sub": identity.id,
        "aud": identity.pool_id,
        "amr": methods,
        **({TAGS_CLAIM: principal_tags.in_token(tags)} if tags else {}),
        "iss": keys.ISSUER,
        ARN_CLAIM: arns.identity_pool(identity.pool_id),
        "exp": issued + int(lifetime.total_seconds()),
        "iat": issued,
    }


def issue(
    identity: Identity,
    proofs: Sequence[Proof],
    *,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    tags: Mapping[str, str] | None = None,
) -> str:
    """A token for ten minutes, or as long as a developer asked. ``tags`` become those of the session."""
    content = claims(identity, amr(proofs), now=now, lifetime=lifetime, tags=tags)
    return keys.sign(content, region=identity.pool.region)
