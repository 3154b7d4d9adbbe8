"""Policy documents as they are stored."""

import json
from collections.abc import Mapping
from typing import Any

Document = str | Mapping[str, Any]


def text(document: Document) -> str:
    """A policy document as it is stored: text as given, anything else as JSON."""
    return document if isinstance(document, str) else json.dumps(document)
