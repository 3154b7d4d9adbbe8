"""An API on another machine: the kit and nothing else, no database; its portal is told by the environment."""

import os

from tests.sites.common import *  # noqa: F403

PORTAL = os.environ["SITE_PORTAL"]
INSTALLED_APPS = ["rest_framework", "identity.kit"]
DATABASES: dict[str, object] = {}
IDENTITY = {"CALLERS": "identity.kit.portal.PortalCallers", "FETCH_PRIVATE": ["localhost"]}
IDENTITY_KIT = {
    "ISSUERS": [f"{PORTAL}/{os.environ['SITE_POOL']}"],
    "CHECK_LIVE": True,
    "PORTAL": {
        "URL": PORTAL,
        "ACCESS_KEY_ID": os.environ["SITE_KEY_ID"],
        "SECRET_ACCESS_KEY": os.environ["SITE_SECRET"],
    },
}
ROOT_URLCONF = "tests.sites.urls.api"
