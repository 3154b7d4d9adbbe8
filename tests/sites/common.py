"""What the sites share. All that differs between runs comes from the environment, as on a real server."""

import base64
import os
from typing import Any

BASE_URL = f"http://localhost:{os.environ['SITE_PORT']}"
SECRET_KEY = "of-tests-only"
ALLOWED_HOSTS = ["localhost", ".localhost"]
USE_TZ = True
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, Any] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SITE_DATABASE", ""),
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}
ADMIN_KEY = ("AKIAAAAAAAAAAMADMIN2", "tests-only-secret-access-key-0123456789ab")
IDENTITY: dict[str, Any] = {
    "BASE_URL": BASE_URL,
    "MASTER_KEYS": [base64.b64encode(bytes(range(32))).decode()],
    "ADMIN_ACCESS_KEY_ID": ADMIN_KEY[0],
    "ADMIN_SECRET_ACCESS_KEY": ADMIN_KEY[1],
    "FETCH_PRIVATE": ["localhost"],
}
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
CELERY_TASK_ALWAYS_EAGER = True
