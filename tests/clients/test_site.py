"""The tests' own ``Site``."""

from pathlib import Path

import pytest

from tests.site import Site


def test_a_start_waits_for_its_own_word_not_for_an_earlier_ones(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("Serving at http://localhost:1\n")

    with pytest.raises(RuntimeError, match="the site did not start"):
        Site(tmp_path, {"DATABASE_URL": "nonsense"}).start()
