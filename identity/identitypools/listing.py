"""Pages of a list as the wire asks for them: ``core.paging`` with this service's error."""

from identity.core import paging
from identity.identitypools.errors import InvalidParameter

page = paging.Pager(lambda: InvalidParameter("Invalid NextToken.")).page
"""Raises InvalidParameter for a token that is spoilt, too old, or another query's."""
