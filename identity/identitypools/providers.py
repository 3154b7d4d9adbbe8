"""Names of login providers. One user pool has two names, Amazon's and our issuer's; both mean one provider."""

import re

from identity.core import conf

COGNITO_IDENTITY = "cognito-identity.amazonaws.com"
"""The key under which an identity pool's own token is presented."""

GOOGLE, APPLE = "accounts.google.com", "appleid.apple.com"
SOCIAL = frozenset(
    {GOOGLE, APPLE, "graph.facebook.com", "www.amazon.com", "api.twitter.com", "www.digits.com"}
)
RESERVED = SOCIAL | {COGNITO_IDENTITY}
"""Names that no developer provider may have."""

_AWS_NAME = re.compile(r"cognito-idp\.([a-z0-9-]{1,20})\.amazonaws\.com/\1_[0-9A-Za-z]{1,32}")
_POOL_ID = re.compile(r"([a-z0-9-]{1,20})_[0-9A-Za-z]{1,32}")


def canonical(name: str) -> str:
    """The one name that is stored and compared: Amazon's form for a user pool however it was named, else as given.

    Clients send either ``cognito-idp.<region>.amazonaws.com/<pool id>`` or, as Amplify does, the token's own issuer
    without its scheme. Source: Cognito developer guide, "Using user pools with identity pools".
    """
    if _AWS_NAME.fullmatch(name):
        return name
    base, _, pool_id = name.rpartition("/")
    region = _POOL_ID.fullmatch(pool_id)
    if region is None or base != without_scheme(conf.settings().base_url):
        return name
    return f"cognito-idp.{region[1]}.amazonaws.com/{pool_id}"


def is_user_pool(canonical_name: str) -> bool:
    """Whether a canonical name is a user pool's."""
    return _AWS_NAME.fullmatch(canonical_name) is not None


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
