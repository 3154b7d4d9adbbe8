"""User pools and identity pools on one site."""

from tests.sites.common import *  # noqa: F403
from tests.sites.common import IDENTITY as COMMON

INSTALLED_APPS = [
    "rest_framework",
    "identity.core",
    "identity.wire",
    "identity.iam",
    "identity.userpools",
    "identity.identitypools",
    "portal",
]
MIDDLEWARE = ["portal.middleware.AuthHostMiddleware"]
IDENTITY = {**COMMON, "CALLERS": "identity.iam.callers.IamCallers"}
ROOT_URLCONF = "tests.sites.urls.both"
