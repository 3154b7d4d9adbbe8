"""What must not happen inside a transaction says so."""

from django.db import connection


def require_none(deed: str) -> None:
    """Raise ``RuntimeError`` inside ``atomic()``. A test case's own wrapping blocks do not count, as for
    ``atomic(durable=True)``."""
    if not connection.in_atomic_block:
        return
    blocks = getattr(connection, "atomic_blocks", [])
    if not blocks or not getattr(blocks[-1], "_from_testcase", False):
        raise RuntimeError(f"{deed} must be outside atomic()")
