"""From what a request shows to who it comes from: the mode is chosen by the headers, then that mode decides.

Source: AppSync developer guide, "Authorization and authentication"; the refusals as AppSync words them.
"""

from collections.abc import Mapping
from typing import Any

from identity.core import signing
from identity.kit import tokens
from identity.kit.graphql import api_keys, authorizer, signatures, token_modes
from identity.kit.graphql.api import Api, Kind
from identity.kit.graphql.errors import NO_CREDENTIAL, NOT_A_JWT, Refused
from identity.kit.graphql.modes import ApiKeys, AuthType, Iam, LambdaAuthorizer, OpenIdConnect, UserPools
from identity.kit.graphql.presented import Presented
from identity.kit.graphql.principal import Principal


def authenticate(api: Api, presented: Presented) -> Principal:
    """Who asks. Raises Refused with AppSync's status and text.

    The order is AppSync's: an API key, a signature, a token of an issuer that the API knows, whatever a Lambda accepts.
    """
    key = presented.headers.get("x-api-key")
    if key is not None:
        return api_keys.check(_one(api, ApiKeys), key)
    credential = presented.headers.get("authorization", "").strip()
    if not credential:
        raise Refused(NO_CREDENTIAL)
    if credential.startswith("AWS4-"):
        return signatures.check(_one(api, Iam), presented)
    return _by_token(api, presented, credential)


def _by_token(api: Api, presented: Presented, credential: str) -> Principal:
    token = _without_bearer(credential)
    claims = _unproven_claims(token)
    issuer = claims.get("iss") if claims else None  # proves nothing, chooses the mode
    for pools in api.of(UserPools):
        rules = token_modes.rules_of(pools)
        if tokens.is_trusted(issuer, rules):
            return token_modes.check_user_pool(pools, rules, token, presented.origin.ip)
    for provider in api.of(OpenIdConnect):
        if issuer == provider.issuer:
            return token_modes.check_oidc(provider, token)
    lambdas = api.of(LambdaAuthorizer)
    if lambdas and token == credential:  # a bearer token is never a Lambda's
        return authorizer.check(api, lambdas[0], credential, presented)
    raise _unrecognised(api, token, is_jwt=claims is not None)


def _one(api: Api, kind: type[Kind]) -> Kind:
    found = api.of(kind)
    if not found:
        raise Refused(why=f"{kind.__name__} is not a mode of this API")
    return found[0]


def _without_bearer(credential: str) -> str:
    scheme, _, rest = credential.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" and rest.strip() else credential


def _unproven_claims(token: str) -> Mapping[str, Any] | None:
    try:
        return signing.unproven_claims(token)
    except signing.Malformed:
        return None


def _unrecognised(api: Api, token: str, *, is_jwt: bool) -> Refused:
    if api.auth_types.isdisjoint({AuthType.USER_POOLS, AuthType.OIDC, AuthType.LAMBDA}):
        return Refused(why="no mode of this API takes tokens")
    if is_jwt:
        return Refused(NO_CREDENTIAL, why="a token of another issuer")
    # Three parts that hold nothing are told as every other token that proves nothing.
    return Refused(NO_CREDENTIAL if token.count(".") == 2 else NOT_A_JWT)
