"""ID tokens of OpenID Connect providers that the account trusts. Source: OpenID Connect Core 1.0 §3.1.3.7."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from identity.iam import oidc_providers
from identity.identitypools import providers
from identity.identitypools.errors import InvalidLoginToken, UnsupportedProvider
from identity.identitypools.logins import checks, elsewhere
from identity.identitypools.logins.proof import Proof

ALGORITHMS = ("RS256", "RS384", "RS512")
SKEW_SECONDS = 300

Claims = Mapping[str, Any]


def verify(name: str, token: str, now: datetime) -> Proof:
    """The user of an issuer (without its scheme) that an ID token proves.

    Raises UnsupportedProvider where the account doesn't know it, InvalidLoginToken, ExternalService where the issuer
    doesn't answer for its keys.
    """
    issuer = _issuer_in(token, name)
    provider = oidc_providers.find(issuer)
    if provider is None:
        raise UnsupportedProvider(why="no such OIDC provider in the account")
    issuers = providers.GOOGLE_ISSUERS if issuer in providers.GOOGLE_ISSUERS else provider.issuers
    rules = checks.Rules(issuers, ALGORITHMS, SKEW_SECONDS)
    claims = checks.prove(token, rules, keys=elsewhere.keys_of(issuers[0], token), now=now)
    return Proof(
        provider=name,
        user_id=claims["sub"],
        amr=(name, f"{provider.arn}:OIDC:{claims['sub']}"),
        mapping_key=name,
        claims=claims,
        audience=party_of(claims, provider.client_ids),
    )


def party_of(claims: Claims, client_ids: Iterable[str]) -> str:
    """The client of ours that the token was issued to: ``azp`` where it is named, else ``aud``. Raises InvalidLoginToken."""
    party = claims.get("azp") or claims["aud"]
    for one in party if isinstance(party, list) else [party]:
        if isinstance(one, str) and one in client_ids:
            return one
    raise InvalidLoginToken("Incorrect token audience.")


def _issuer_in(token: str, name: str) -> str:
    """The address of the issuer that the token names. Google's is also written without a scheme."""
    address = checks.read(token).get("iss")
    if name == providers.GOOGLE and address in providers.GOOGLE_ISSUERS:
        return providers.GOOGLE_ISSUERS[0]
    if not isinstance(address, str) or providers.without_scheme(address) != name:
        raise InvalidLoginToken("Issuer doesn't match providerName")
    return address
