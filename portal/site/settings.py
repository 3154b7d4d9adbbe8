"""The ready-made deployment: everything from the environment, which is read here and nowhere else.

``IDENTITY_DEMO=1`` (set by ``make run``) adds the demo; ``manage.py check --deploy`` and the supervisor
refuse what would be unsafe. Every variable is in the README's table.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django

from portal import csp
from portal.site.environment import Environment

env = Environment(os.environ)

PACKAGE_DIR = Path(__file__).resolve().parent.parent
BASE_DIR = PACKAGE_DIR.parent
VAR_DIR = Path(env.text("IDENTITY_VAR", "var")).absolute()
DEMO = env.flag("IDENTITY_DEMO")

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY")
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, least=1, most=65535)
# Of the process that serves GraphQL subscriptions, which only the demo has; 0: none.
REALTIME_PORT = env.number("REALTIME_PORT", PORT % 65535 + 1, least=0, most=65535) if DEMO else 0
WEB_WORKERS = env.number("WEB_WORKERS", 0, least=0, most=64)  # 0: one a core

BASE_URL = (env.url("IDENTITY_BASE_URL", "http", "https") or f"http://localhost:{PORT}").rstrip("/")
_public = urlsplit(BASE_URL)
_own_names = (_public.hostname or "localhost", f".auth.{_public.hostname or 'localhost'}")
ALLOWED_HOSTS = list(
    env.names("ALLOWED_HOSTS", (*_own_names, "localhost", ".localhost", "127.0.0.1", "[::1]"))
)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "identity.core",
    "identity.wire",
    "identity.iam",
    "identity.userpools",
    "identity.identitypools",
    "identity.sync",
    "identity.kit",
    "portal",
]
if DEMO:
    INSTALLED_APPS.append("portal.demo")
if django.VERSION < (6, 0):
    INSTALLED_APPS.append("csp")

MIDDLEWARE: list[str] = [
    "portal.site.health.HealthMiddleware",
    "portal.site.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.AuthHostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *csp.MIDDLEWARE,
]

ROOT_URLCONF = "portal.site.urls"
WSGI_APPLICATION = "portal.site.wsgi.application"
APPEND_SLASH = False  # AWS and OAuth paths have no trailing slash; a redirect would lose a POST
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # In a checkout the templates stand at the top, in a wheel within the package; they come before Django's own.
        "DIRS": [folder for folder in (BASE_DIR / "templates", PACKAGE_DIR / "templates") if folder.is_dir()],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR_DIR / "identity.sqlite3")}
_database = env.database("DATABASE_URL", _sqlite)
_options = _database.setdefault("OPTIONS", {})  # an operator's own, as ?sslmode=require
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _options |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
    _database["CONN_MAX_AGE"] = None  # opening costs more than most requests; a thread keeps its own
else:
    _options.setdefault("connect_timeout", 5)  # seconds; libpq's own is the system's two minutes
    _options.setdefault("prepare_threshold", 5)  # for the statements of identity.core.prepared
    _options |= {"pool": {"min_size": 1, "max_size": 10, "timeout": 5}}
DATABASES = {"default": _database}

REDIS_URL = env.url("REDIS_URL", "redis", "rediss", "unix")
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "identity.core.cache.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

CELERY_BROKER_URL = env.url("CELERY_BROKER_URL", "redis", "rediss", "amqp", "amqps", "sentinel")
EMBEDDED_BROKER = not CELERY_BROKER_URL
if EMBEDDED_BROKER:
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT = "portal.site.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(VAR_DIR / "broker" / "in"),
        "data_folder_out": str(VAR_DIR / "broker" / "in"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "max_retries": 0,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "connect_timeout": 1,
    }
CELERY_BROKER_CONNECTION_TIMEOUT = 1
# Of the worker, for ever: it waits for a broker that is away. Publishers set their own, see identity.core.nudging.
CELERY_BROKER_CONNECTION_RETRY = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 4
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # nobody asks; a queue less to poll
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "identity.core.sweep", "schedule": 5.0}}
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # keeps no file, which a killed worker could leave broken
CELERY_BEAT_MAX_LOOP_INTERVAL = 1  # seconds; as long as it takes to notice that it shall end

globals().update(env.mail("EMAIL_URL"))
EMAIL_TIMEOUT = 10

IDENTITY: dict[str, Any] = {
    "BASE_URL": BASE_URL,
    "REGION": env.text("IDENTITY_REGION", "us-east-1"),
    "REGIONS": env.names("IDENTITY_REGIONS"),
    "ACCOUNT_ID": env.text("IDENTITY_ACCOUNT_ID", "000000000000"),
    "MASTER_KEYS": env.names("IDENTITY_MASTER_KEYS"),
    "SMS_WEBHOOK_URL": env.url("IDENTITY_SMS_WEBHOOK_URL", "http", "https"),
    "TRIGGERS": env.mapping("IDENTITY_TRIGGERS"),
    "FETCH_PRIVATE": env.names("IDENTITY_FETCH_PRIVATE"),
    "PROVIDER_URLS": env.mapping("IDENTITY_PROVIDER_URLS"),
    "TRUSTED_PROXIES": env.names("TRUSTED_PROXIES"),
    "CALLS_PER_SECOND": env.number("IDENTITY_CALLS_PER_SECOND", 0, least=0, most=1_000_000),
    "REDIS_URL": REDIS_URL,
    "CALLERS": "identity.iam.callers.IamCallers",
    "ADMIN_ACCESS_KEY_ID": env.text("IDENTITY_ADMIN_ACCESS_KEY_ID"),
    "ADMIN_SECRET_ACCESS_KEY": env.text("IDENTITY_ADMIN_SECRET_ACCESS_KEY"),
}
if DEMO:
    EMAIL_BACKEND = "portal.demo.mailbox.EmailBackend"
    IDENTITY["SMS_SENDER"] = "portal.demo.mailbox.keep_sms"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["identity.kit.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}

PASSWORD_HASHERS = [
    "identity.core.hashing.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for folder in (BASE_DIR / "static",) if folder.is_dir()]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

_https = _public.scheme == "https"
# Forms are posted to the public address, whatever scheme the proxy tells of.
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}", f"{_public.scheme}://*.auth.{_public.netloc}"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IDENTITY["TRUSTED_PROXIES"] else None
SECURE_SSL_REDIRECT = False  # the proxy's work: redirecting a signed API call would only break it
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # which wants that redirect
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = _https
CSRF_FAILURE_VIEW = "portal.pages.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
globals().update(csp.settings(STATIC_URL))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

_log_level = env.log_level("LOG_LEVEL", "INFO")
# Celery tells of every sweep at INFO, each five seconds.
_quiet = _log_level if _log_level in ("DEBUG", "ERROR", "CRITICAL") else "WARNING"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"lost_broker": {"()": "portal.site.logs.LostBroker"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["lost_broker"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": _log_level},
    "loggers": {
        "celery": {"level": _quiet},
        "kombu": {"level": _quiet},
        # With a traceback for each stranger that asks for another host. The answer, 400, is logged anyway.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
        # So for each form that is too large or has too many fields.
        "django.security.TooManyFieldsSent": {"handlers": ["nowhere"], "propagate": False},
        "django.security.RequestDataTooBig": {"handlers": ["nowhere"], "propagate": False},
    },
}

env.require_readable()
