"""Sign-up, sign-in and tokens; keys from the settings, no roles, no identity pools."""

from tests.sites.common import *  # noqa: F403

INSTALLED_APPS = ["rest_framework", "identity.core", "identity.wire", "identity.userpools", "portal"]
MIDDLEWARE = ["portal.middleware.AuthHostMiddleware"]
ROOT_URLCONF = "tests.sites.urls.user_pools"
