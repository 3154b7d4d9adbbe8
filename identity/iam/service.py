"""The ``sts`` service: operations register with it by their wire name in snake case."""

from identity.wire.service import Service

sts = Service(
    "sts", resource=lambda call, request: request.get("RoleArn", "*"), validation_error="ValidationException"
)
