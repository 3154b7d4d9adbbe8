"""What the how-to says works as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest

from identity.kit import graphql
from tests.kit.graphql import world

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "graphql.md"

pytestmark = pytest.mark.django_db


def block(word: str) -> str:
    blocks = re.findall(
        r"^```python\n(.*?)^```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    (found,) = [each for each in blocks if word in each]
    return str(found)


def test_its_schema_and_its_api(pool: Any) -> None:
    # A module of its own, for strawberry looks types up by their module's names.
    names: dict[str, Any] = {"__name__": "builtins"}
    exec(block("strawberry.Schema("), names)  # noqa: S102 - our own page
    exec(block("notes_api = "), names)  # noqa: S102
    assert names["notes_api"].arn("Query", "myNotes").endswith("apis/notes/types/Query/fields/myNotes")

    api = graphql.Api(id="notes", schema=names["schema"], default=world.POOLS, additional=[world.KEYS])
    with world.served(api):
        answer = world.post("{ myNotes { owner } }", {"Authorization": pool.token("ada")}).json()
        public = world.post("{ publicNotes { owner } }", {"x-api-key": world.KEY}).json()

    assert answer == {"data": {"myNotes": [{"owner": "ada"}]}}
    assert public == {"data": {"publicNotes": []}}
