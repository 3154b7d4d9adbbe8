"""Writing columns of a stored row that may have been deleted meanwhile."""

from django.db.models import Model

from identity.core.errors import ServiceError


def write(row: Model, *columns: str, gone: ServiceError) -> None:
    """Store these columns of the row, in one statement. Raises ``gone`` where the row is no longer there."""
    values = {column: getattr(row, column) for column in columns}
    if not type(row)._default_manager.filter(pk=row.pk).update(**values):
        raise gone
