"""The ready-made deployment: settings, URLs, WSGI and Celery applications, the supervisor."""

from portal.site.celery import app as celery_app

# Imported with the settings, so that every process publishes to this site's broker, not to Celery's default one.
__all__ = ["celery_app"]
