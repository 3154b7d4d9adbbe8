"""What is promised of every page: light, of one origin, under a strict policy, for every width, size and colour."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect

from tests.browser import tour
from tests.browser.tour import give_name, give_password, heading, hosted
from tests.clients import people
from tests.races import PATIENCE
from tests.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("site"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]

Journey = Callable[[Page, Site], Iterator[str]]
PAGES: list[Journey] = [
    *[tour.signing_in, tour.signing_up, tour.recovering, tour.temporary, tour.by_link],
    *[tour.demo, tour.phone],
]
ADMIN: list[Journey] = [tour.admin, tour.admin_rest, tour.admin_deeds, tour.admin_role]
KILOBYTES_AT_MOST = 30
# Part of a page; what the phone app asks the APIs afterwards is its work, not its weight.
PARTS = {"Document", "Stylesheet", "Script", "Image", "Font"}

every_page = pytest.mark.parametrize("journey", PAGES, ids=lambda journey: journey.__name__)
every_page_and_admin = pytest.mark.parametrize("journey", PAGES + ADMIN, ids=lambda journey: journey.__name__)


class Wire:
    """What the page on show cost and where it came from, as the browser's network counts it, without its cache."""

    def __init__(self, page: Page) -> None:
        self.weight = 0
        self.elsewhere: list[str] = []
        self.document: Response | None = None
        self._kinds: dict[str, str] = {}
        page.on("request", self._asked)
        page.on("response", self._answered)
        network = page.context.new_cdp_session(page)
        network.on("Network.responseReceived", self._received)
        network.on("Network.loadingFinished", self._finished)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _asked(self, request: Request) -> None:
        if request.is_navigation_request():
            self.weight = 0
        self.elsewhere += [] if request.url.startswith("http://localhost:") else [request.url]

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self.document = response

    def _received(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"]

    def _finished(self, event: dict[str, Any]) -> None:
        if self._kinds.get(event["requestId"]) in PARTS:
            self.weight += int(event["encodedDataLength"])


def directives(response: Response) -> dict[str, set[str]]:
    parts = [part.split() for part in response.headers["content-security-policy"].split(";")]
    return {name: set(values) for name, *values in parts}


def unlike_the_policy(response: Response) -> list[str]:
    """Where a page or its policy is laxer than promised."""
    policy, body = directives(response), response.text()
    found = [
        name
        for name in ("default-src", "frame-ancestors", "base-uri", "object-src")
        if policy.get(name, policy["default-src"]) != {"'none'"}
    ]
    found += [
        name for name in ("script-src", "style-src", "img-src", "connect-src") if policy[name] != {"'self'"}
    ]
    found += [
        word for word in ("unsafe", "nonce-", "data:") if word in response.headers["content-security-policy"]
    ]
    return found + re.findall(
        r"<style|<script(?![^>]*\ssrc=)[^>]*>|<[^>]+\s(?:style|on\w+)=|javascript:", body
    )


@every_page
def test_a_page_weighs_at_most_thirty_kilobytes(site: Site, page: Page, journey: Journey) -> None:
    wire = Wire(page)
    heavy, seen = [], 0

    for screen in journey(page, site):
        page.wait_for_load_state("networkidle")
        seen += 1
        assert wire.weight > 1_000, screen  # it was measured
        if wire.weight > KILOBYTES_AT_MOST * 1_000:
            heavy.append(f"{screen}: {wire.weight} bytes")

    assert seen
    assert heavy == []


SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"


@every_page_and_admin
def test_a_page_is_of_one_origin_under_a_strict_policy(site: Site, page: Page, journey: Journey) -> None:
    wire, found = Wire(page), {}

    for screen in journey(page, site):
        assert wire.document, screen
        lax = unlike_the_policy(wire.document)
        page.wait_for_load_state(
            "load"
        )  # a heading can be seen before the last style sheet and script have come
        if page.evaluate(SIDEWAYS) > 0:
            lax.append("scrolls sideways on a phone")
        if lax:
            found[screen] = lax

    assert found == {}
    assert wire.elsewhere == []
    assert page.complaints == []  # type: ignore[attr-defined] - nothing was blocked, no script failed


# Boxes that hide a part of their text. Those for screen readers only, and fields, which scroll, are no loss.
CUT = """() => [...document.querySelectorAll("body *")].filter(box =>
  box.getClientRects().length && !box.closest(".away, pre, input, svg, dialog") &&
  getComputedStyle(box).overflow !== "visible" &&
  (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1)
).map(box => box.outerHTML.slice(0, 120))"""
BRIGHTNESS = """() => {
  const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}"""


def shortfalls(page: Page) -> list[str]:
    """What a screen lacks at some width, with large text, or in the dark; the page stays as it was."""
    found = []
    for width in (320, 1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        if page.evaluate(SIDEWAYS) > 0:
            found.append(f"scrolls sideways at {width} px")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if page.evaluate(SIDEWAYS) > 0:
        found.append("scrolls sideways with text at 200 %")
    found += [f"cut with text at 200 %: {box}" for box in page.evaluate(CUT)]
    page.evaluate("document.documentElement.style.fontSize = ''")
    if page.evaluate(BRIGHTNESS) < 0.9:
        found.append("not light where the system is")
    page.emulate_media(color_scheme="dark")
    if page.evaluate(BRIGHTNESS) > 0.15:
        found.append("not dark where the system is")
    page.emulate_media(color_scheme="light")
    return found


@every_page
def test_a_page_fits_every_width_size_and_colour(site: Site, page: Page, journey: Journey) -> None:
    found = {screen: lacks for screen in journey(page, site) if (lacks := shortfalls(page))}

    assert found == {}


RING = """() => {
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement);
  return { at: document.activeElement.outerHTML.slice(0, 100), isBody: document.activeElement === document.body,
           isVisible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && !/, 0\\)$/.test(outlineColor) };
}"""
STOPS = "a[href], button, input:not([type=hidden]), summary, [tabindex='0']"


@pytest.mark.parametrize(
    "path", ["/login", "/signup", "/forgotPassword", "/confirmforgotPassword", "/confirm"]
)
def test_the_focus_is_seen_on_every_stop_of_a_hosted_page(site: Site, page: Page, path: str) -> None:
    page.goto(hosted(site, path))
    check_rings(page)


@pytest.mark.parametrize("path", ["/", "/demo/mailbox", "/demo/app/"])
def test_the_focus_is_seen_on_every_stop_of_a_demo_page(site: Site, page: Page, path: str) -> None:
    page.goto(f"{site.base}{path}")
    check_rings(page)


def check_rings(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    count = page.locator(STOPS).locator("visible=true").count()
    assert count
    reached = []
    for _ in range(count):
        page.keyboard.press("Tab")
        ring = page.evaluate(RING)
        if ring["isBody"]:
            break
        reached.append(ring)
    assert reached
    assert [ring["at"] for ring in reached if not ring["isVisible"]] == []


def type_where_the_focus_is(page: Page, name: str, text: str) -> None:
    """Without a click: the page itself puts the focus there, a moment after it is to be seen."""
    expect(page.locator(f"input[name={name}]")).to_be_focused()
    page.keyboard.type(text)


def test_signing_in_needs_only_a_keyboard(site: Site, page: Page) -> None:
    ada = people.confirmed(site)
    page.goto(hosted(site, "/login"))

    type_where_the_focus_is(page, "username", ada.username)
    page.keyboard.press("Enter")
    heading(page, "Enter your password")
    type_where_the_focus_is(page, "password", "Wrong-passw0rd")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("don't match")
    type_where_the_focus_is(page, "password", ada.password)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # show it
    expect(page.get_by_role("button", name="Show password")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")

    expect(page.get_by_text("on the hosted pages")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "tokens"),
    [
        ("/login", {"username": "username"}),
        ("/signup", {"username": "username", "email": "email", "password": "new-password"}),
        ("/confirm", {"username": "username", "code": "one-time-code"}),
        ("/resendcode", {"username": "username"}),
        ("/forgotPassword", {"username": "username"}),
        (
            "/confirmforgotPassword",
            {"username": "username", "code": "one-time-code", "password": "new-password"},
        ),
    ],
)
def test_fields_say_what_a_browser_may_fill_in(
    site: Site, page: Page, path: str, tokens: dict[str, str]
) -> None:
    page.goto(hosted(site, path))

    assert autocomplete(page) == tokens


def test_a_password_manager_sees_name_and_password_together(site: Site, page: Page) -> None:
    page.goto(hosted(site, "/login"))
    give_name(page, "ada")

    assert autocomplete(page) == {"username": "username", "password": "current-password"}


def autocomplete(page: Page) -> dict[str, str]:
    fields = page.locator("form.form input:not([type=hidden])")
    pairs = fields.evaluate_all("fields => fields.map(each => [each.name, each.autocomplete])")
    return dict(pairs)


@pytest.fixture
def plain_page(chromium: Browser) -> Iterator[Page]:
    """A browser whose owner has switched scripts off."""
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(PATIENCE * 1000)
    yield context.new_page()
    context.close()


def test_the_whole_way_without_javascript(site: Site, plain_page: Page) -> None:
    screens = list(tour.signing_up(plain_page, site))
    assert screens[-1] == "confirmed, now the password"

    give_password(plain_page, "Corr3ct-horse")

    plain_page.wait_for_url(re.compile(r"/demo/app/\?code=[\w-]+&state=tour$"))


def test_a_forgotten_password_without_javascript(site: Site, plain_page: Page) -> None:
    screens = list(tour.recovering(plain_page, site))
    assert screens[-1] == "changed, now the password"

    give_password(plain_page, "Corr3ct-horse-2")

    plain_page.wait_for_url(re.compile(r"/demo/app/\?code=[\w-]+&state=tour$"))


def test_without_javascript_the_demo_says_what_works(site: Site, plain_page: Page) -> None:
    plain_page.goto(f"{site.base}/")
    for title in ("AWS CLI", "boto3", "Amplify", "OpenID"):
        expect(plain_page.get_by_role("heading", name=title, exact=True)).to_be_visible()

    plain_page.goto(f"{site.base}/demo/app/")
    # Chromium's switch stops scripts but shows no <noscript>, as a browser set so by its owner does.
    assert "needs JavaScript" in (plain_page.locator("noscript").text_content() or "")
