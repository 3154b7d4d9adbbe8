"""Settings of the tests: the site's own with the demo's apps, keys that are no secret, a database of choice.

``TEST_BACKEND=postgres`` runs the same suite on the server of ``TEST_DATABASE_URL``.
"""

import base64
import os

os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-that-protects-nothing-at-all")
os.environ["IDENTITY_MASTER_KEYS"] = base64.b64encode(bytes(range(32))).decode()
os.environ["IDENTITY_BASE_URL"] = "http://testserver"
os.environ["IDENTITY_DEMO"] = "1"
os.environ["DEBUG"] = "0"
for name in (
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "IDENTITY_TRIGGERS",
    "IDENTITY_REGION",
    "IDENTITY_REGIONS",
    "TRUSTED_PROXIES",
):
    os.environ.pop(name, None)
POSTGRES = os.environ.get("TEST_BACKEND") == "postgres"
os.environ["DATABASE_URL"] = (
    os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    if POSTGRES
    else "sqlite:///var/tests.sqlite3"
)

from portal.site.settings import *  # noqa: E402, F403
from portal.site.settings import DATABASES, IDENTITY  # noqa: E402

ALLOWED_HOSTS = ["*"]
if POSTGRES:
    DATABASES["default"]["OPTIONS"] = {"prepare_threshold": 0}  # every prepared statement, from its first use
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # of the admins only
IDENTITY["SMS_SENDER"] = "tests.mailbox.keep_sms"
