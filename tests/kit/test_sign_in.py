"""Signing in to a Django site by a user pool: the hosted pages and back, or a name and a password."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate, get_user_model
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client

from identity.core import clock
from identity.kit import checks, discovered, issuer_keys
from identity.kit.signin import accounts, code_flow, passwords
from identity.kit.signin.errors import SignInRefused
from tests.kit.wires import Wires, wires
from tests.portal.oauth_world import World, make_world
from tests.userpools.people import PASSWORD, get, invite

pytestmark = pytest.mark.core_suite

__all__ = ["wires"]

SITE, PORTAL = "http://localhost", "http://testserver"
BACKENDS = "identity.kit.signin.backends."


@pytest.fixture
def world(cognito: Any, wires: Wires, settings: Any) -> World:
    """A pool with ana, and a client that leads back to the site."""
    settings.ROOT_URLCONF = "tests.kit.pages"
    made = make_world(
        cognito,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        CallbackURLs=[f"{SITE}/accounts/callback/"],
        LogoutURLs=[f"{SITE}/goodbye"],
    )
    made.http = browser()
    return made


class Browser(Client):
    """Asks whom an address names, the site where it names none."""

    def generic(self, method: str, path: str, *args: Any, **more: Any) -> Any:
        parts = urlsplit(path)
        host = parts.netloc or urlsplit(SITE).netloc
        local = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return super().generic(method, local, *args, **{**more, "HTTP_HOST": host})


def browser(**options: Any) -> Client:
    return Browser(**options)


@pytest.fixture(autouse=True)
def site(settings: Any, world: World) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ["testserver", "acme.auth.testserver"]}
    settings.LOGIN_URL = "identity-sign-in:login"
    settings.LOGIN_REDIRECT_URL = "/private"
    settings.LOGOUT_REDIRECT_URL = "/goodbye"
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        f"{BACKENDS}UserPoolPasswordBackend",
    ]
    sign_in_by(settings, world)
    issuer_keys.forget()
    discovered.forget()


def sign_in_by(settings: Any, world: World, **changes: Any) -> None:
    settings.IDENTITY_KIT = {"SIGN_IN": {"ISSUER": issuer_of(world), "CLIENT_ID": world.client_id, **changes}}


def issuer_of(world: World) -> str:
    return f"{PORTAL}/{world.pool_id}"


def account(world: World, username: str = "ana") -> Any:
    """The Django user of a pool's user."""
    sub = get(world.cognito, world.pool_id, username)["UserAttributes"]
    (value,) = (each["Value"] for each in sub if each["Name"] == "sub")
    return get_user_model().objects.get(username=accounts.account_name(issuer_of(world), value))


def path_of(response: HttpResponse) -> str:
    """Where a redirect leads, without the site's own name."""
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"].removeprefix(SITE))


def query_of(path: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(path).query))


def to_callback(world: World, start: str = "/accounts/login/?next=/private") -> str:
    """The path of the callback that the hosted pages send the browser to, whose user they know."""
    if "cognito" not in world.http.cookies:
        world.know_browser()
    return path_of(world.http.get(path_of(world.http.get(start))))


def test_a_private_page_leads_by_the_hosted_pages_and_back(world: World) -> None:
    http = world.http
    hosted = path_of(http.get(path_of(http.get("/private"))))
    page = urljoin(hosted, path_of(http.get(hosted)))
    http.get(page)
    http.post(page, {"username": "ana"})
    callback = path_of(http.post(page, {"username": "ana", "password": PASSWORD}))
    back = path_of(http.get(callback))

    assert back == "/private"
    ana = account(world)
    assert http.get(back).content.decode() == f"{ana.username} ana@example.com"
    assert not ana.has_usable_password()
    assert not ana.is_staff


def test_what_the_hosted_pages_are_asked(world: World) -> None:
    asked = query_of(path_of(world.http.get("/accounts/login/")))

    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{SITE}/accounts/callback/"
    assert asked["scope"] == "openid email profile"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43


def test_the_second_sign_in_finds_the_same_account(world: World) -> None:
    world.http.get(to_callback(world))
    first = account(world)
    other = browser()
    world.http, before = other, world.http
    world.http.get(to_callback(world))

    assert account(world).pk == first.pk
    assert before.session["_auth_user_id"] == other.session["_auth_user_id"]


def test_an_account_is_never_found_by_mail_or_name(world: World) -> None:
    mine = get_user_model().objects.create_user("ana", "ana@example.com", "local")

    world.http.get(to_callback(world))

    assert account(world).pk != mine.pk


def test_an_account_that_somebody_prepared_is_not_shared(world: World) -> None:
    sub = str(world.user().sub)
    get_user_model().objects.create_user(accounts.account_name(issuer_of(world), sub), password="attackers")

    refused = world.http.get(to_callback(world))

    assert refused.status_code == 403
    assert "_auth_user_id" not in world.http.session


def test_an_account_that_the_host_switched_off_stays_out(world: World) -> None:
    world.http.get(to_callback(world))
    get_user_model().objects.filter(pk=account(world).pk).update(is_active=False)
    world.http = browser()

    assert world.http.get(to_callback(world)).status_code == 403


def test_the_same_sub_of_another_issuer_is_somebody_else() -> None:
    one, two = accounts.account_name("https://a/p", "sub"), accounts.account_name("https://b/p", "sub")

    assert one != two
    assert len(one) == 48


# State, nonce, code


def test_an_answer_counts_once(world: World) -> None:
    callback = to_callback(world)

    assert world.http.get(callback).status_code == 302
    again = world.http.get(callback)
    assert again.status_code == 403
    assert "expired or began elsewhere" in again.content.decode()


def test_an_answer_counts_only_in_the_browser_that_asked(world: World) -> None:
    callback = to_callback(world)

    victim = browser()

    assert victim.get(callback).status_code == 403
    assert "_auth_user_id" not in victim.session


def test_an_answer_that_comes_late_does_not_count(world: World) -> None:
    callback = to_callback(world)

    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert world.http.get(callback).status_code == 403


def test_a_code_of_another_sign_in_does_not_fit(world: World) -> None:
    """Nor its verifier: a code that was stolen from one sign-in can't be put into another."""
    one, two = to_callback(world), to_callback(world)
    mixed = {**query_of(one), "code": query_of(two)["code"]}

    assert world.http.get(f"/accounts/callback/?{urlencode(mixed)}").status_code == 403


def test_an_id_token_with_another_nonce_does_not_count(world: World) -> None:
    callback = to_callback(world)
    session = world.http.session
    pending = session[code_flow.PENDING]
    for each in pending.values():
        each["nonce"] = "another"
    session[code_flow.PENDING] = pending
    session.save()

    assert world.http.get(callback).status_code == 403


def test_an_answer_of_another_issuer_does_not_count(world: World) -> None:
    assert world.http.get(to_callback(world) + "&iss=https://evil.example").status_code == 403


@pytest.mark.parametrize(
    "query", ["", "state=x", "state=x&code=y", "code=y", "error=access_denied", "state=%00&code=%00"]
)
def test_invented_answers_are_refused_and_leave_no_session(world: World, query: str) -> None:
    visitor = browser()

    assert visitor.get(f"/accounts/callback/?{query}").status_code == 403
    assert not visitor.cookies.get("sessionid")


def test_a_refusal_by_the_pages_is_shown_as_such(world: World) -> None:
    state = query_of(path_of(world.http.get("/accounts/login/")))["state"]

    refused = world.http.get(f"/accounts/callback/?state={state}&error=access_denied&error_description=<b>")

    assert refused.status_code == 403
    assert "The sign-in was not completed." in refused.content.decode()
    assert "<b>" not in refused.content.decode()


def test_several_tabs_may_sign_in_and_old_ones_are_forgotten(world: World) -> None:
    tabs = [to_callback(world) for _ in range(6)]

    assert world.http.get(tabs[0]).status_code == 403
    assert world.http.get(tabs[5]).status_code == 302
    assert world.http.get(tabs[1]).status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "http:///evil.example",
    ],
)
def test_afterwards_nobody_is_sent_elsewhere(world: World, target: str) -> None:
    callback = to_callback(world, f"/accounts/login/?{urlencode({'next': target})}")

    assert world.http.get(callback)["Location"] == "/private"


def test_who_is_signed_in_and_may_not_is_not_sent_round(world: World) -> None:
    world.http.get(to_callback(world))

    refused = world.http.get("/accounts/login/?next=/private")

    assert refused.status_code == 403
    assert "signed in already" in refused.content.decode()
    assert path_of(world.http.get("/accounts/login/")) == "/private"


def test_a_pool_that_cannot_be_reached_is_said_to_be_so(world: World, wires: Wires) -> None:
    wires.is_cut = True

    answered = world.http.get("/accounts/login/")

    assert answered.status_code == 503
    assert "not possible at the moment" in answered.content.decode()


def test_a_sign_in_lasts_as_long_as_the_settings_say(world: World, settings: Any) -> None:
    sign_in_by(settings, world, SESSION_SECONDS=3600)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False) as at:
        world.http.get(to_callback(world))
        at.shift(3599)
        assert world.http.get("/private").status_code == 200
        at.shift(2)
        assert world.http.get("/private").status_code == 302


def test_signing_in_gives_the_session_a_new_key(world: World) -> None:
    callback = to_callback(world)
    before = world.http.cookies["sessionid"].value

    world.http.get(callback)

    assert world.http.cookies["sessionid"].value != before


def test_signing_out_ends_both_sessions(world: World) -> None:
    world.http.get(to_callback(world))

    assert world.http.get("/accounts/logout/").status_code == 405
    assert browser(enforce_csrf_checks=True).post("/accounts/logout/").status_code == 403
    hosted = path_of(world.http.post("/accounts/logout/"))
    assert path_of(world.http.get(hosted)) == "/goodbye"
    assert world.http.get("/private").status_code == 302
    assert "/login" in path_of(world.http.get(path_of(world.http.get("/accounts/login/"))))


def test_a_client_with_a_secret_proves_itself(world: World, settings: Any) -> None:
    made = world.cognito.create_user_pool_client(
        UserPoolId=world.pool_id,
        ClientName="with secret",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email", "profile"],
        CallbackURLs=[f"{SITE}/accounts/callback/"],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]
    world.client_id = made["ClientId"]
    sign_in_by(settings, world, CLIENT_SECRET=made["ClientSecret"])

    assert world.http.get(to_callback(world))["Location"] == "/private"
    assert authenticate(None, username="ana", password=PASSWORD) == account(world)
    sign_in_by(settings, world, CLIENT_SECRET="wrong")
    world.http = browser()
    assert world.http.get(to_callback(world)).status_code == 403
    assert authenticate(None, username="ana", password=PASSWORD) is None


# What an account gets of the pool


def with_groups(world: World, *names: str) -> None:
    for name in names:
        world.cognito.create_group(UserPoolId=world.pool_id, GroupName=name)
        world.cognito.admin_add_user_to_group(UserPoolId=world.pool_id, Username="ana", GroupName=name)


def test_groups_and_flags_follow_the_pool_at_each_sign_in(world: World, settings: Any) -> None:
    sign_in_by(settings, world, GROUPS={"writers": "Editors", "readers": "Readers"}, STAFF_GROUPS=["writers"])
    with_groups(world, "writers", "unmapped")
    world.http.get(to_callback(world))
    ana = account(world)
    ana.groups.add(Group.objects.create(name="By hand"))

    assert {each.name for each in ana.groups.all()} == {"Editors", "By hand"}
    assert (ana.is_staff, ana.is_superuser) == (True, False)

    world.cognito.admin_remove_user_from_group(UserPoolId=world.pool_id, Username="ana", GroupName="writers")
    world.http = browser()
    world.http.get(to_callback(world))

    ana = account(world)
    assert {each.name for each in ana.groups.all()} == {"By hand"}
    assert not ana.is_staff


def test_flags_that_are_not_mapped_are_the_hosts(world: World) -> None:
    world.http.get(to_callback(world))
    get_user_model().objects.filter(pk=account(world).pk).update(is_staff=True)
    world.http = browser()
    world.http.get(to_callback(world))

    assert account(world).is_staff


def test_an_address_that_nobody_proved_is_not_taken_over(world: World) -> None:
    world.cognito.admin_update_user_attributes(
        UserPoolId=world.pool_id,
        Username="ana",
        UserAttributes=[
            {"Name": "email", "Value": "boss@example.com"},
            {"Name": "email_verified", "Value": "false"},
            {"Name": "given_name", "Value": "Ana"},
            {"Name": "family_name", "Value": "x" * 151},
        ],
    )
    world.http.get(to_callback(world))

    ana = account(world)
    assert (ana.email, ana.first_name, ana.last_name) == ("", "Ana", "")


def own_account(issuer: str, claims: Any) -> Any:
    return get_user_model().objects.get_or_create(username=f"own-{claims['cognito:username']}")[0]


def test_a_host_may_keep_whose_account_is_whose_itself(world: World, settings: Any) -> None:
    sign_in_by(settings, world, USER="tests.kit.test_sign_in.own_account")

    assert authenticate(None, username="ana", password=PASSWORD).get_username() == "own-ana"  # type: ignore[union-attr]


# By name and password


def reason(username: str, password: str, rf: Any) -> str:
    request = rf.post("/form/")
    assert authenticate(request, username=username, password=password) is None
    return str(request.identity_sign_in_refusal)


def test_a_password_of_the_pool_opens_the_hosts_own_form(world: World) -> None:
    http = browser()

    answered = http.post("/form/", {"username": "ana", "password": PASSWORD})

    assert answered.status_code == 302
    assert http.get("/private").content.decode() == f"{account(world).username} ana@example.com"


def test_local_passwords_go_on(world: World, wires: Wires) -> None:
    get_user_model().objects.create_user("root", password="local")

    assert authenticate(None, username="root", password="local") is not None
    assert wires.asked == []


@pytest.mark.parametrize("backend", ["UserPoolBackend", "UserPoolPasswordBackend"])
def test_local_passwords_are_not_these_backends_async_neither(
    world: World, settings: Any, backend: str
) -> None:
    settings.AUTHENTICATION_BACKENDS = [f"{BACKENDS}{backend}"]
    get_user_model().objects.create_user("root", password="local")

    for asked in (authenticate, async_to_sync(aauthenticate)):
        assert asked(None, username="root", password="local") is None
        by_pool = asked(None, username="ana", password=PASSWORD)
        assert (by_pool is not None) == (backend == "UserPoolPasswordBackend")


def test_what_a_refused_sign_in_is_told(world: World, rf: Any, wires: Wires) -> None:
    wrong = "Name and password don't match."
    assert reason("ana", "Wrong-passw0rd", rf) == wrong
    assert reason("nobody", PASSWORD, rf) == wrong
    assert reason("a" * 3000, "x", rf) == wrong
    wires.is_cut = True
    assert reason("ana", PASSWORD, rf) == "Signing in is not possible at the moment."


@pytest.mark.parametrize(("name", "password"), [("\0", "x"), ("ana", "\ud800")])
def test_what_is_no_text_is_no_password(world: World, wires: Wires, name: str, password: str) -> None:
    with pytest.raises(SignInRefused, match="match"):
        passwords.prove(name, password)
    assert wires.asked == []


def test_a_pool_that_wants_more_than_a_password_is_not_content_with_one(world: World, rf: Any) -> None:
    invite(world.cognito, world.pool_id, "bob", TemporaryPassword=PASSWORD)

    assert reason("bob", PASSWORD, rf).startswith("This account needs more than a password")
    assert get_user_model().objects.count() == 0


def test_a_disabled_user_stays_out(world: World, rf: Any) -> None:
    world.cognito.admin_disable_user(UserPoolId=world.pool_id, Username="ana")

    assert reason("ana", PASSWORD, rf) == "Name and password don't match."


# Settings


@pytest.mark.parametrize(
    ("kit", "found"),
    [
        ({}, "identity_kit.E007"),
        ({"SIGN_IN": {"ISSUER": "https://id.example/p"}}, "identity_kit.E001"),
        ({"SIGN_IN": {"ISSUER": "http://id.example/p", "CLIENT_ID": "c"}}, "identity_kit.E001"),
        ({"SIGN_IN": {"ISSUER": "http://10.0.0.7/p", "CLIENT_ID": "c"}}, "identity_kit.E001"),
        (
            {"SIGN_IN": {"ISSUER": "https://id.example/p", "CLIENT_ID": "c", "API_URL": "http://10.0.0.7/"}},
            "identity_kit.E001",
        ),
        (
            {"SIGN_IN": {"ISSUER": "https://id.example/p", "CLIENT_ID": "c", "SCOPES": ["email"]}},
            "identity_kit.E001",
        ),
        (
            {"SIGN_IN": {"ISSUER": "https://id.example/p", "CLIENT_ID": "c", "USER": "no.such"}},
            "identity_kit.E009",
        ),
        (
            {"SIGN_IN": {"ISSUER": "https://id.example/p", "CLIENT_ID": "c", "SESSION_SECONDS": 0}},
            "identity_kit.E001",
        ),
        ({"ISSUERS": ["https://id.example/p"], "CLIENT": "c"}, "identity_kit.E001"),
    ],
)
def test_bad_settings_are_said_at_start(settings: Any, kit: dict[str, Any], found: str) -> None:
    settings.IDENTITY_KIT = kit

    assert [each.id for each in checks.check_settings()] == [found]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "localhost", "10.0.0.8", "id.lan"])
def test_passwords_travel_in_clear_on_this_machine_and_to_listed_hosts(settings: Any, host: str) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ["10.0.0.8", "id.lan"]}
    settings.IDENTITY_KIT = {"SIGN_IN": {"ISSUER": f"http://{host}/p", "CLIENT_ID": "c"}}

    assert checks.check_settings() == []


def test_a_backend_and_its_settings_belong_together(settings: Any) -> None:
    assert checks.check_settings() == []
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]

    assert [each.id for each in checks.check_settings()] == ["identity_kit.E008"]
