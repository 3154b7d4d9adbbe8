"""What verifiers of identity pools' own tokens fetch: discovery and keys of the two issuers."""

from collections.abc import Mapping

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from identity.core import conf
from identity.identitypools import broker_tokens, keys


@require_safe
@cache_control(public=True, max_age=3600)
def openid_configuration(request: HttpRequest) -> JsonResponse:
    """The discovery document. The issuer is Amazon's name; the keys' address is this server's. Source: OpenID Connect
    Discovery 1.0 §3.
    """
    document = {
        "issuer": keys.ISSUER,
        "jwks_uri": conf.settings().base_url + reverse("identitypools:jwks"),
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [keys.ALGORITHM],
    }
    return _answer(document)


@require_safe
@cache_control(public=True, max_age=300)
def jwks(request: HttpRequest) -> JsonResponse:
    """The public keys of all regions, also those that sign no more."""
    return _answer(keys.jwks())


@require_safe
@cache_control(public=True, max_age=300)
def brokers_openid_configuration(request: HttpRequest) -> JsonResponse:
    """The discovery document of brokers' tokens, as AWS asks for it. Source: IAM user guide, "Create an OpenID Connect
    (OIDC) identity provider in IAM", prerequisites; OpenID Connect Discovery 1.0 §3.
    """
    document = {
        "issuer": broker_tokens.issuer(),
        "jwks_uri": conf.settings().base_url + reverse("identitypools:brokers_jwks"),
        # Nobody signs in there, but the standard and some verifiers want the member.
        "authorization_endpoint": "urn:identity-portal:no-authorization-endpoint",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [keys.BROKERS_ALGORITHM],
        "claims_supported": ["iss", "aud", "sub", "amr", "iat", "exp", "jti"],
    }
    return _answer(document)


@require_safe
@cache_control(public=True, max_age=300)
def brokers_jwks(request: HttpRequest) -> JsonResponse:
    """The public keys of brokers' tokens, also those that sign no more."""
    return _answer(keys.brokers_jwks())


def _answer(document: Mapping[str, object]) -> JsonResponse:
    response = JsonResponse(dict(document))
    response["Access-Control-Allow-Origin"] = "*"  # public; browsers' libraries verify tokens too
    return response
