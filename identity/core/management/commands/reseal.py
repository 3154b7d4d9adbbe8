"""``manage.py reseal``: seal everything under the first master key, so that older ones can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Model

from identity.core import sealing


class Command(BaseCommand):
    help = (
        "Seal every sealed column again under the first master key. Run it after a new key was put in front; "
        "rows that it already seals are left alone, and it may run while the service does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what would be sealed again")

    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        broken = 0
        for column in sealing.columns():
            done, failed = _reseal(column, dry_run=dry_run)
            broken += failed
            name = f"{column.model._meta.label}.{column.field}"
            self.stdout.write(
                f"{name}: {done} sealed again" + (f", {failed} not to be opened" if failed else "")
            )
        if broken:
            raise CommandError(f"{broken} values open with no key of the ring; they were left as they are.")


def _reseal(column: sealing.Column, *, dry_run: bool) -> tuple[int, int]:
    done = failed = 0
    for row in column.model._default_manager.order_by("pk").iterator(chunk_size=500):
        old = getattr(row, column.field)
        try:
            new = sealing.resealed(column, row)
        except sealing.SealBroken:
            failed += 1
            continue
        if new is None:
            continue
        # Only if it still is what was read: a secret changed meanwhile is sealed by the new key anyway.
        done += 1 if dry_run else _write(column, row, old, new)
    return done, failed


def _write(column: sealing.Column, row: Model, old: Any, new: Any) -> int:
    unchanged = column.model._default_manager.filter(pk=row.pk, **{column.field: old})
    return unchanged.update(**{column.field: new})
