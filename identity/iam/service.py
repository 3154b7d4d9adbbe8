"""The services ``sts`` and ``iam``: operations register with them by their wire name in snake case."""

from identity.wire.service import Service

sts = Service(
    "sts", resource=lambda call, request: request.get("RoleArn", "*"), validation_error="ValidationException"
)
iam = Service("iam", resource=lambda call, request: "*", validation_error="ValidationException")
