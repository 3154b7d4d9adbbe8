"""Who may come in, by each of the five modes."""

from typing import Any

from identity.kit import graphql
from portal.demo import fixed

API_ID = "notes"
_CLIENTS = f"{fixed.CLIENT}|{fixed.CONFIDENTIAL_CLIENT}"

notes_api = graphql.Api(
    id=API_ID,
    schema="portal.demo.graphql.schema.schema",
    default=graphql.UserPools(issuers=[fixed.USER_POOL], client_id_pattern=_CLIENTS, check_live=True),
    additional=[
        graphql.Iam(),
        # The identity pool's own tokens (GetOpenIdToken): an OpenID provider like any other, and at hand.
        graphql.OpenIdConnect(
            issuer="https://cognito-identity.amazonaws.com", client_id_pattern=fixed.IDENTITY_POOL
        ),
        graphql.ApiKeys(keys=[graphql.ApiKey.of(fixed.GRAPHQL_KEY)]),
        graphql.LambdaAuthorizer(function="portal.demo.graphql.api.authorize"),
    ],
)


def authorize(event: dict[str, Any]) -> dict[str, Any]:
    """What a Lambda would be: everybody who knows the word is a visitor."""
    is_visitor = event["authorizationToken"] == fixed.GRAPHQL_TOKEN
    return {"isAuthorized": is_visitor, "resolverContext": {"name": "visitor"}}
