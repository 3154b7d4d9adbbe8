"""The ``cognito-identity`` service: operations register with it by their wire name in snake case."""

from collections.abc import Mapping
from typing import Any

from identity.core import arns
from identity.identitypools import pool_tags, pools
from identity.identitypools.errors import PoolNotFound
from identity.wire.service import Asked, Call, Service


def pool_resource(call: Call, request: Mapping[str, Any]) -> str | Asked:
    """What policies are asked about: the identity pool named in the request with its tags, else ``*``."""
    pool_id = request.get("IdentityPoolId")
    return asked(arns.identity_pool(pool_id), pool_id) if pool_id else "*"


def asked(arn: str, pool_id: str) -> Asked:
    """A pool under this ARN, with the tags that it has. One short query."""
    try:
        return Asked(arn, pool_tags.condition_keys(pools.current(pool_id).tags))
    except PoolNotFound:
        return Asked(arn)


cognito_identity = Service("cognito-identity", resource=pool_resource, validation_error="ValidationException")
