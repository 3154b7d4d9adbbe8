"""ID tokens of OpenID Connect providers that the account trusts. Source: OpenID Connect Core 1.0 §3.1.3.7."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from identity.core import signing
from identity.iam import oidc_keys, oidc_providers
from identity.iam.errors import IdpCommunicationError, InvalidIdentityToken
from identity.iam.models import OidcProvider
from identity.identitypools import providers
from identity.identitypools.errors import ExternalService, InvalidLoginToken, UnsupportedProvider
from identity.identitypools.logins import checks
from identity.identitypools.logins.proof import Proof

ALGORITHMS = ("RS256", "RS384", "RS512")
SKEW_SECONDS = 300

Claims = Mapping[str, Any]


def verify(name: str, token: str, now: datetime) -> Proof:
    """The user of an issuer (without its scheme) that an ID token proves.

    Raises UnsupportedProvider where the account doesn't know it, InvalidLoginToken, ExternalService where the issuer
    doesn't answer for its keys.
    """
    unproven = checks.read(token)
    address = unproven.get("iss")
    if not isinstance(address, str) or providers.without_scheme(address) != name:
        raise InvalidLoginToken("Issuer doesn't match providerName")
    provider = oidc_providers.find(address)
    if provider is None:
        raise UnsupportedProvider(why="no such OIDC provider in the account")
    rules = checks.Rules((address,), ALGORITHMS, SKEW_SECONDS)
    claims = checks.prove(token, rules, keys=_keys(address, token), now=now)
    _check_audience(claims, provider)
    return Proof(
        provider=name,
        user_id=claims["sub"],
        amr=(name, f"{provider.arn}:OIDC:{claims['sub']}"),
        mapping_key=name,
        claims=claims,
    )


def _keys(issuer_url: str, token: str) -> Sequence[Mapping[str, Any]]:
    try:
        return oidc_keys.of(issuer_url, oidc_keys.kid_of(token))
    except IdpCommunicationError as error:
        raise ExternalService(why=error.why) from error
    except (InvalidIdentityToken, signing.Malformed) as error:
        raise InvalidLoginToken("Couldn't verify signed token.", why=str(error)) from error


def _check_audience(claims: Claims, provider: OidcProvider) -> None:
    """The party that the token was issued to must be a client of ours: ``azp`` where it is named, else ``aud``."""
    party = claims.get("azp") or claims["aud"]
    parties = party if isinstance(party, list) else [party]
    if not any(one in provider.client_ids for one in parties):
        raise InvalidLoginToken("Incorrect token audience.")
