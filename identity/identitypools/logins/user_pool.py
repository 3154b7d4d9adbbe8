"""ID tokens of user pools."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from identity.identitypools import providers
from identity.identitypools.errors import InactiveToken, InvalidLoginToken, UnsupportedProvider
from identity.identitypools.logins import checks, elsewhere, known_issuers
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

ALGORITHMS = ("RS256",)


def verify(pool: IdentityPool, provider: str, token: str, now: datetime) -> Proof:
    """The user of a canonical user-pool name that an ID token proves.

    The audience must be an app client that the pool lists; its entry says whether the user pool is also asked if the
    user is still there and signed in. Raises UnsupportedProvider, InvalidLoginToken, InactiveToken, and
    ExternalService where a user pool elsewhere doesn't answer for its keys.
    """
    clients = {
        entry["ClientId"]: entry
        for entry in pool.user_pools
        if providers.canonical(entry["ProviderName"]) == provider
    }
    if not clients:
        raise UnsupportedProvider
    is_ours = any(providers.is_of_this_site(entry["ProviderName"]) for entry in clients.values())
    claims = _prove(token, provider, now, may_be_elsewhere=not is_ours)
    if claims.get("token_use") != "id":
        raise InvalidLoginToken(why="not an ID token")
    client = _client(clients, claims["aud"])
    if client.get("ServerSideTokenCheck") and not _is_live(provider, claims):
        raise InactiveToken
    return Proof(
        provider=provider,
        user_id=claims["sub"],
        amr=(provider, f"{provider}:CognitoSignIn:{claims['sub']}"),
        mapping_key=f"{provider}:{client['ClientId']}",
        claims=claims,
        audience=client["ClientId"],
    )


def _prove(token: str, provider: str, now: datetime, *, may_be_elsewhere: bool) -> checks.Claims:
    issuer = known_issuers.find(provider)
    if issuer is None and may_be_elsewhere:
        return _prove_elsewhere(token, provider, now)
    try:
        return _prove_by(issuer, token, now)
    except checks.UnknownKey:
        return _prove_by(known_issuers.find(provider, anew=True), token, now)


def _prove_elsewhere(token: str, provider: str, now: datetime) -> checks.Claims:
    """By the keys that a user pool of Amazon's, or of another installation, publishes under its own address."""
    address = elsewhere.issuer_in(token, provider)
    keys = elsewhere.keys_of(address, token)
    return checks.prove(token, checks.Rules((address, f"{address}/"), ALGORITHMS), keys=keys, now=now)


def _prove_by(issuer: known_issuers.KnownIssuer | None, token: str, now: datetime) -> checks.Claims:
    if issuer is None:
        checks.read(token)
        raise InvalidLoginToken("Couldn't verify signed token.", why="no such user pool here")
    return checks.prove(token, checks.Rules(issuer.names, ALGORITHMS), keys=issuer.keys, now=now)


def _is_live(provider: str, claims: Mapping[str, Any]) -> bool:
    """Asked of the user pool each time: nothing about users and sessions is kept."""
    issuer = known_issuers.find(provider)
    return issuer is not None and issuer.is_live(claims)


def _client(clients: Mapping[str, Mapping[str, Any]], audience: object) -> Mapping[str, Any]:
    client = clients.get(audience) if isinstance(audience, str) else None
    if client is None:
        raise UnsupportedProvider(why="the app client is not on the identity pool")
    return client
