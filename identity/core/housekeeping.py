"""What the sweep tidies up: each app registers functions that delete what nobody needs any more."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet

log = logging.getLogger("identity.housekeeping")

BATCH = 1000

Chore = Callable[[], object]
Row = TypeVar("Row", bound=models.Model)

_chores: list[Chore] = []


def register(chore: Chore) -> Chore:
    """Have the sweep call ``chore``. Called in ``AppConfig.ready()``; the same one twice counts once."""
    if chore not in _chores:
        _chores.append(chore)
    return chore


def run() -> None:
    """Call every chore. One that fails is logged and keeps none of the others from running."""
    for chore in _chores:
        try:
            chore()
        except Exception:  # a fault in one app's chore is no reason to skip the other apps'
            log.exception("housekeeping: %s.%s failed", chore.__module__, chore.__qualname__)


def delete_in_batches(rows: QuerySet[Row]) -> int:
    """Delete ``rows`` a thousand at a time, so that no single statement holds SQLite's write lock for long."""
    total = 0
    while True:
        batch = list(rows.values_list("pk", flat=True)[:BATCH])
        total += rows.model._base_manager.filter(pk__in=batch).delete()[0]
        if len(batch) < BATCH:
            return total
