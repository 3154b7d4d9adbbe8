"""The ``cognito-identity`` service: operations register with it by their wire name in snake case."""

from collections.abc import Mapping
from typing import Any

from identity.core import arns
from identity.wire.service import Call, Service


def pool_resource(call: Call, request: Mapping[str, Any]) -> str:
    """The ARN a policy is asked about: the identity pool named in the request, else ``*``."""
    pool_id = request.get("IdentityPoolId")
    return arns.identity_pool(pool_id) if pool_id else "*"


cognito_identity = Service("cognito-identity", resource=pool_resource, validation_error="ValidationException")
