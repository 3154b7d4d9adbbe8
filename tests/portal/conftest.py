"""Fixtures that the tests of the portal share with those of user pools."""

from tests.userpools.conftest import needs_postgres, triggers

__all__ = ["needs_postgres", "triggers"]
