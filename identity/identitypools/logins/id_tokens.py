"""ID tokens of Google and Apple, whose keys have known addresses.

Source: Google Identity, "Verify the Google ID token on your server side"; Sign in with Apple REST API, "Verifying a user".
"""

from dataclasses import dataclass
from datetime import datetime

from identity.identitypools import providers
from identity.identitypools.logins import checks, elsewhere, oidc, provider_urls
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a provider's tokens name it, and where below its address its keys are."""

    issuers: tuple[str, ...]
    keys_path: str


_KINDS = {
    providers.GOOGLE: _Kind(providers.GOOGLE_ISSUERS, "/oauth2/v3/certs"),
    providers.APPLE: _Kind(("https://appleid.apple.com",), "/auth/keys"),
}


def verify(pool: IdentityPool, name: str, token: str, now: datetime) -> Proof:
    """The user that an ID token for the pool's app proves. Raises InvalidLoginToken, ExternalService."""
    kind, at = _KINDS[name], provider_urls.of(name)
    checks.read(token)
    keys = elsewhere.keys_at(at.url + kind.keys_path, token, trusted=at.is_own)
    rules = checks.Rules(kind.issuers, ("RS256",), oidc.SKEW_SECONDS)
    claims = checks.prove(token, rules, keys=keys, now=now)
    app_id = oidc.party_of(claims, [pool.social_apps[name]])
    return Proof(
        provider=name,
        user_id=claims["sub"],
        amr=(name, f"{name}:{app_id}:{claims['sub']}"),
        mapping_key=name,
        claims=claims,
        audience=app_id,
    )
