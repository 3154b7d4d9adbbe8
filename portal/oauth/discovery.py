"""What a pool publishes of itself, at its issuer's address: the discovery document and its keys.

Source: OpenID Connect Discovery 1.0 §3 and §4; RFC 8414 §2; RFC 7517 §5.
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from identity.userpools import domains, keys, pools
from identity.userpools.errors import ResourceNotFound
from identity.userpools.models import UserPool
from portal.oauth.responses import json_answer

# Short, since a rotated key signs at once: a verifier that meets an unknown one must find it here soon.
_KEPT_SECONDS = 300


@require_safe
def configuration(request: HttpRequest, pool_id: str) -> HttpResponse:
    """``<issuer>/.well-known/openid-configuration``."""
    try:
        pool = pools.get(pool_id)
    except ResourceNotFound as unknown:
        return json_answer({"message": unknown.message}, status=404)
    return _published(document(pool))


@require_safe
def jwks(request: HttpRequest, pool_id: str) -> HttpResponse:
    """``<issuer>/.well-known/jwks.json``."""
    try:
        pool = pools.get(pool_id)
    except ResourceNotFound as unknown:
        return json_answer({"message": unknown.message}, status=404)
    return _published(keys.jwks(pool))


def document(pool: UserPool) -> dict[str, Any]:
    """The discovery document, in alphabetical order as Cognito has it.

    The keys are where this server answers, also where the pool's issuer is AWS's address. Without a domain the
    endpoints have no address of their own; Cognito names those of the issuer then, and so do we.
    """
    home = keys.own_address(pool)
    domain = domains.url_of(pool)
    base = f"{domain}/oauth2" if domain else home
    return {
        "authorization_endpoint": f"{base}/authorize",
        "code_challenge_methods_supported": ["S256"],
        "end_session_endpoint": f"{domain or home}/logout",
        "grant_types_supported": ["authorization_code", "client_credentials", "implicit", "refresh_token"],
        "id_token_signing_alg_values_supported": [keys.ALGORITHM],
        "issuer": keys.issuer_of(pool),
        "jwks_uri": f"{home}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": f"{base}/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": f"{base}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": f"{base}/userInfo",
    }


def _published(content: dict[str, Any]) -> HttpResponse:
    body = json.dumps(content, separators=(",", ":"))
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
    return response
