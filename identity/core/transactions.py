"""What must not happen inside a transaction says so, and what loses to another one is done again."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

Result = TypeVar("Result")

_TRIES = 5
_DEADLOCK = "40P01"
"""Source: PostgreSQL manual, appendix A."""


def require_none(deed: str) -> None:
    """Raise ``RuntimeError`` inside ``atomic()``. A test case's own wrapping blocks do not count, as for
    ``atomic(durable=True)``."""
    if not connection.in_atomic_block:
        return
    blocks = getattr(connection, "atomic_blocks", [])
    if not blocks or not getattr(blocks[-1], "_from_testcase", False):
        raise RuntimeError(f"{deed} must be outside atomic()")


def outlast_deadlocks(deed: Callable[[], Result]) -> Result:
    """Do it in a transaction, and anew where PostgreSQL gave this one up so that another one could go on.

    For deeds whose locks have no common order with those of others: the foreign keys of what they insert lock rows.
    """
    for _ in range(_TRIES - 1):
        try:
            with transaction.atomic():
                return deed()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _DEADLOCK:
                raise
    with transaction.atomic():
        return deed()
