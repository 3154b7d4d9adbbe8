"""The whole way as a person goes it, in the phone app and on the hosted pages."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.clients.people import Person, somebody
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("site")]


def mailed_code(context: BrowserContext, site: Site, person: Person, *, unlike: str = "") -> str:
    """The newest code in the mailbox page, which a person would open in another tab."""
    site.mailed_code(person.email, unlike=unlike)  # waits until the worker delivered
    mailbox = context.new_page()
    mailbox.goto(f"{site.base}/demo/mailbox?to={person.email}")
    found = re.search(r"\b\d{6}\b", mailbox.locator("main").inner_text())
    assert found
    mailbox.close()
    return found[0]


def sign_up_on_hosted_pages(page: Page, context: BrowserContext, site: Site, person: Person) -> str:
    """Returns the code that was mailed."""
    page.goto(f"{site.base}/demo/app/")
    page.get_by_role("button", name="Sign in on the hosted pages").click()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Create account").click()
    code = mailed_code(context, site, person)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()
    return code


def enter_password(page: Page, person: Person, password: str | None = None) -> None:
    page.get_by_role("textbox").first.fill(person.username)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(password or person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_phone_app_goes_from_sign_up_to_notes(site: Site, page: Page, context: BrowserContext) -> None:
    ada = somebody()

    page.goto(f"{site.base}/demo/app/")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Username").fill(ada.username)
    page.get_by_label("Email").fill(ada.email)
    page.get_by_label("Password", exact=True).fill(ada.password)
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Code").fill(mailed_code(context, site, ada))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("Write a note").click()
    page.get_by_label("Title").fill("Shopping")
    page.get_by_label("Text").fill("Bread, coffee, the blue paint.")
    page.get_by_role("button", name="Save note").click()

    expect(page.get_by_role("heading", name="Shopping")).to_be_visible()
    expect(page.get_by_text("refused", exact=True)).to_be_visible()
    page.get_by_role("button", name="Why?").click()
    expect(page.get_by_text("AccessDenied")).to_be_visible()
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_guest_reads_public_notes_and_is_refused_private_ones(site: Site, page: Page) -> None:
    page.goto(f"{site.base}/demo/app/")
    page.get_by_role("button", name="Look around as a guest").click()

    expect(page.get_by_text("allowed").first).to_be_visible()
    expect(page.get_by_text("refused").first).to_be_visible()
    assert page.complaints == []  # type: ignore[attr-defined]


def test_hosted_pages_sign_up_sign_in_recover_and_sign_out(
    site: Site, page: Page, context: BrowserContext
) -> None:
    ada = somebody()

    # Sign up with the mailed code; the code flow with PKCE ends in the app, signed in
    first_code = sign_up_on_hosted_pages(page, context, site, ada)
    page.get_by_label("Password", exact=True).fill(ada.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("on the hosted pages")).to_be_visible()

    # Sign out ends the browser's session too: the next sign-in asks again
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in on the hosted pages").click()
    enter_password(page, ada, "Wrong-passw0rd")
    expect(page.get_by_role("alert")).to_contain_text("match")
    page.get_by_role("link", name="Forgot password?").click()

    # Forgotten password: a code by mail, a new password, signed in with it
    page.get_by_role("textbox").first.fill(ada.username)
    page.get_by_role("button", name="Send code").click()
    page.get_by_label("Code").fill(mailed_code(context, site, ada, unlike=first_code))
    page.get_by_label("New password", exact=True).fill("Corr3ct-horse-2")
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("Password", exact=True).fill("Corr3ct-horse-2")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("on the hosted pages")).to_be_visible()
    assert page.complaints == []  # type: ignore[attr-defined]
