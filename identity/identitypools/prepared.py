"""Queries that the ORM writes once and that are then only run.

For the few that every unsigned call makes: having Django build a query costs several times what SQLite takes to answer it.
"""

from collections.abc import Callable
from typing import Any

from django.db import connections, router
from django.db.models import Model, QuerySet

Row = tuple[Any, ...]  # Any: columns as the database driver gives them, without Django's conversions
_MARK = "parameter {}"


class Prepared:
    """A query of text parameters. ``build`` makes it with the ORM, as rows of columns (``values_list``); only columns
    that need no conversion, or whose raw value is good enough, belong in it.
    """

    def __init__(self, model: type[Model], build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._model = model
        self._build = build
        self._written: dict[str, tuple[str, list[int]]] = {}

    def rows(self, *parameters: str) -> list[Row]:
        """Run the query."""
        alias = router.db_for_read(self._model)
        if alias not in self._written:
            self._written[alias] = self._write(alias, len(parameters))
        sql, order = self._written[alias]
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, [parameters[number] for number in order])
            return list(cursor.fetchall())

    def _write(self, alias: str, count: int) -> tuple[str, list[int]]:
        marks = [_MARK.format(number) for number in range(count)]
        sql, values = self._build(*marks).query.get_compiler(alias).as_sql()
        return sql, [marks.index(value) for value in values]
