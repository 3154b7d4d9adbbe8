"""What a database can store as text, whichever it is."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether it has neither a NUL, which PostgreSQL refuses, nor half a surrogate pair, which no encoding has."""
    return _UNSTORABLE.search(text) is None
