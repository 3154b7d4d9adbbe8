"""A web process that serves no GraphQL doesn't pay for it."""

import subprocess
import sys

PROGRAM = """
import sys
import portal.site.wsgi
import django.urls
django.urls.get_resolver().url_patterns
import identity.kit.graphql.views
for name in ("strawberry", "graphql", "channels"):
    if name in sys.modules:
        print(name)
"""


def test_neither_strawberry_nor_channels_is_imported_before_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout == ""
