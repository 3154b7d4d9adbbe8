"""The documentation against the code: written pages are fresh, citations and links lead somewhere, nothing is left out."""

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from identity.core import conf
from identity.wire import reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
COGNITO = DOCS / "reference" / "cognito"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Set by ``make run`` and by the supervisor for itself; nothing for operators.
OUR_OWN = {"IDENTITY_DEMO"}

_CITATION = re.compile(
    r"cognito/(?P<page>[a-z-]+) (?P<numbers>§\d+(?:(?: \([^)]*\))?(?:, | and | to )§\d+)*)", re.DOTALL
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_MODULE = re.compile(r"`([a-z_0-9]+)\.py`")


def sources() -> Iterator[Path]:
    for folder in ("identity", "portal", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path


def slug(heading: str) -> str:
    """A heading's anchor as the usual renderers make it."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def headings(page: Path) -> list[str]:
    text = _CODE.sub(lambda found: found[0].strip("`"), page.read_text(encoding="utf-8"))
    return [line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")]


def numbered(page: str) -> set[int]:
    text = (COGNITO / f"{page}.md").read_text(encoding="utf-8")
    return {int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)}


def cited(numbers: str) -> set[int]:
    """``§2 to §4 and §7`` as a set."""
    found: set[int] = set()
    for text in re.split(r", | and ", re.sub(r" \([^)]*\)", "", numbers)):
        first, *last = (int(number) for number in re.findall(r"\d+", text))
        found |= set(range(first, (last or [first])[0] + 1))
    return found


def test_the_pages_written_from_the_code_are_fresh():
    call_command("reference_docs", "--check")


def test_a_stale_page_is_told_and_mended(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    (tmp_path / "settings.md").write_text("old")
    with pytest.raises(
        CommandError, match=r"out of date: settings\.md, operations\.md, errors\.md, events\.md"
    ):
        call_command("reference_docs", "--check")
    assert (tmp_path / "settings.md").read_text() == "old"

    call_command("reference_docs", stdout=io.StringIO())

    call_command("reference_docs", "--check")
    assert "`MASTER_KEYS`" in (tmp_path / "settings.md").read_text()


def test_without_a_checkout_the_pages_are_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "gone")
    with pytest.raises(CommandError, match="a checkout's"):
        call_command("reference_docs")


def test_the_written_pages_have_every_operation_setting_and_event():
    pages = reference.pages()

    assert sum(line.startswith("| `") for line in pages["settings.md"].splitlines()) == len(
        fields(conf.Settings)
    )
    assert (
        len(set(re.findall(r"`([A-Z]\w+)`", pages["operations.md"])) - {"Name", "NotImplementedException"})
        >= 192
    )
    assert "`userpools:user:confirmed`" in pages["events.md"]
    assert "`Access to Identity '<identity_id>' is forbidden.`" in pages["errors.md"]


def test_every_setting_says_what_it_is():
    assert [each.name for each in fields(conf.Settings) if len(each.metadata.get("help", "")) < 20] == []


def test_every_citation_leads_to_a_section():
    lost, total = [], 0
    for path in sources():
        for found in _CITATION.finditer(path.read_text(encoding="utf-8")):
            total += 1
            missing = cited(found["numbers"]) - numbered(found["page"])
            lost += [f"{path.relative_to(ROOT)}: {found['page']} §{number}" for number in sorted(missing)]
    assert lost == []
    assert total > 30


def test_docstrings_cite_nothing_outside_of_the_project():
    outside = re.compile(r"(?<!docs/)\breference/[a-z-]+\.md|\breference, [a-z-]+ §")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if outside.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    lost = []
    for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in map(slug, headings(there))):
            lost.append(target)
    assert lost == []


def test_the_index_names_every_page():
    index = DOCS / "README.md"
    named = {
        (DOCS / target.partition("#")[0]).resolve()
        for target in _LINK.findall(index.read_text(encoding="utf-8"))
    }

    assert {
        str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page != index and page not in named
    } == set()


def test_decisions_are_numbered_without_gaps():
    numbers = [int(page.name[:3]) for page in sorted((DOCS / "decisions").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_in_the_pages_is_python(page):
    for block in _FENCE.findall(page.read_text(encoding="utf-8")):
        ast.parse(block)


def test_modules_named_in_the_architecture_are_there():
    text = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    lost, total = [], 0
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        package = re.match(r"identity\.(\w+)", section)
        for name in _MODULE.findall(section) if package else ():
            total += 1
            if not list((ROOT / "identity" / package[1]).rglob(f"{name}.py")):
                lost.append(f"identity.{package[1]}: {name}.py")
    assert lost == []
    assert total > 60


def variables_read() -> set[str]:
    """Names that ``env.…("NAME")`` in the site's settings, or ``environ.get("NAME")`` in the site, reads.

    Not of ``bootstrap.py``, which makes the virtual environment before there is a site.
    """
    names = set()
    for path in set((ROOT / "portal" / "site").glob("*.py")) - {ROOT / "portal" / "site" / "bootstrap.py"}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            receiver, first = ast.unparse(node.func.value), node.args[0]
            is_reading = receiver == "env" or (receiver.endswith("environ") and node.func.attr == "get")
            if is_reading and isinstance(first, ast.Constant) and isinstance(first.value, str):
                names.add(first.value)
    return names


def variables_told() -> set[str]:
    """Names in the first column of the README's table."""
    table = README.partition("| variable | default |")[2].partition("\n\n")[0]
    return (
        {name for line in table.splitlines() for name in re.findall(r"`([A-Z_]+)`", line.split("|")[1])}
        if table
        else set()
    )


def test_every_variable_of_the_site_is_in_the_readme():
    assert variables_read() - variables_told() - OUR_OWN == set()


def test_the_readme_has_no_variable_that_nobody_reads():
    assert variables_told() - variables_read() == set()
    assert len(variables_told()) > 20
