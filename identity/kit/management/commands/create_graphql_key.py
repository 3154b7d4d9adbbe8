"""``manage.py create_graphql_key``: an API key, and what of it goes into the settings."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.core import clock
from identity.kit.graphql import ApiKey, api_keys

LONGEST_DAYS = 365


class Command(BaseCommand):
    help = "Makes an API key for a GraphQL API. It is shown once; only its digest is to be kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=7, help="How long it counts: 7 days, 365 at most.")

    def handle(self, *args: Any, **options: Any) -> None:
        days: int = options["days"]
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days is from 1 to {LONGEST_DAYS}.")
        text = api_keys.new_key()
        key = ApiKey.of(text, expires_at=clock.now() + timedelta(days=days))
        self.stdout.write(f"key      {text}")
        self.stdout.write(f"sha256   {key.sha256}")
        self.stdout.write(f"expires  {key.expires_at:%Y-%m-%dT%H:%M:%S%z}")
