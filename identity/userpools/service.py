"""The ``cognito-idp`` service: operations register with it by their wire name in snake case."""

from collections.abc import Mapping
from typing import Any

from identity.core import arns
from identity.wire.service import Call, Service


def pool_resource(call: Call, request: Mapping[str, Any]) -> str:
    """The ARN a policy is asked about: the pool named in the request, else ``*``. Source: cognito/credentials §8."""
    pool_id = request.get("UserPoolId")
    return arns.user_pool(pool_id) if pool_id else "*"


cognito_idp = Service(
    "cognito-idp",
    resource=pool_resource,
    validation_error="InvalidParameterException",
    drops_nulls=True,  # Amplify and its like send parameters that they have no value for, as "DEVICE_KEY": null
)
