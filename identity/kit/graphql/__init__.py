"""A GraphQL endpoint that lets callers in as AWS AppSync does. Needs the extra ``[graphql]``.

An ``Api`` names a strawberry schema and the modes of authorization; ``views.endpoint(api)`` serves it over HTTP,
``realtime.application({path: api})`` its subscriptions. The schema's fields carry ``directives``; resolvers find out who
asks by ``info.context.identity`` and refuse by ``unauthorized()``. Nothing here imports strawberry before an API is used.
"""

from identity.kit.graphql.api import Api, Limits
from identity.kit.graphql.context import Context
from identity.kit.graphql.errors import FieldFault, Unauthorized, unauthorized
from identity.kit.graphql.modes import (
    ApiKey,
    ApiKeys,
    AuthType,
    Iam,
    LambdaAuthorizer,
    OpenIdConnect,
    UserPools,
)

__all__ = [
    "Api",
    "ApiKey",
    "ApiKeys",
    "AuthType",
    "Context",
    "FieldFault",
    "Iam",
    "LambdaAuthorizer",
    "Limits",
    "OpenIdConnect",
    "Unauthorized",
    "UserPools",
    "unauthorized",
]
