"""The ``cognito-sync`` service: known to the router; its operations are not built yet."""

from identity.wire.service import Service

cognito_sync = Service(
    "cognito-sync", resource=lambda call, request: "*", validation_error="InvalidParameterException"
)
