"""No database, no users of Django's, nothing of the portal."""

SECRET_KEY = "of-tests-only"
INSTALLED_APPS = ["rest_framework", "identity.kit"]
ROOT_URLCONF = "tests.kit_project.notes"
ALLOWED_HOSTS = ["api.example.com"]
USE_TZ = True
IDENTITY_KIT = {
    "ISSUERS": ["https://id.example.com/us-east-1_Example01"],
    "CLIENT_IDS": ["1example23456789clientid00"],
    "PORTAL": {
        "URL": "https://id.example.com",
        "ACCESS_KEY_ID": "AKIANOTESAPI",
        "SECRET_ACCESS_KEY": "of-tests-only",
    },
}
IDENTITY = {"CALLERS": "identity.kit.portal.PortalCallers"}
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
