"""Credentials for users of somebody else's OpenID Connect provider; no user pools, no pages."""

from tests.sites.common import *  # noqa: F403
from tests.sites.common import IDENTITY as COMMON

INSTALLED_APPS = [
    "rest_framework",
    "identity.core",
    "identity.wire",
    "identity.iam",
    "identity.identitypools",
]
IDENTITY = {**COMMON, "CALLERS": "identity.iam.callers.IamCallers"}
ROOT_URLCONF = "tests.sites.urls.identity_pools"
