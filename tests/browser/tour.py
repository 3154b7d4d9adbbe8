"""Every page that a browser can see, reached as a person reaches it.

Each journey is a generator: it brings the page to a screen, yields the screen's name, and goes on from there when
asked for the next. What is checked on a screen must leave it as it was.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.clients import notes, people
from tests.clients.people import Person
from tests.site import Site

HOSTED = {
    "response_type": "code",
    "client_id": people.CLIENT,
    "scope": "openid email profile",
    "state": "tour",
}
OPERATOR = "admin"
MAIN_MODELS = (
    *["identity_userpools/userpool", "identity_userpools/userpoolclient", "identity_userpools/user"],
    *["identity_userpools/usersession", "identity_identitypools/identitypool"],
    *["identity_identitypools/identity", "identity_iam/role", "identity_iam/user", "identity_iam/accesskey"],
    *["identity_core/outboxmessage", "identity_core/event"],
)


def hosted(site: Site, path: str) -> str:
    """The address of a hosted page, for a sign-in that ends in the phone app."""
    return f"{site.base}/demo{path}?{urlencode({**HOSTED, 'redirect_uri': f'{site.base}/demo/app/'})}"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def heading(page: Page, text: str) -> None:
    """Wait until the page with this heading is there."""
    expect(page.get_by_role("heading", level=1, name=text, exact=True)).to_be_visible()


def give_name(page: Page, name: str) -> None:
    page.get_by_role("textbox").first.fill(name)
    press(page, "Continue")
    heading(page, "Enter your password")


def give_password(page: Page, password: str) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")


def sign_up(page: Page, person: Person) -> None:
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    press(page, "Create account")
    heading(page, "Check your email")


# The hosted pages


def signing_in(page: Page, site: Site) -> Iterator[str]:
    ada = people.confirmed(site)
    page.goto(hosted(site, "/login"))
    yield "sign in"
    press(page, "Continue")
    expect(page.get_by_role("alert")).to_contain_text("Fill this in")
    yield "sign in without a name"
    give_name(page, ada.username)
    yield "password"
    give_password(page, "Wrong-passw0rd")
    expect(page.get_by_role("alert")).to_contain_text("don't match")
    yield "wrong password"


def signing_up(page: Page, site: Site) -> Iterator[str]:
    ada = people.somebody()
    page.goto(hosted(site, "/resendcode"))
    yield "resend"
    page.goto(hosted(site, "/confirm"))
    yield "confirm without a name"
    page.goto(hosted(site, "/signup"))
    yield "sign up"
    page.get_by_label("Username").fill(ada.username)
    page.get_by_label("Password", exact=True).fill("short")
    press(page, "Create account")
    expect(page.get_by_role("alert")).to_contain_text("Email")
    yield "sign up with errors"
    sign_up(page, ada)
    yield "confirm"
    page.get_by_label("Code").fill("000000")
    press(page, "Confirm")
    expect(page.get_by_role("alert")).to_contain_text("doesn't fit")
    yield "wrong code"
    page.get_by_label("Code").fill(site.mailed_code(ada.email))
    press(page, "Confirm")
    heading(page, "Enter your password")
    yield "confirmed, now the password"


def recovering(page: Page, site: Site) -> Iterator[str]:
    ada = people.confirmed(site)
    first_code = site.mailed_code(ada.email)
    page.goto(hosted(site, "/confirmforgotPassword"))
    yield "reset without a name"
    page.goto(hosted(site, "/forgotPassword"))
    yield "forgot"
    page.get_by_role("textbox").first.fill(ada.username)
    press(page, "Send code")
    heading(page, "Choose a new password")
    yield "reset"
    page.get_by_label("Code").fill("000000")
    page.get_by_label("New password", exact=True).fill("Corr3ct-horse-2")
    press(page, "Change password")
    expect(page.get_by_role("alert")).to_contain_text("doesn't fit")
    yield "reset with a wrong code"
    page.get_by_label("Code").fill(site.mailed_code(ada.email, unlike=first_code))
    page.get_by_label("New password", exact=True).fill("Corr3ct-horse-2")
    press(page, "Change password")
    heading(page, "Enter your password")
    yield "changed, now the password"


def temporary(page: Page, site: Site) -> Iterator[str]:
    """An account made by an administrator, with a password that has to be replaced."""
    ada = people.somebody()
    people.admin(site).admin_create_user(
        UserPoolId=people.POOL,
        Username=ada.username,
        TemporaryPassword="Temp0rary-horse",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[
            {"Name": "email", "Value": ada.email},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    page.goto(hosted(site, "/login"))
    give_name(page, ada.username)
    give_password(page, "Temp0rary-horse")
    heading(page, "Choose a new password")
    yield "new password"
    page.get_by_label("New password", exact=True).fill("short")
    press(page, "Save and sign in")
    expect(page.get_by_role("alert")).to_contain_text("longer")
    yield "new password with an error"


def by_link(page: Page, site: Site) -> Iterator[str]:
    """What answers without a form: links of mails, refused requests, addresses without a page."""
    ada, client = people.somebody(), people.app(site)
    client.sign_up(
        ClientId=people.CLIENT,
        Username=ada.username,
        Password=ada.password,
        UserAttributes=[{"Name": "email", "Value": ada.email}],
    )
    link = {
        "client_id": people.CLIENT,
        "user_name": ada.username,
        "confirmation_code": site.mailed_code(ada.email),
    }
    page.goto(f"{site.base}/demo/confirmUser?{urlencode(link)}")
    heading(page, "Your account is confirmed")
    yield "confirmed by link"
    page.goto(f"{site.base}/demo/confirmUser?{urlencode({**link, 'confirmation_code': '000000'})}")
    yield "link of no use"
    page.goto(f"{site.base}/demo/error?error=redirect_mismatch")
    yield "error"
    page.goto(f"{site.base}/nobody/knows/this")
    heading(page, "There's no page here")
    yield "no page"


# The demo's own pages


def demo(page: Page, site: Site) -> Iterator[str]:
    page.goto(f"{site.base}/")
    yield "start page"
    page.goto(f"{site.base}/demo/mailbox?to=nobody@example.com")
    yield "empty mailbox"
    people.confirmed(site)
    page.goto(f"{site.base}/demo/mailbox")
    yield "mailbox"


def phone(page: Page, site: Site) -> Iterator[str]:
    ada = people.somebody()
    page.goto(f"{site.base}/demo/app/")
    heading(page, "Notes")
    yield "phone: start"
    press(page, "Sign in")
    yield "phone: sign in"
    page.get_by_label("Email or username").fill("nobody")
    give_password(page, "Wrong-passw0rd")
    expect(page.get_by_role("alert")).not_to_be_empty()
    yield "phone: wrong password"
    press(page, "Back")
    press(page, "Create an account")
    yield "phone: sign up"
    sign_up(page, ada)
    yield "phone: confirm"
    page.get_by_label("Code").fill(site.mailed_code(ada.email))
    press(page, "Confirm")
    expect(page.get_by_text("refused", exact=True)).to_be_visible()
    yield "phone: no notes yet"
    page.get_by_text("Write a note").click()
    yield "phone: write a note"
    page.get_by_label("Title").fill("Shopping")
    page.get_by_label("Text").fill("Bread, coffee, the blue paint.")
    press(page, "Save note")
    expect(page.get_by_role("heading", name="Shopping")).to_be_visible()
    yield "phone: notes"
    for step in ("Signed in", "Tokens", "Identity", "Credentials"):
        press(page, f"Look inside {step}")
        yield f"phone: inside {step}"
        press(page, "Close")
    press(page, "Why?")
    yield "phone: why refused"
    press(page, "Close")
    press(page, "Sign out")
    press(page, "Look around as a guest")
    expect(page.get_by_text("refused").first).to_be_visible()
    yield "phone: guest"


# The admin


def enter_admin(page: Page, site: Site) -> None:
    page.goto(f"{site.base}/admin/")
    page.get_by_label("Username").fill(OPERATOR)
    page.get_by_label("Password").fill(operators_password(site))
    press(page, "Log in")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()


def operators_password(site: Site) -> str:
    """As the terminal shows it."""
    found = re.search(r"^\s*Admin .* admin / (\S+)$", site.output, re.MULTILINE)
    assert found
    return found[1]


def admin(page: Page, site: Site) -> Iterator[str]:
    ada = people.confirmed(site)
    people.app(site).initiate_auth(
        ClientId=people.CLIENT,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": ada.username, "PASSWORD": ada.password},
    )
    people.app(site, "cognito-identity").get_id(IdentityPoolId=people.IDENTITY_POOL)
    page.goto(f"{site.base}/admin/")
    yield "admin: log in"
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    press(page, "Log in")
    yield "admin: log in refused"
    enter_admin(page, site)
    yield "admin: index"
    for model in MAIN_MODELS:
        page.goto(f"{site.base}/admin/{model}/")
        yield f"admin: list of {model}"
        page.locator("#result_list tbody th a").first.click()
        page.wait_for_load_state()
        yield f"admin: one {model}"


def admin_rest(page: Page, site: Site) -> Iterator[str]:
    """Each list that isn't a main model's, filtered where it has filters."""
    enter_admin(page, site)
    links = page.locator("#content-main th a").evaluate_all("links => links.map(link => link.href)")
    rest = [link for link in links if not link.rstrip("/").endswith(MAIN_MODELS)]
    assert len(rest) > 10
    for address in rest:
        page.goto(address)
        name = "/".join(address.rstrip("/").split("/")[-2:])
        filters = page.locator("#changelist-filter li:not(.selected) a")
        if filters.count():
            filters.first.click()
            page.wait_for_load_state()
        yield f"admin: list of {name}"


def admin_deeds(page: Page, site: Site) -> Iterator[str]:
    """The admin's pages beyond looking: what asks once, what shows a new secret, forms to add."""
    ada = people.confirmed(site)
    enter_admin(page, site)
    page.goto(f"{site.base}/admin/identity_userpools/user/?q={ada.username}")
    page.get_by_role("link", name=ada.username).click()
    press(page, "Delete…")
    heading(page, "Delete users?")
    yield "admin: asks once"
    page.goto(f"{site.base}/admin/identity_iam/role/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="May it …?").click()
    page.get_by_label("Action").fill("notes:Read")
    press(page, "Ask")
    expect(page.get_by_role("heading", level=2, name="No, denied")).to_be_visible()
    yield "admin: may it"
    page.goto(f"{site.base}/admin/identity_iam/role/add/")
    yield "admin: add a role"
    page.goto(f"{site.base}/admin/identity_iam/accesskey/add/")
    yield "admin: add an access key"
    page.get_by_role("combobox").first.click()
    page.get_by_role("option").first.click()
    press(page, "Save")
    heading(page, "Access key created")
    yield "admin: new access key"
    page.goto(f"{site.base}/admin/password_change/")
    yield "admin: change the password"


def admin_role(page: Page, site: Site) -> Iterator[str]:
    """Which role somebody gets of the identity pool, and why."""
    ada = people.confirmed(site)
    token = notes.tokens(site, ada)["IdToken"]
    enter_admin(page, site)
    page.goto(f"{site.base}/admin/identity_identitypools/identitypool/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="Which role, and why").click()
    heading(page, "Which role, and why")
    yield "admin: which role"
    press(page, "Explain")
    expect(page.get_by_text("Paste the token.")).to_be_visible()
    yield "admin: which role, unasked"
    page.get_by_label("ID token").fill(token)
    press(page, "Explain")
    expect(page.get_by_role("heading", name="Gets the role")).to_be_visible()
    yield "admin: the role of a token"
    page.get_by_label("ID token").fill(token[:-8])
    press(page, "Explain")
    expect(page.get_by_role("heading", name="Refused: NotAuthorizedException")).to_be_visible()
    yield "admin: a token refused"
