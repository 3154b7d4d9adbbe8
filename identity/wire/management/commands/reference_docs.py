"""``manage.py reference_docs``: write the reference pages that come from the code."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.wire import reference


class Command(BaseCommand):
    help = "Write docs/reference/{settings,operations,errors,events}.md of a checkout from the code."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail where a page is out of date"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not reference.FOLDER.is_dir():
            raise CommandError(f"{reference.FOLDER} is not there: the pages are a checkout's.")
        stale = []
        for name, text in reference.pages().items():
            path = reference.FOLDER / name
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"{path} written")
        if check and stale:
            raise CommandError(f"out of date: {', '.join(stale)}; run make docs")
