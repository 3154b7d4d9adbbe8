"""``manage.py wire_stubs``: write the typed stubs of all services from the models of the installed botocore."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.wire import model, stubs


class Command(BaseCommand):
    help = "Write identity/wire/shapes/*.pyi from botocore's service models."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail where a stub is out of date"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        for name in model.SERVICES:
            path = stubs.FOLDER / f"{stubs.module_name(name)}.pyi"
            text = stubs.stub(name, model.load(name))
            if not check:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"{path}: {text.count('TypedDict)')} shapes")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"{path} is out of date: run manage.py wire_stubs")
