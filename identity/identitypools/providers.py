"""Names of login providers. One user pool has two names, Amazon's and our issuer's; both mean one provider."""

import re
from collections.abc import Mapping
from typing import Any

from identity.core import conf
from identity.identitypools.errors import InvalidParameter
from identity.identitypools.models import IdentityPool

COGNITO_IDENTITY = "cognito-identity.amazonaws.com"
"""The key under which an identity pool's own token is presented."""

GOOGLE, APPLE = "accounts.google.com", "appleid.apple.com"
FACEBOOK, AMAZON = "graph.facebook.com", "www.amazon.com"
TWITTER, DIGITS = "api.twitter.com", "www.digits.com"
SOCIAL = frozenset({GOOGLE, APPLE, FACEBOOK, AMAZON, TWITTER, DIGITS})
RESERVED = SOCIAL | {COGNITO_IDENTITY, "authenticated", "unauthenticated"}
"""Names that no developer provider may have: they stand in tokens for something else."""
GOOGLE_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
"""How Google's ID tokens name their issuer; the first is its address."""

_AWS_NAME = re.compile(r"cognito-idp\.([a-z0-9-]{1,20})\.amazonaws\.com/\1_[0-9A-Za-z]{1,32}")
_POOL_ID = re.compile(r"([a-z0-9-]{1,20})_[0-9A-Za-z]{1,32}")
_ELSEWHERE = re.compile(
    r"(?!cognito-idp\.[^/]*\.amazonaws\.com/)[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[\w.~-]{1,64}){0,8}"
    r"/[a-z0-9-]{1,20}_[0-9A-Za-z]{1,32}",
    re.ASCII,
)


def check_developer_provider(settings: Mapping[str, Any]) -> None:
    """Its users share a name space with the public providers' users, so it may not have the name of one.

    ``settings`` are a pool's. Raises InvalidParameter.
    """
    name = settings.get("DeveloperProviderName")
    issuers_named = map(oidc_name, settings.get("OpenIdConnectProviderARNs", []))
    if name and (name in RESERVED or name in issuers_named):
        raise InvalidParameter(f"({name}) is the name of a public provider.")


def of_pool(pool: IdentityPool) -> list[str]:
    """The canonical names of a pool's public providers, each once."""
    user_pools = [canonical(entry["ProviderName"]) for entry in pool.user_pools]
    oidc = map(oidc_name, pool.oidc_arns)
    return list(dict.fromkeys([*user_pools, *pool.social_apps, *oidc, *pool.saml_arns]))


def canonical(name: str) -> str:
    """The one name that is stored and compared: Amazon's form for a user pool however it was named, else as given.

    Clients send either ``cognito-idp.<region>.amazonaws.com/<pool id>`` or, as Amplify does, the token's own issuer
    without its scheme. Source: Cognito developer guide, "Using user pools with identity pools".
    """
    if _AWS_NAME.fullmatch(name):
        return name
    pool_id = name.rpartition("/")[2]
    region = _POOL_ID.fullmatch(pool_id)
    if region is None or not is_of_this_site(name):
        return name
    return f"cognito-idp.{region[1]}.amazonaws.com/{pool_id}"


def is_of_this_site(name: str) -> bool:
    """Whether a name is below our own address, and so can't be anybody else's."""
    return name.rpartition("/")[0] == without_scheme(conf.settings().base_url)


def is_user_pool(canonical_name: str) -> bool:
    """Whether a canonical name is a user pool's: Amazon's form, or what another installation names its own."""
    if _AWS_NAME.fullmatch(canonical_name):
        return True
    return _ELSEWHERE.fullmatch(canonical_name) is not None and not is_of_this_site(canonical_name)


def user_pool_id(canonical_name: str) -> str:
    """The user pool's id out of its canonical name."""
    return canonical_name.rpartition("/")[2]


def canonical_mapping_key(key: str) -> str:
    """A RoleMappings key in the form that is compared: ``<user pool>:<client id>``, or the key that logins have.

    OIDC providers may be named by their ARN there.
    """
    if key.startswith("arn:"):
        return oidc_name(key)
    name, _, client_id = key.rpartition(":")
    pool = canonical(name)
    return f"{pool}:{client_id}" if is_user_pool(pool) else key


def oidc_name(arn: str) -> str:
    """The issuer without its scheme out of an OIDC provider's ARN; another ARN as it is."""
    before, mark, name = arn.partition(":oidc-provider/")
    return name if mark and before.startswith("arn:") else arn


def without_scheme(url: str) -> str:
    """An issuer's address as login keys spell it."""
    return url.partition("://")[2].rstrip("/") if "://" in url else url.rstrip("/")
