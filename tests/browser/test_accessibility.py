"""axe on every page, at a phone's and a desk's width, in light and in dark: not one finding."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser import tour
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("site"),
    # What the browser gets does not depend on the database.
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]

AXE = next(Path(axe_playwright_python.__file__).parent.glob("axe.min.js")).read_text()
WIDTHS = (390, 1280)
# The preload would fetch the style sheets once more and trip over the policy; it changes no rule that is used.
OPTIONS: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
# Another colour scheme changes colours only: the other rules would find again what they found in the light.
OF_COLOUR = {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}

# Of rows that one template makes, the fifth says nothing that the first four don't; and axe looks at each for long.
ALIKE = {
    "exclude": [
        *["#result_list tbody tr:nth-child(n+5)", ".mails > li:nth-child(n+5)"],
        "#nav-sidebar .module:nth-of-type(n+3)",
    ]
}
RUN = """([context, options]) => {
  document.getAnimations().forEach((animation) => animation.finish());  // colours that are on their way
  return axe.run(context, options).then((found) => found.violations);
}"""

Journey = Callable[[Page, Site], Iterator[str]]


def findings(page: Page, screen: str) -> list[str]:
    """What axe has to say of the screen in its four shapes; the page stays as it was."""
    found: list[str] = []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        for scheme, options in (("light", OPTIONS), ("dark", OF_COLOUR)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            violations = page.evaluate(RUN, [ALIKE, options])
            found += [
                f"{screen} at {width} px, {scheme}: {each['id']} at {[node['target'] for node in each['nodes']]}"
                for each in violations
            ]
    page.set_viewport_size({"width": WIDTHS[0], "height": 844})
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize(
    "journey",
    [
        *[tour.signing_in, tour.signing_up, tour.recovering, tour.temporary, tour.by_link],
        *[tour.demo, tour.phone, tour.admin, tour.admin_deeds, tour.admin_role],
    ],
    ids=lambda journey: journey.__name__,
)
def test_axe_finds_nothing(site: Site, page: Page, journey: Journey) -> None:
    found = [finding for screen in journey(page, site) for finding in findings(page, screen)]

    assert found == []


def test_axe_does_find_what_is_wrong(page: Page, site: Site) -> None:
    page.goto(f"{site.base}/nobody/knows/this")
    page.evaluate("document.querySelector('h1').style.color = '#999'; document.body.prepend(new Image())")

    found = " ".join(findings(page, "spoiled"))

    assert "color-contrast" in found
    assert "image-alt" in found
