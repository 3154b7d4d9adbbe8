"""AppSync's schema directives, for ``directives=[…]`` of strawberry's fields and types.

``@strawberry.field(directives=[AwsIam(), AwsCognitoUserPools(cognito_groups=["editors"])])`` lets signed requests in, and
members of a group. Several on one field: any of them is enough. A field without one takes its type's, a type without
one the API's default mode. Source: AppSync developer guide, "Using additional authorization modes".
"""

import strawberry
from strawberry.schema_directive import Location

_WHERE = [Location.FIELD_DEFINITION, Location.OBJECT]


@strawberry.schema_directive(locations=_WHERE, name="aws_cognito_user_pools")
class AwsCognitoUserPools:
    """Users of the pools; with ``cognito_groups`` only members of one of them."""

    cognito_groups: list[str] | None = strawberry.directive_field(name="cognito_groups", default=None)


@strawberry.schema_directive(locations=_WHERE, name="aws_auth")
class AwsAuth:
    """Members of the groups, on APIs whose one mode is user pools; with any other mode beside it does nothing, as in
    AppSync. ``AwsCognitoUserPools`` always does."""

    cognito_groups: list[str] = strawberry.directive_field(name="cognito_groups")


@strawberry.schema_directive(locations=_WHERE, name="aws_iam")
class AwsIam:
    """Signed requests that a policy allows."""


@strawberry.schema_directive(locations=_WHERE, name="aws_oidc")
class AwsOidc:
    """Tokens of the OpenID provider."""


@strawberry.schema_directive(locations=_WHERE, name="aws_api_key")
class AwsApiKey:
    """Whoever has an API key."""


@strawberry.schema_directive(locations=_WHERE, name="aws_lambda")
class AwsLambda:
    """Whomever the function lets in."""


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="aws_subscribe")
class AwsSubscribe:
    """Which mutations a subscription tells of; its arguments are filters on the fields of what they return."""

    mutations: list[str]
