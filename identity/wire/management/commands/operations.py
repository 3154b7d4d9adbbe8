"""``manage.py operations [Name]``: where an operation is, who may call it, its errors, its state and its tests."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.wire import catalogue
from identity.wire.catalogue import Entry


class Command(BaseCommand):
    help = "List the operations of all services, or tell everything about one."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="?", help="wire name (ConfirmSignUp) or function name (confirm_sign_up)"
        )

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        found = list(catalogue.entries(name))
        if not found:
            raise CommandError(f"no installed service has an operation named {name}")
        if name is None:
            self._list(found)
        for entry in found if name else ():
            self._tell(entry)

    def _list(self, found: list[Entry]) -> None:
        for entry in found:
            self.stdout.write(f"{entry.service:17} {entry.name:38} {entry.place or entry.state}")
        built = sum(entry.place is not None for entry in found)
        self.stdout.write(f"{built} of {len(found)} operations are built")

    def _tell(self, entry: Entry) -> None:
        self.stdout.write(f"{entry.service}:{entry.name}")
        self.stdout.write(f"  function  {entry.place or '-'}")
        self.stdout.write(f"  callers   {entry.callers}")
        self.stdout.write(f"  errors    {', '.join(entry.errors) or '-'}")
        self.stdout.write(f"  state     {entry.state}")
        for place in catalogue.tests_of(entry.name) or ["-"]:
            self.stdout.write(f"  test      {place}")
