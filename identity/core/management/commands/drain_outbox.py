"""``manage.py drain_outbox``: send what waits, for sites without a Celery worker (from cron, say)."""

from typing import Any

from django.core.management.base import BaseCommand

from identity.core import outbox


class Command(BaseCommand):
    help = "Sends the mails and text messages that are due, until none is left, and says how many it tried."

    def handle(self, *args: Any, **options: Any) -> None:
        tried = 0
        while sent := outbox.drain():
            tried += sent
        self.stdout.write(f"{tried} message{'' if tried == 1 else 's'} tried.")
