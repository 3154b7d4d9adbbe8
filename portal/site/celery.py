"""The Celery application: a broker of the operator's, else kombu's filesystem broker under ``var/``.

A message is only a nudge (each task's work is a row that ``sweep`` finds again), so publishing never
waits: no retries, one-second socket timeouts.
"""

import os
import warnings

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.site.settings")

# What Celery warns of is pickled tasks, which this site does not accept.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
# Tasks that lose their broker may run on: each is safe to run twice.
warnings.filterwarnings("ignore", message=r"\s*In Celery 5\.1 we introduced an optional breaking change")

app = Celery("identity")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["identity.core"])


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def keep_djangos_logging(**_: object) -> None:
    """Celery would replace the root logger's handlers; the site's settings already say how to log."""
