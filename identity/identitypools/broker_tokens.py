"""The tokens that brokers take to security token services elsewhere. Their issuer is an address of this server, where
anybody finds its keys: Amazon's own name would be looked up at Amazon.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from identity.core import clock, hosts, ids
from identity.iam.web_identity import TAGS_CLAIM
from identity.identitypools import keys

LIFETIME = timedelta(minutes=5)
"""A token is used at once; what is left of its life serves clocks that go ahead."""

_CARRIED_OVER = ("sub", "amr", TAGS_CLAIM)


def issuer() -> str:
    """One for all pools: what tells them apart is the audience, which no two brokers share."""
    return hosts.base_url("/identity-pools")


def issue(claims: Mapping[str, Any], *, audience: str, now: datetime) -> str:
    """A token for what ``claims``, those of the identity's own token, say of it: who, how proven, its tags."""
    issued = clock.seconds(now)
    content = {
        "iss": issuer(),
        "aud": audience,
        **{name: claims[name] for name in _CARRIED_OVER if name in claims},
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "jti": ids.uuid(),
    }
    return keys.sign(content, region=keys.BROKERS, typ="JWT")
