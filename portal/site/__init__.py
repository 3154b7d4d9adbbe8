"""The ready-made deployment: settings, URLs, WSGI and Celery applications, the supervisor."""
